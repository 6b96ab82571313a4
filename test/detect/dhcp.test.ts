/** DHCP servers: who is listed, who was learned, who only pretends. */
import t from "tap";
import {
	ACK,
	CLIENT,
	createTrial,
	entry,
	FAR,
	FORCERENEW,
	LEASE,
	LISTED,
	MASK,
	NAK,
	OFFER,
	offer,
	RELAY,
	RELAY_MAC,
	ROGUE,
	ROGUE_MAC,
	rogue,
	type Said,
	SERVER,
	SERVER_MAC,
	START,
	text,
	told,
	wpad,
} from "./dhcptrial.ts";

const ROGUE_TOLD = `dhcp offer ${ROGUE} ${ROGUE_MAC}`;

t.test("a server that is not in the list, with all it says", async (t) => {
	const { alerts, say, known } = createTrial(LISTED);
	say({
		...rogue,
		to: CLIENT,
		vlan: 7,
		options: [
			LEASE,
			MASK,
			entry(3, ROGUE),
			entry(6, ROGUE, "192.0.2.67"),
			[15, text("evil\n.example")],
			wpad("http://192.0.2.66/wpad.dat\0"),
		],
		fields: { siaddr: ROGUE, file: text("pxe.0") },
	});
	t.same(alerts, [
		{
			kind: "rogue-dhcp",
			time: START,
			interface: "eth0",
			vlan: 7,
			carrier: "udp",
			technique: "dhcp",
			source: { ip: ROGUE, port: 67, mac: ROGUE_MAC },
			message: "offer",
			destination: { ip: CLIENT },
			details: {
				server: ROGUE,
				address: CLIENT,
				lease: 3600,
				mask: "255.255.255.0",
				router: ROGUE,
				dns: "192.0.2.66,192.0.2.67",
				domain: "evil\\x0a.example",
				wpad: "http://192.0.2.66/wpad.dat",
				"next-server": ROGUE,
				"boot-file": "pxe.0",
			},
		},
	]);
	t.same(known.all(), [], "it isn't learned");
});

t.test("listed: the first MAC address that is heard for it", async (t) => {
	const stolen = { ...offer, mac: ROGUE_MAC };
	const accused = `impersonation offer ${SERVER} ${ROGUE_MAC}`;
	t.same(told(LISTED, offer, stolen, offer), [accused]);
	const withMac = { servers: [{ ip: SERVER, mac: SERVER_MAC }] };
	t.same(told({ config: withMac }, stolen, offer), [accused]);
	t.same(
		told(LISTED, { ...rogue, id: SERVER }),
		[`impersonation offer ${ROGUE} ${ROGUE_MAC}`],
		"its id from another address",
	);
	t.same(
		told(LISTED, { ...offer, id: ROGUE }),
		[`dhcp offer ${SERVER} ${SERVER_MAC}`],
		"its address with another id",
	);
	const trial = createTrial(LISTED);
	for (const said of [offer, offer, { ...offer, type: ACK }]) trial.say(said);
	t.same(trial.known.all(), [
		{
			kind: "dhcp",
			interface: "eth0",
			vlan: -1,
			ip: SERVER,
			mac: SERVER_MAC,
			id: SERVER,
			facts: { dns: "192.0.2.53", router: RELAY },
			first: START,
		},
	]);
	t.equal(trial.changes(), 2, "learned, then what it tells");
	t.same(
		told({ ...LISTED, initial: [...trial.known.all()] }, stolen),
		[accused],
		"after a restart",
	);
});

t.test("listed with an id that isn't its address", async (t) => {
	const setting = { config: { servers: [{ ip: SERVER, id: FAR }] } };
	t.same(told(setting, { ...offer, id: FAR }), []);
	t.same(told(setting, { ...offer, id: "" }), [], "without option 54");
	t.same(told(setting, { ...offer, from: FAR, id: FAR }), []);
	t.same(told(setting, offer), [`dhcp offer ${SERVER} ${SERVER_MAC}`]);
	const twins = [
		{ ip: SERVER, mac: SERVER_MAC, id: FAR },
		{ ip: RELAY, mac: RELAY_MAC, id: FAR },
	];
	t.same(
		told(
			{ config: { servers: twins } },
			{ ...offer, id: FAR },
			{ ...offer, from: RELAY, mac: RELAY_MAC, id: FAR },
			{ ...offer, from: RELAY, mac: SERVER_MAC, id: FAR },
		),
		[`impersonation offer ${RELAY} ${SERVER_MAC}`],
		"two with one id",
	);
});

/** What a relay brings of a server behind it. */
const relayed: Said = {
	type: OFFER,
	from: RELAY,
	mac: RELAY_MAC,
	id: FAR,
	fields: { giaddr: RELAY },
};

