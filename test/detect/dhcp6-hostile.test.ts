/** What senders of DHCPv6 get up to: malformed, in fragments, too much. */
import fc from "fast-check";
import t from "tap";
import type { Dhcp6Config } from "../../src/config/lures.ts";
import { dhcp6, dnsServers, domainList, serverId } from "../wire/answers6.ts";
import { hex, UDP, udp } from "../wire/frames.ts";
import {
	answer,
	charges,
	createRogues,
	EVIL,
	firstFragment,
	GOOD,
} from "./rogues6.ts";
import { EVIL_ID, GOOD_ID, goodOffer as good, offer } from "./samples6.ts";

t.test("malformed: an alert where somebody answered at all", async (t) => {
	const cases: [string, Buffer, object][] = [
		["nothing", hex(""), { message: "unreadable message", details: {} }],
		["half a header", hex("0212"), { message: "advertise", details: {} }],
		[
			"a lying length",
			dhcp6(2, serverId(EVIL_ID), hex("0017 ffff fe80")),
			{
				message: "advertise",
				details: { server: EVIL_ID },
			},
		],
		[
			"a relay's empty reply",
			hex("0d"),
			{ message: "relay-reply", details: {} },
		],
	];
	for (const [name, bytes, expected] of cases) {
		const rogues = createRogues();
		rogues.see(0, good);
		rogues.see(1, answer(EVIL, bytes));
		rogues.see(2, answer(GOOD, bytes.subarray(0, 2)));
		t.match(
			rogues.alerts,
			[{ technique: "dhcp6", note: "malformed", ...expected }],
			name,
		);
		t.equal(rogues.alerts.length, 1, "the known one's MAC address is enough");
	}
	const alone = createRogues();
	alone.see(0, answer(EVIL, dhcp6(2)));
	t.match(alone.alerts, [{ technique: "dhcp6", details: {} }], "no server id");
	t.equal(alone.known.all().length, 0);
});

t.test("in fragments, where nothing is read but who sent it", async (t) => {
	const datagram = udp(547, 546, offer(GOOD_ID, dnsServers(EVIL.from)));
	const rogues = createRogues();
	rogues.see(0, good);
	rogues.see(1, firstFragment(GOOD, UDP, datagram));
	t.same(charges(rogues), []);
	rogues.see(60_000, firstFragment(EVIL, UDP, datagram));
	t.match(rogues.alerts, [
		{
			technique: "dhcp6",
			message: "unreadable message",
			details: {},
			note: "in fragments, not read",
		},
	]);
});

t.test(
	"whatever is said is told in printable characters, shortly",
	async (t) => {
		const domains = Array.from({ length: 9 }, (_, i) => `\x1b[2J"${i}\xff`);
		const dns = Array.from({ length: 9 }, (_, i) => `2001:db8::${i + 1}`);
		const rogues = createRogues({ servers: [] });
		rogues.see(
			0,
			answer(
				EVIL,
				offer("aa".repeat(130), dnsServers(...dns), domainList(...domains)),
			),
		);
		t.match(rogues.alerts, [
			{
				details: {
					server: `${"aa".repeat(30)}a...`,
					dns: "2001:db8::1,2001:db8::2,2001:db8::3,+6",
					domain: '\\x1b[2J"0\\xff,\\x1b[2J"1\\xff,\\x1b[2J"2\\xff,+6',
				},
			},
		]);
	},
);

t.test("a listed MAC address may bear any name; few are kept", async (t) => {
	const rogues = createRogues({ servers: [{ mac: GOOD.mac }] });
	for (let i = 0; i < 1000; i++)
		rogues.see(
			i,
			answer(GOOD, offer(`0002${i.toString(16).padStart(4, "0")}`)),
		);
	t.same(charges(rogues), []);
	t.equal(rogues.known.all().length, 16);
});

t.test("random answers: no exception, told at most once each", async () => {
	const body = fc.uint8Array({ maxLength: 400 }).map((b) => Buffer.from(b));
	const list = fc.constantFrom<Dhcp6Config["servers"][]>(
		undefined,
		[],
		[{ duid: GOOD_ID }],
		[{ mac: EVIL.mac }],
	);
	fc.assert(
		fc.property(list, fc.array(body, { maxLength: 10 }), (servers, bodies) => {
			const rogues = createRogues({ servers });
			for (const [i, bytes] of bodies.entries()) {
				rogues.see(i, answer(EVIL, bytes));
				rogues.see(i, answer(EVIL, dhcp6(2, bytes)));
			}
			const isPrintable = /^[\x20-\x7e]*$/.test(JSON.stringify(rogues.alerts));
			return isPrintable && rogues.alerts.length <= 2 * bodies.length;
		}),
		{ numRuns: 500 },
	);
});
