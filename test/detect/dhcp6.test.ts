import t from "tap";
import {
	dhcp6,
	dnsServers,
	iaAddress,
	iaNa,
	relayed,
	serverId,
} from "../wire/answers6.ts";
import { START } from "./drive.ts";
import { answer, charges, createRogues, EVIL, GOOD } from "./rogues6.ts";
import { EVIL_ID, GOOD_ID, goodOffer as good, offer } from "./samples6.ts";

const evil = answer(EVIL, offer(EVIL_ID, dnsServers("2001:db8::66")));

t.test(
	"without a list the first is learned, every further one rings",
	async (t) => {
		const rogues = createRogues();
		rogues.see(0, good);
		t.strictSame(rogues.alerts, []);
		t.strictSame(rogues.known.all(), [
			{
				kind: "dhcp6",
				interface: "eth0",
				vlan: -1,
				ip: "fe80::2",
				mac: "02:00:00:00:00:02",
				id: GOOD_ID,
				facts: { dns: "2001:db8::53", domain: "example.org" },
				first: START,
			},
		]);
		rogues.see(1, evil);
		t.strictSame(rogues.alerts, [
			{
				time: START + 1,
				interface: "eth0",
				kind: "rogue-dhcp",
				carrier: "udp",
				technique: "dhcp6",
				message: "advertise",
				details: {
					server: EVIL_ID,
					address: "2001:db8::7",
					dns: "2001:db8::66",
					preferred: 3600,
					valid: 7200,
					t1: 1800,
					t2: 2880,
				},
				source: { ip: "fe80::66", port: 547, mac: "02:00:00:00:00:66" },
				destination: { ip: "fe80::c" },
			},
		]);
		rogues.see(2, good);
		rogues.see(3, evil);
		rogues.see(
			4,
			answer(EVIL, dhcp6(7, serverId(EVIL_ID), dnsServers("2001:db8::66"))),
		);
		rogues.finish(5);
		t.same(charges(rogues).slice(1), ["dhcp6 02:00:00:00:00:66 x2"], "folded");
		t.equal(rogues.known.all().length, 1);
	},
);

t.test("each VLAN has its own", async (t) => {
	const rogues = createRogues();
	rogues.see(0, good);
	rogues.see(1, answer({ ...EVIL, vlan: 7 }, offer(EVIL_ID)));
	rogues.see(2, answer({ ...GOOD, vlan: 7 }, offer(GOOD_ID)));
	t.match(rogues.alerts, [
		{ technique: "dhcp6", vlan: 7, source: { ip: "fe80::2" } },
	]);
	t.equal(rogues.alerts.length, 1);
});

t.test("a list: by DUID, by MAC address, by both", async (t) => {
	for (const servers of [
		[{ duid: GOOD_ID }],
		[{ mac: GOOD.mac }],
		[{ duid: GOOD_ID, mac: GOOD.mac }],
	]) {
		const rogues = createRogues({ servers });
		rogues.see(0, evil);
		rogues.see(1, good);
		rogues.see(2, answer(GOOD, dhcp6(10, serverId(GOOD_ID))));
		t.same(
			charges(rogues),
			["dhcp6 02:00:00:00:00:66"],
			JSON.stringify(servers),
		);
	}
	const none = createRogues({ servers: [] });
	none.see(0, good);
	t.same(charges(none), ["dhcp6 02:00:00:00:00:02"], "nobody may answer");
});

t.test("a known server's DUID from another MAC address", async (t) => {
	const stolen = answer(
		{ ...GOOD, mac: EVIL.mac },
		offer(GOOD_ID, dnsServers("fe80::66")),
	);
	for (const servers of [
		undefined,
		[{ duid: GOOD_ID }],
		[{ duid: GOOD_ID, mac: GOOD.mac }],
	]) {
		const rogues = createRogues({ servers });
		rogues.see(0, good);
		rogues.see(1, stolen);
		t.match(rogues.alerts, [
			{
				technique: "impersonation",
				source: { ip: "fe80::2", mac: "02:00:00:00:00:66" },
				details: {
					server: GOOD_ID,
					dns: "fe80::66",
					expected: "02:00:00:00:00:02",
				},
			},
		]);
		t.equal(rogues.alerts.length, 1);
	}
});

