/** Thresholds of scans and sweeps at their exact edges, by packets to ports that nobody serves or watches. */
import t from "tap";
import {
	accepts,
	brief,
	briefs,
	connect,
	datagram,
	EVIL,
	EVIL6,
	HOST,
	HOST6,
	init,
	nmap,
	OTHER,
	paced,
	packet,
	ping,
	range,
	refuses,
	START,
	soliciting,
	type Timed,
	told,
	whoHas,
} from "./drive.ts";

const HOUR = 3_600_000;
const connects = (ports: readonly number[], from = 0, gap = 100): Timed[] =>
	paced(
		from,
		gap,
		ports.map((port) => connect(port)),
	);
const starts = (traffic: readonly Timed[], setting = {}) =>
	told(traffic, setting)
		.filter((alert) => "phase" in alert && alert.phase === "start")
		.map(brief);
const scan = (time: number, ports: number, technique = "connect") =>
	`${time} scan start ${technique} ${EVIL} ${HOST} ${ports} ports x${ports}`;

t.test("fast: seven privileged ports, or twenty-one high ones", async (t) => {
	t.same(told(connects(range(1, 6))), [], "6 privileged");
	t.same(starts(connects(range(1, 7))), [scan(800, 7)], "7 privileged");
	t.same(told(connects(range(1024, 20))), [], "20 high");
	t.same(starts(connects(range(1024, 21))), [scan(2200, 21)], "21 high");
	t.same(told(connects([...range(1, 6), 1024, 1025])), [], "6 and 2");
	t.same(starts(connects([...range(1, 6), 1024, 1025, 1026])), [scan(1000, 9)]);
	t.same(told(connects([...range(1, 5), ...range(2000, 5)])), [], "5 and 5");
	t.same(starts(connects([...range(1, 5), ...range(2000, 6)])), [
		scan(1200, 11),
	]);
	t.same(told(connects([0, ...range(1, 6)])), [], "port 0 weighs one");
	t.same(
		told(connects([1, 2, 3, 1, 2, 3, 4, 5, 6, 6, 5])),
		[],
		"repeated ports",
	);
});

t.test("fast: what interrupts a burst", async (t) => {
	const six = connects(range(1, 6), 0, 10);
	t.same(starts([...six, [3049, connect(7)]]), [scan(3249, 7)], "2,999 ms");
	t.same(told([...six, [3050, connect(7)]]), [], "3,000 ms");
	const [early, late] = [
		connects(range(1, 4), 0, 10),
		connects(range(5, 6), 5000, 10),
	];
	t.same(told([...early, ...late]), [], "4 ports, a pause, then 6");
	t.same(starts([...early, ...late, [5060, connect(11)]]), [scan(5260, 11)]);
	const three = [
		...connects(range(1, 3), 0, 10),
		...connects(range(4, 6), 5000, 10),
	];
	t.same(told(three), [], "3 ports, a pause, then 6");
	const repeats = paced(
		100,
		100,
		range(0, 60).map(() => connect(1)),
	);
	t.same(
		told([...six, ...repeats, [6100, connect(7)]]),
		[],
		"old ports don't keep it up",
	);
});

t.test("slow: five ports within an hour", async (t) => {
	const at = (gap: number, count = 5) => connects(range(2000, count), 0, gap);
	t.same(told(at(15_000, 4)), [], "nmap -T1, 4 ports");
	t.same(starts(at(15_000)), [scan(60_200, 5)]);
	t.same(starts(at(300_000)), [scan(1_200_200, 5)], "nmap -T0");
	t.same(told(connects(range(2000, 5), 0, 1999)), [], "spread over 7,996 ms");
	t.same(starts(at(2000)), [scan(8200, 5)], "over 8,000 ms");
	t.same(starts(at(HOUR / 4)), [scan(HOUR + 200, 5)], "to the hour's end");
	t.same(told(at(HOUR / 4 + 50)), [], "a little more than an hour");
	const [alert] = told(at(15_000));
	t.match(alert, { pace: "slow", portCount: 5, ports: range(2000, 5) });
	t.match(told(connects(range(1, 7)))[0], { pace: "fast" });
});

t.test("answered ports are none", async (t) => {
	const served = (port: number, ms: number): Timed[] => [
		[ms, connect(port)],
		[ms + 1, accepts(port)],
	];
	const all = range(1, 40).flatMap((port) => served(port, port * 10));
	t.same(told(all), [], "forty services");
	const six = range(1, 6).map((port): Timed => [port * 10, connect(port)]);
	t.same(told([...six, ...served(7, 70)]), [], "the seventh is served");
	t.same(
		told([...six, [70, connect(7)], [269, accepts(7)]]),
		[],
		"told in the nick of time",
	);
	const late: Timed[] = [...six, [70, connect(7)], [270, accepts(7)]];
	t.same(starts(late), [scan(270, 7)], "told too late");
	const refused = range(1, 7).flatMap((port): Timed[] => [
		[port * 10, connect(port)],
		[port * 10 + 1, refuses(port)],
	]);
	t.same(starts(refused), [scan(270, 7)], "refusals are none of it");
});

