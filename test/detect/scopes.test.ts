/** Whose packets are judged. */
import t from "tap";
import {
	accepts,
	brief,
	connect,
	createWatcher,
	datagram,
	EVIL,
	HOST,
	init,
	nmap,
	OTHER,
	paced,
	ping,
	range,
	refuses,
	type Setting,
	type Timed,
	told,
	whoHas,
} from "./drive.ts";

const seen = (traffic: readonly Timed[], setting: Setting = {}) =>
	told(traffic, setting).map(brief);

t.test("host: our own addresses; segment: everybody's", async (t) => {
	const foreign: Timed[] = [
		...paced(
			0,
			10,
			range(1, 30).map((port) => nmap(port, { to: OTHER })),
		),
		[500, ping({ to: OTHER })],
		[501, datagram(161, { to: OTHER })],
		[502, init(1, { to: OTHER })],
	];
	t.same(seen(foreign), [], "to another host");
	const kinds = new Set(
		told(foreign, { scope: "segment" }).map(({ kind }) => kind),
	);
	t.same([...kinds].sort(), ["ping", "probe", "scan"]);
	t.same(seen(foreign, { own: [HOST, OTHER] }).length > 3, true, "one of ours");
	t.same(seen([[0, nmap(9)]], { own: [] }), [], "no address yet");
});

t.test("our own errands are none, and answers to them", async (t) => {
	const scope = ["host", "segment"] as const;
	const ours: Timed[] = range(1, 60).flatMap((port): Timed[] => [
		[port * 10, nmap(port, { from: HOST, to: EVIL })],
		[port * 10 + 1, refuses(port, { from: EVIL, to: HOST })],
		[port * 10 + 2, connect(port, { from: HOST, to: OTHER })],
		[port * 10 + 3, accepts(port, { from: OTHER, to: HOST })],
		[port * 10 + 4, datagram(port, { from: HOST, to: EVIL })],
		[port * 10 + 5, datagram(40_000, { to: HOST, sport: port })],
		[port * 10 + 6, ping({ from: HOST, to: EVIL })],
		[port * 10 + 7, whoHas(`192.0.2.${port}`, HOST)],
	]);
	for (const each of scope) t.same(seen(ours, { scope: each }), [], each);
});

t.test(
	"talking to ourselves is judged: loopback, another address of ours",
	async (t) => {
		const setting = { own: [HOST, OTHER] };
		t.same(seen([[0, nmap(9, { from: OTHER })]], setting), [
			`4 probe syn ${OTHER} ${HOST} 9`,
		]);
	},
);

t.test("only these targets", async (t) => {
	const setting: Setting = {
		scope: "segment",
		to: ["192.0.2.2", "2001:db8::/32"],
	};
	const both: Timed[] = [
		[0, nmap(9)],
		[1, nmap(9, { to: OTHER, sport: 5 })],
		[2, nmap(9, { from: "2001:db8:bad::7", to: "2001:db8:1::9" })],
		[3, nmap(9, { from: "2001:db8:bad::7", to: "2001:db9::9" })],
		[5000, ping()],
		[5001, ping({ to: OTHER })],
	];
	t.same(seen(both, setting), [
		`5 probe syn ${EVIL} ${OTHER} 9`,
		"6 probe syn 2001:db8:bad::7 2001:db8:1::9 9",
		`5005 ping echo ${EVIL} ${OTHER}`,
	]);
});

t.test("only these protocols", async (t) => {
	const all: [protocol: string, Timed][] = [
		["tcp", [0, nmap(9)]],
		["udp", [0, datagram(9, { data: 0 })]],
		["sctp", [0, init(9)]],
		["icmp", [0, ping()]],
	];
	for (const [protocol, packet] of all)
		for (const only of ["tcp", "udp", "sctp", "icmp"] as const)
			t.equal(
				seen([packet], { protocols: [only] }).length,
				only === protocol ? 1 : 0,
				`${protocol} where ${only} is heard`,
			);
	const asked = paced(
		0,
		10,
		range(1, 20).map((n) => whoHas(`192.0.2.${n}`)),
	);
	t.same(seen(asked, { protocols: ["tcp", "icmp"] }), []);
});

t.test("the host's addresses may change", async (t) => {
	const { detector, alerts, see } = createWatcher();
	see(0, nmap(9));
	detector.setOwn([]);
	see(5000, nmap(10));
	detector.setOwn([[0, 0, 0xffff, 0xc0000202 | 0]]);
	see(10_000, nmap(11, { to: OTHER }));
	see(10_001, nmap(12));
	see(20_000, ping());
	t.same(alerts.map(brief), [
		`4 probe syn ${EVIL} ${HOST} 9`,
		`10004 probe syn ${EVIL} ${OTHER} 11`,
	]);
});
