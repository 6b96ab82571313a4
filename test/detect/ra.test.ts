import t from "tap";
import { prefix, ra, rdnss, sourceMac } from "../wire/answers6.ts";
import { START } from "./drive.ts";
import {
	advertise,
	charges,
	createRogues,
	EVIL,
	type From,
	GOOD,
} from "./rogues6.ts";
import { goodRouter as good, usual } from "./samples6.ts";

const evil = usual(EVIL);
const goodbye = (from: From) => advertise(from, ra({ lifetime: 0 }));

t.test(
	"without a list the first is learned, every further one rings",
	async (t) => {
		const rogues = createRogues();
		rogues.see(0, good);
		t.strictSame(rogues.alerts, []);
		t.strictSame(rogues.known.all(), [
			{
				kind: "ra",
				interface: "eth0",
				vlan: -1,
				ip: "fe80::2",
				mac: "02:00:00:00:00:02",
				facts: {
					rdnss: "2001:db8::53",
					prefix: "2001:db8::/64",
					lladdr: "02:00:00:00:00:02",
					flags: "O",
					route: "yes",
				},
				first: START,
			},
		]);
		rogues.see(1, evil);
		t.strictSame(rogues.alerts, [
			{
				time: START + 1,
				interface: "eth0",
				kind: "rogue-ra",
				carrier: "ipv6-icmp",
				technique: "ra",
				message: "router advertisement",
				details: {
					lifetime: 1800,
					flags: "O",
					preference: "medium",
					prefix: "2001:db8::/64",
					rdnss: "2001:db8::53",
					domain: "example.org",
					lladdr: "02:00:00:00:00:66",
				},
				source: { ip: "fe80::66", mac: "02:00:00:00:00:66" },
				destination: { ip: "ff02::1" },
			},
		]);
		rogues.see(2, good);
		rogues.see(3, evil);
		rogues.finish(4);
		t.same(charges(rogues).slice(1), ["ra 02:00:00:00:00:66 x1"], "folded");
		rogues.see(5, usual({ ...EVIL, vlan: 9 }));
		t.equal(rogues.known.all().length, 2, "each VLAN has its own");
	},
);

t.test(
	"a list: by address, by MAC address, by both; two routers",
	async (t) => {
		for (const routers of [
			[{ ip: GOOD.from }],
			[{ mac: GOOD.mac }],
			[{ ip: GOOD.from, mac: GOOD.mac }],
		]) {
			const rogues = createRogues({ routers });
			rogues.see(0, evil);
			rogues.see(1, good);
			rogues.see(2, goodbye(GOOD));
			t.same(
				charges(rogues),
				["ra 02:00:00:00:00:66"],
				JSON.stringify(routers),
			);
		}
		const both = createRogues({
			routers: [{ ip: GOOD.from }, { mac: EVIL.mac }],
		});
		both.see(0, evil);
		both.see(1, good);
		t.same(charges(both), []);
		const none = createRogues({ routers: [] });
		none.see(0, good);
		t.same(charges(none), ["ra 02:00:00:00:00:02"], "no router may be there");
	},
);

t.test("a known router's address from another MAC address", async (t) => {
	const stolen = { ...GOOD, mac: EVIL.mac };
	for (const routers of [
		undefined,
		[{ ip: GOOD.from }],
		[{ ip: GOOD.from, mac: GOOD.mac }],
	])
		for (const frame of [usual(stolen), goodbye(stolen)]) {
			const rogues = createRogues({ routers });
			rogues.see(0, good);
			rogues.see(1, frame);
			t.match(rogues.alerts, [
				{
					technique: "impersonation",
					source: { ip: "fe80::2", mac: "02:00:00:00:00:66" },
					details: { expected: "02:00:00:00:00:02" },
				},
			]);
			t.equal(rogues.alerts.length, 1);
		}
});

t.test(
	"a frame that claims the known MAC address, but names another",
	async (t) => {
		const rogues = createRogues({
			routers: [{ ip: GOOD.from, mac: GOOD.mac }],
		});
		rogues.see(0, good);
		rogues.see(1, advertise(GOOD, ra({}, sourceMac(EVIL.mac))));
		t.match(rogues.alerts, [
			{
				technique: "impersonation",
				details: { lladdr: "02:00:00:00:00:66", expected: "02:00:00:00:00:02" },
			},
		]);
		t.equal(rogues.alerts.length, 1);
	},
);