t.test("updates, the end, and all that was counted", async (t) => {
	const ports = connects(range(1, 100), 0, 1000);
	t.same(briefs(told(ports)), [
		`6200 scan start connect ${EVIL} ${HOST} 7 ports x7`,
		`66200 scan update connect ${EVIL} ${HOST} 67 ports x67`,
		`99500 scan end connect ${EVIL} ${HOST} 100 ports x100`,
	]);
	const [start, , end] = told(ports);
	t.match(start, { fold: { count: 7, first: START, last: START + 6000 } });
	t.match(end, {
		ports: range(1, 100),
		portCount: 100,
		fold: { count: 100, first: START, last: START + 99_000 },
	});
	const pause: Timed[] = [...connects(range(1, 7)), [20_000, connect(1)]];
	t.same(briefs(told(pause)).slice(1), [
		`10600 scan end connect ${EVIL} ${HOST} 7 ports x7`,
	]);
});

t.test(
	"techniques don't mix with protocols, but with one another",
	async (t) => {
		const mixed: Timed[] = [
			...paced(
				0,
				10,
				range(1000, 5).map((port) => nmap(port)),
			),
			...connects(range(2000, 3), 100, 10),
		];
		t.match(
			told(mixed, { watched: [] }).filter(({ kind }) => kind === "scan"),
			[],
		);
		const many = paced(
			0,
			10,
			range(1, 8).map((port) => nmap(port)),
		);
		t.match(
			told([...many, ...connects(range(20, 5), 80, 10)]).find(
				({ kind }) => kind === "scan",
			),
			{ technique: "syn", also: ["connect"], tool: "nmap", portCount: 13 },
		);
		const apart = [
			...connects(range(1, 6), 0, 10),
			...paced(
				5,
				10,
				range(1, 6).map((port) => datagram(port)),
			),
			...paced(
				7,
				10,
				range(1, 6).map((port) => init(port)),
			),
		];
		t.same(
			briefs(told(apart), "scan"),
			[],
			"six ports of each of three protocols",
		);
	},
);

t.test("other protocols", async (t) => {
	const udp = (count: number) =>
		paced(
			0,
			100,
			range(1, count).map((port) => datagram(port)),
		);
	t.same(told(udp(6)), []);
	t.same(starts(udp(7)), [scan(800, 7, "udp")]);
	const ip = (count: number) =>
		paced(
			0,
			100,
			range(200, count).map((n) => packet({}, n, Buffer.alloc(9))),
		);
	t.same(told(ip(4)), []);
	t.same(starts(ip(5)), [scan(600, 5, "ip-proto")]);
	const sctp = (count: number) =>
		paced(
			0,
			100,
			range(1, count).map((port) => init(port)),
		);
	t.same(briefs(told(sctp(6)), "scan"), []);
	t.same(starts(sctp(7)), [scan(800, 7, "sctp-init")]);
	const six = paced(
		0,
		100,
		range(1, 7).map((port) => connect(port, { from: EVIL6, to: HOST6 })),
	);
	t.same(starts(six), [`800 scan start connect ${EVIL6} ${HOST6} 7 ports x7`]);
});

const segment = { scope: "segment" } as const;
const hosts = (count: number) => range(10, count).map((n) => `192.0.2.${n}`);

t.test("sweeps of one port: ten hosts within ten minutes", async (t) => {
	const sweep = (count: number, gap: number) =>
		paced(
			0,
			gap,
			hosts(count).map((to) => connect(80, { to })),
		);
	const is = (time: number, technique = "connect") =>
		`${time} sweep start ${technique} ${EVIL} 10 hosts x10`;
	t.same(told(sweep(9, 100), segment), []);
	t.same(starts(sweep(10, 100), segment), [is(1100)]);
	t.same(starts(sweep(10, 60_000), segment), [is(540_200)], "a minute each");
	t.same(
		starts(sweep(10, 70_000), segment),
		[],
		"ten in more than ten minutes",
	);
	const [alert] = told(sweep(10, 100), segment);
	t.match(alert, { kind: "sweep", port: 80, hosts: hosts(10), hostCount: 10 });
	const pings = paced(
		0,
		100,
		hosts(10).map((to) => ping({ to })),
	);
	t.same(starts(pings, segment), [is(1100, "echo")]);
});

t.test("asking for neighbours: ten in one breath", async (t) => {
	const asked = (count: number, gap = 100) =>
		paced(
			0,
			gap,
			hosts(count).map((to) => whoHas(to)),
		);
	const is = (time: number) => `${time} sweep start arp ${EVIL} 10 hosts x10`;
	t.same(told(asked(9)), []);
	t.same(starts(asked(10)), [is(1100)]);
	t.same(told(asked(30, 3000)), [], "three seconds between");
	t.same(starts(asked(10, 2900)), [is(26_300)], "a little less");
	const nine = asked(9);
	t.same(starts([...nine, [3799, whoHas("192.0.2.99")]]), [is(3999)]);
	t.same(told([...nine, [3800, whoHas("192.0.2.99")]]), []);
	const own = hosts(20).map((ip) => whoHas(ip, ip));
	t.same(told(paced(0, 10, own)), [], "announcements");
	const probing = hosts(20).map((ip) => whoHas(ip, "0.0.0.0"));
	t.same(told(paced(0, 10, probing)), [], "RFC 5227 probes");
	const six = range(10, 10).map((n) => soliciting(`2001:db8::${n}`));
	t.same(starts(paced(0, 100, six)), [
		`1100 sweep start nd ${EVIL6} 10 hosts x10`,
	]);
	const ours = hosts(20).map((to) => whoHas(to, HOST));
	t.same(told(paced(0, 10, ours)), [], "our own asking");
	const two = [EVIL, OTHER].flatMap((from, i) =>
		paced(
			i,
			100,
			hosts(9).map((to) => whoHas(to, from)),
		),
	);
	t.same(told(two), [], "nine each of two");
});