t.test("through a relay that is listed", async (t) => {
	const config = { servers: [{ ip: FAR, mac: SERVER_MAC }], relays: [RELAY] };
	t.same(told({ config }, relayed, { ...relayed, type: ACK }), []);
	t.same(
		told({ config }, relayed, { ...relayed, mac: ROGUE_MAC }),
		[`impersonation offer ${RELAY} ${ROGUE_MAC}`],
		"the relay from another MAC address",
	);
	t.same(
		told({ config }, { ...relayed, id: ROGUE }),
		[`dhcp offer ${RELAY} ${RELAY_MAC}`],
		"a server behind it that isn't listed",
	);
	const direct: Said = { type: ACK, from: FAR, mac: RELAY_MAC };
	t.same(told({ config }, relayed, direct), [], "a renewal over the router");
	t.same(told({ config }, relayed, { ...direct, mac: ROGUE_MAC }), [
		`impersonation ack ${FAR} ${ROGUE_MAC}`,
	]);
	t.same(
		told(
			{ config },
			{ ...relayed, from: FAR, mac: ROGUE_MAC, dport: 67, to: RELAY },
		),
		[],
		"a server to its relay, over whatever router",
	);
	t.same(
		told({ config }, relayed, { ...relayed, from: FAR, mac: ROGUE_MAC }),
		[`impersonation offer ${FAR} ${ROGUE_MAC}`],
		"a relay's address in giaddr doesn't help",
	);
});

t.test("through a relay that is not listed", async (t) => {
	const { alerts, say } = createTrial({ config: { servers: [{ ip: FAR }] } });
	say(relayed);
	t.match(alerts, [
		{
			technique: "impersonation",
			source: { ip: RELAY, mac: RELAY_MAC },
			details: { server: FAR, relay: RELAY, address: CLIENT },
			note: `if ${RELAY} is a relay of yours, list it in [dhcp] relays`,
		},
	]);
});

t.test("without a list: the first is learned, others ring", async (t) => {
	t.same(told({}, offer, offer, rogue, offer, rogue), [ROGUE_TOLD]);
	t.same(
		told({}, rogue, offer),
		[`dhcp offer ${SERVER} ${SERVER_MAC}`],
		"whoever was first",
	);
	t.same(
		told(
			{},
			offer,
			{ ...offer, mac: ROGUE_MAC },
			{ ...rogue, id: SERVER },
			{ ...offer, mac: ROGUE_MAC, id: ROGUE },
		),
		[
			`impersonation offer ${SERVER} ${ROGUE_MAC}`,
			`impersonation offer ${ROGUE} ${ROGUE_MAC}`,
			`dhcp offer ${SERVER} ${ROGUE_MAC}`,
		],
	);
	const trial = createTrial();
	trial.say({ ...offer, options: [] });
	t.match(trial.known.all(), [{ ip: SERVER, mac: SERVER_MAC, id: SERVER }]);
	t.equal(trial.known.all().length, 1);
	for (const said of [{ type: FORCERENEW }, { type: 13 }])
		t.equal(told({}, said).length, 1, "what hands out nothing teaches nothing");
	t.same(told({}, { type: NAK }, offer, { id: "" }), [], "a NAK, BOOTP");
});

t.test("without a list, over a relay or a router", async (t) => {
	const direct: Said = { type: ACK, from: FAR, mac: RELAY_MAC };
	t.same(told({}, relayed, direct, relayed), []);
	t.same(told({ config: { relays: [RELAY] } }, relayed, direct), []);
	t.same(told({}, relayed, { ...direct, mac: ROGUE_MAC }), [
		`impersonation ack ${FAR} ${ROGUE_MAC}`,
	]);
	t.same(told({}, relayed, { ...relayed, id: ROGUE }), [
		`dhcp offer ${RELAY} ${RELAY_MAC}`,
	]);
});

t.test("VLANs are apart, and each key names its own", async (t) => {
	const trial = createTrial();
	for (const vlan of [10, 20])
		for (const said of [
			offer,
			rogue,
			{ ...rogue, type: ACK },
			{ ...rogue, id: FAR },
		])
			trial.say({ ...said, vlan });
	t.same(
		trial.alerts.map(({ vlan, source }) => `${vlan} ${source.ip}`),
		[`10 ${ROGUE}`, `10 ${ROGUE}`, `20 ${ROGUE}`, `20 ${ROGUE}`],
		"an offer and an ack are the same thing, another id is not",
	);
	t.equal(trial.keys.length, 6);
	t.same(
		trial.known.all().map(({ vlan }) => vlan),
		[10, 20],
	);
	trial.say({ ...rogue, vlan: 30 });
	t.equal(trial.alerts.length, 4, "the first of a third VLAN is learned");
});

t.test("a link without MAC addresses", async (t) => {
	const trial = createTrial(LISTED);
	const mute = "00:00:00:00:00:00";
	trial.say({ ...offer, mac: mute });
	trial.say({ ...rogue, mac: mute });
	t.match(trial.alerts, [{ technique: "dhcp", source: { ip: ROGUE } }]);
	t.equal(trial.alerts.length, 1);
});

t.test("no room for another server: it rings", async (t) => {
	const trial = createTrial();
	for (let vlan = 0; vlan < 257; vlan++) trial.say({ ...offer, vlan });
	t.match(trial.alerts, [
		{
			technique: "dhcp",
			vlan: 256,
			note: "too many servers are known to remember this one: see tocsin learned",
		},
	]);
	t.equal(trial.alerts.length, 1);
});
