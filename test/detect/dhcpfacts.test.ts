/** What a DHCP server names: changed, new, cut to fit. */
import t from "tap";
import { createDhcpAsked } from "../../src/detect/dhcpasked.ts";
import type { DhcpEntry } from "../../src/wire/dhcp.ts";
import {
	ACK,
	CLIENT,
	createTrial,
	DNS,
	entry,
	FAR,
	LISTED,
	offer,
	RELAY,
	ROGUE,
	ROUTER,
	rogue,
	type Said,
	SERVER,
	SERVER_MAC,
	text,
	told,
	wpad,
} from "./dhcptrial.ts";

t.test("another DNS, router or proxy than before", async (t) => {
	const table: [
		name: string,
		before: DhcpEntry[],
		after: DhcpEntry[],
		changes: object | undefined,
	][] = [
		[
			"dns",
			[DNS, ROUTER],
			[entry(6, ROGUE), ROUTER],
			{ was: "dns 192.0.2.53", now: `dns ${ROGUE}` },
		],
		[
			"router and dns",
			[DNS, ROUTER],
			[entry(6, "192.0.2.53", ROGUE), entry(3, ROGUE)],
			{
				was: `dns 192.0.2.53; router ${RELAY}`,
				now: `dns 192.0.2.53,${ROGUE}; router ${ROGUE}`,
			},
		],
		[
			"wpad",
			[wpad("http://a/wpad.dat")],
			[wpad("http://b/wpad.dat")],
			{ was: "wpad http://a/wpad.dat", now: "wpad http://b/wpad.dat" },
		],
		["fewer options", [DNS, ROUTER], [DNS], undefined],
		["none", [DNS, ROUTER], [], undefined],
		["more, which nobody asked for before", [DNS], [DNS, ROUTER], undefined],
		[
			"the same in another order",
			[entry(6, "192.0.2.53", "192.0.2.54")],
			[entry(6, "192.0.2.54", "192.0.2.53")],
			undefined,
		],
		["a zero behind it", [wpad("http://a/")], [wpad("http://a/\0")], undefined],
	];
	for (const setting of [LISTED, {}])
		for (const [name, before, after, changes] of table) {
			const { alerts, say } = createTrial(setting);
			say({ ...offer, options: before });
			say({ type: ACK, options: after });
			say({ type: ACK, options: before });
			if (changes === undefined) t.same(alerts, [], name);
			else {
				t.equal(alerts.length, 1, name);
				t.match(alerts[0], {
					technique: "option-hijack",
					message: "ack",
					source: { ip: SERVER, mac: SERVER_MAC },
					details: { ...changes, server: SERVER, address: CLIENT },
				});
			}
		}
});

t.test("a hijack doesn't become normal by itself", async (t) => {
	const trial = createTrial(LISTED);
	const hijacked = { ...offer, options: [entry(6, ROGUE), wpad("http://x/")] };
	for (const said of [offer, hijacked, hijacked, offer, hijacked])
		trial.say(said);
	t.equal(trial.keys.length, 3);
	t.equal(trial.alerts.length, 1);
	t.match(trial.known.all(), [{ facts: { dns: "192.0.2.53", router: RELAY } }]);
	t.equal(trial.known.all()[0]?.facts.wpad, undefined);
});

t.test("what our own question for all was not told is new later", async (t) => {
	const appears = { ...offer, options: [DNS, ROUTER, wpad("http://x/")] };
	const trial = createTrial(LISTED);
	trial.asked.add(5);
	trial.say({ ...offer, xid: 5 });
	t.match(trial.known.all(), [{ facts: { wpad: "none" } }]);
	trial.say(appears);
	t.match(trial.alerts, [
		{ technique: "option-hijack", details: { was: "wpad none" } },
	]);
	const inform = createTrial(LISTED);
	inform.asked.add(5);
	inform.say({ ...offer, type: ACK, xid: 5 });
	inform.say(appears);
	t.same(inform.alerts, [], "an answer to INFORM may have less");
});

t.test("questions that are remembered: the last ones", async (t) => {
	const asked = createDhcpAsked();
	for (let xid = 0; xid < 300; xid++) asked.add(xid);
	t.same(
		[0, 43, 44, 299].map((xid) => asked.has(xid)),
		[false, false, true, true],
	);
});

t.test("only what clients are told counts", async (t) => {
	const config = { servers: [{ ip: SERVER }], relays: [RELAY, FAR] };
	const to = (relay: string): Said => ({
		...offer,
		dport: 67,
		to: relay,
		fields: { giaddr: relay },
		options: [entry(3, relay)],
	});
	t.same(told({ config }, to(RELAY), to(FAR), offer), []);
});

t.test("Responder by its offers", async (t) => {
	const toolOf = (...options: DhcpEntry[]) => {
		const { alerts, say } = createTrial(LISTED);
		say({ ...rogue, options });
		return alerts[0]?.tool;
	};
	const lease = (seconds: number): DhcpEntry => [
		51,
		Uint8Array.of(0, 0, 0, seconds),
	];
	const nowhere = entry(6, "0.0.0.0", "0.0.0.0");
	const local: DhcpEntry = [15, text("local")];
	t.equal(toolOf(lease(10), nowhere), "responder");
	t.equal(toolOf(lease(19), local, wpad("http://x/")), "responder");
	t.equal(toolOf(lease(9), nowhere), undefined);
	t.equal(toolOf(lease(20), nowhere), undefined);
	t.equal(toolOf(lease(15), local), undefined);
});

t.test("a long list and a long text are cut", async (t) => {
	const { alerts, say } = createTrial(LISTED);
	const many = Array.from({ length: 50 }, (_, i) => `192.0.2.${i}`);
	say({
		...rogue,
		options: [
			entry(6, ...many),
			wpad("x".repeat(2000)),
			[15, text("\x1b".repeat(99))],
		],
	});
	const { dns, wpad: url, domain } = alerts[0]?.details ?? {};
	t.equal(
		dns,
		"192.0.2.0,192.0.2.1,192.0.2.2,192.0.2.3,192.0.2.4,192.0.2.5,192.0.2.6,192.0.2.7,+42",
	);
	t.equal(String(url).length, 128);
	t.ok(String(domain).length <= 64);
});