t.test(
	"a known router: goodbyes are silent, other DNS servers ring",
	async (t) => {
		for (const routers of [undefined, [{ mac: GOOD.mac }]]) {
			const rogues = createRogues({ routers });
			rogues.see(0, advertise(GOOD, ra({}, prefix("2001:db8::", 64))));
			rogues.see(1, usual(GOOD));
			rogues.see(2, goodbye(GOOD));
			rogues.see(
				3,
				advertise(
					GOOD,
					ra({ lifetime: 0, flags: 0xc0 }, rdnss(0, "2001:db8::99")),
				),
			);
			rogues.see(
				4,
				advertise(GOOD, ra({ lifetime: 0 }, rdnss(600, "2001:db8::53"))),
			);
			t.same(charges(rogues), [], "a lifetime of 0 takes a server back");
			rogues.see(5, usual(GOOD, "fe80::66"));
			rogues.see(6, usual(GOOD, "fe80::66"));
			t.match(rogues.alerts, [
				{
					technique: "option-hijack",
					details: { rdnss: "fe80::66", expected: "2001:db8::53" },
				},
			]);
			t.equal(rogues.alerts.length, 1, "folded");
			t.match(
				rogues.known.all(),
				[{ facts: { rdnss: "2001:db8::53" } }],
				"not learned",
			);
		}
	},
);

t.test("DNS or DHCP, but no route", async (t) => {
	const cases: [string, Buffer, object][] = [
		[
			"mitm6",
			ra({ hopLimit: 0, flags: 0xc8, lifetime: 0 }),
			{
				tool: "mitm6",
				details: { lifetime: 0, flags: "MO", preference: "high" },
			},
		],
		[
			"Responder",
			ra({ lifetime: 0 }, rdnss(1800, EVIL.from)),
			{
				tool: "responder",
				details: { lifetime: 0, preference: "medium", rdnss: "fe80::66" },
			},
		],
		[
			"another's server",
			ra({ lifetime: 0 }, rdnss(60, "2001:db8::66")),
			{
				tool: undefined,
				details: { rdnss: "2001:db8::66" },
			},
		],
	];
	for (const [name, message, expected] of cases)
		for (const routers of [undefined, [{ ip: GOOD.from }]]) {
			const rogues = createRogues({ routers });
			rogues.see(0, advertise(EVIL, message));
			rogues.see(1, good);
			t.match(rogues.alerts, [{ technique: "no-router", ...expected }], name);
			t.equal(rogues.alerts.length, 1);
			t.equal(
				rogues.alerts[0]?.note,
				routers ? undefined : "if it is yours, name it in [ra] routers",
			);
			t.match(rogues.known.all(), [{ ip: GOOD.from }], "the other is learned");
		}
	const listed = createRogues({ routers: [{ mac: EVIL.mac }] });
	listed.see(0, advertise(EVIL, ra({ lifetime: 0 }, rdnss(60, EVIL.from))));
	t.same(charges(listed), [], "an access point without an uplink");
});

t.test("pretender is a router, with a preference", async (t) => {
	const rogues = createRogues();
	rogues.see(0, good);
	rogues.see(
		1,
		advertise(
			EVIL,
			ra({ hopLimit: 0, flags: 0xc8, lifetime: 180 }, sourceMac(EVIL.mac)),
		),
	);
	t.match(rogues.alerts, [{ technique: "ra", tool: "pretender" }]);
});

t.test(
	"a stranger's goodbye: nothing to learn, but a word where others are known",
	async (t) => {
		const rogues = createRogues();
		rogues.see(0, goodbye(EVIL));
		t.same([charges(rogues), rogues.known.all()], [[], []]);
		rogues.see(1, good);
		rogues.see(2, goodbye(EVIL));
		t.same(charges(rogues), ["ra 02:00:00:00:00:66"]);
	},
);