t.test("other DNS servers than before", async (t) => {
	for (const servers of [undefined, [{ duid: GOOD_ID }]]) {
		const rogues = createRogues({ servers });
		rogues.see(0, answer(GOOD, offer(GOOD_ID)));
		rogues.see(
			1,
			answer(GOOD, offer(GOOD_ID, dnsServers("2001:db8::53", "2001:db8::54"))),
		);
		rogues.see(
			2,
			answer(GOOD, offer(GOOD_ID, dnsServers("2001:db8::54", "2001:db8::53"))),
		);
		rogues.see(3, answer(GOOD, offer(GOOD_ID)));
		t.same(charges(rogues), [], "another order, or none told, is no change");
		const changed = answer(GOOD, offer(GOOD_ID, dnsServers("2001:db8::66")));
		rogues.see(4, changed);
		rogues.see(5, changed);
		t.match(rogues.alerts, [
			{
				technique: "option-hijack",
				details: { dns: "2001:db8::66", expected: "2001:db8::53,2001:db8::54" },
			},
		]);
		t.equal(rogues.alerts.length, 1, "folded");
		t.match(
			rogues.known.all(),
			[{ facts: { dns: "2001:db8::53,2001:db8::54" } }],
			"not learned",
		);
	}
});

/** What the tools answer a SOLICIT, as their sources have it. */
const mitm6 = answer(
	EVIL,
	dhcp6(
		2,
		serverId(EVIL_ID),
		dnsServers(EVIL.from),
		iaNa(1, 200, 250, iaAddress("fe80::10:0:0:7", 300, 300)),
	),
);
const responder = answer(
	EVIL,
	dhcp6(
		2,
		serverId(EVIL_ID),
		dnsServers(EVIL.from),
		iaNa(1, 200, 250, iaAddress("fe80::1:7", 400, 500)),
	),
);
const pretender = answer(
	EVIL,
	dhcp6(
		2,
		serverId(EVIL_ID),
		dnsServers(EVIL.from),
		iaNa(1, 45, 50, iaAddress("fe80::8000:200:0:c", 60, 60)),
	),
);

t.test("a link-local address rings whoever hands it out", async (t) => {
	for (const servers of [undefined, [{ duid: GOOD_ID }], [{ duid: EVIL_ID }]])
		for (const [tool, frame] of [
			["mitm6", mitm6],
			["responder", responder],
			["pretender", pretender],
		] as const) {
			const rogues = createRogues({ servers });
			rogues.see(0, frame);
			t.match(rogues.alerts, [{ technique: "link-local", tool }]);
			t.equal(rogues.alerts.length, 1);
			t.equal(rogues.known.all().length, 0, "and isn't learned");
		}
});

t.test("one's own link-local address as DNS server", async (t) => {
	const own = answer(
		EVIL,
		dhcp6(7, serverId(EVIL_ID), dnsServers("2001:db8::53", EVIL.from)),
	);
	const rogues = createRogues();
	rogues.see(0, own);
	rogues.see(1, good);
	t.match(rogues.alerts, [
		{
			technique: "dns-sender",
			message: "reply",
			details: { server: EVIL_ID, dns: "2001:db8::53,fe80::66" },
			note: "if it is yours, name it in [dhcp6] servers",
		},
	]);
	t.match(rogues.known.all(), [{ id: GOOD_ID }], "the other one is learned");
	const unlisted = createRogues({ servers: [{ duid: GOOD_ID }] });
	unlisted.see(0, own);
	t.same(charges(unlisted), ["dns-sender 02:00:00:00:00:66"]);
	t.notOk(unlisted.alerts[0]?.note);
	const listed = createRogues({ servers: [{ duid: EVIL_ID }] });
	listed.see(0, own);
	t.same(charges(listed), [], "a home router that is listed");
});

t.test("what else has to do with these ports", async (t) => {
	const rogues = createRogues({ servers: [] });
	rogues.see(0, answer({ ...EVIL, sport: 40_000 }, dhcp6(1)));
	rogues.see(1, answer({ ...EVIL, sport: 546, dport: 547 }, dhcp6(1)));
	rogues.see(
		2,
		answer({ ...EVIL, sport: 547, dport: 547 }, relayed(offer(EVIL_ID))),
	);
	t.same(charges(rogues), [], "a probe, a client, a server to a relay");
	rogues.see(3, answer({ ...EVIL, sport: 40_000 }, offer(EVIL_ID)));
	t.match(
		rogues.alerts,
		[{ technique: "dhcp6", source: { port: 40_000 } }],
		"clients take an answer from any port",
	);
});

t.test("a relay's reply to a client is looked into", async (t) => {
	const rogues = createRogues();
	rogues.see(
		0,
		answer(
			EVIL,
			relayed(
				dhcp6(7, serverId(EVIL_ID), iaNa(1, 1, 2, iaAddress("fe80::1", 3, 4))),
			),
		),
	);
	t.match(rogues.alerts, [
		{
			technique: "link-local",
			message: "reply",
			details: { address: "fe80::1" },
		},
	]);
});
