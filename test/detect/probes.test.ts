/** Single probes and pings: when they are told, folded, and found to be none. Times in ms. */
import t from "tap";
import {
	accepts,
	brief,
	briefs,
	connect,
	EVIL,
	EVIL6,
	HOST,
	HOST6,
	nmap,
	paced,
	ping,
	refuses,
	rings,
	START,
	type Timed,
	told,
} from "./drive.ts";

const HOUR = 3_600_000;

t.test("when a watched port is tried", async (t) => {
	const at23 = `probe connect ${EVIL} ${HOST} 23`;
	rings(t, "no answer", [[0, connect(23)]], [`12 ${at23}`]);
	rings(t, "another port", [[0, connect(24)]], []);
	rings(
		t,
		"refused",
		[
			[0, connect(23)],
			[1, refuses(23)],
		],
		[`5 ${at23}`],
	);
	rings(
		t,
		"refused late",
		[
			[0, connect(23)],
			[11, refuses(23)],
		],
		[`12 ${at23}`],
	);
	rings(
		t,
		"accepted",
		[
			[0, connect(23)],
			[11, accepts(23)],
		],
		[],
	);
	rings(
		t,
		"too late",
		[
			[0, connect(23)],
			[12, accepts(23)],
		],
		[`12 ${at23}`],
	);
	rings(
		t,
		"in IPv6",
		[[0, connect(23, { from: EVIL6, to: HOST6 })]],
		[`12 probe connect ${EVIL6} ${HOST6} 23`],
	);
	const isBound = (yes: boolean | undefined) => ({ isBound: () => yes });
	rings(t, "the host has a socket", [[0, connect(23)]], [], isBound(true));
	rings(t, "it has none", [[0, connect(23)]], [`12 ${at23}`], isBound(false));
});

t.test("a served port stays served for an hour", async (t) => {
	const served: Timed[] = [
		[0, connect(23)],
		[1, accepts(23)],
	];
	const later = (ms: number): Timed => [ms, connect(23, { sport: 50_000 })];
	rings(t, "a minute later", [...served, later(60_000)], []);
	rings(t, "to its end", [...served, later(HOUR)], []);
	rings(
		t,
		"after it",
		[...served, later(HOUR + 100)],
		[`${HOUR + 112} probe connect ${EVIL} ${HOST} 23`],
	);
	const other = { home: ["192.0.2.0/24"], scope: "segment" } as const;
	const elsewhere = connect(23, { to: "192.0.2.9" });
	rings(
		t,
		"on this host only",
		[...served, [2000, elsewhere]],
		[`2300 probe connect ${EVIL} 192.0.2.9 23`],
		other,
	);
});

t.test("a second probe may be a scan's and waits half a second", async (t) => {
	const second = (ms: number) =>
		[
			[0, connect(23)],
			[ms, connect(25)],
		] as const;
	const setting = { watched: [23, 25] };
	rings(
		t,
		"within a second",
		second(999),
		[
			`12 probe connect ${EVIL} ${HOST} 23`,
			`1499 probe connect ${EVIL} ${HOST} 25`,
		],
		setting,
	);
	rings(
		t,
		"after it",
		second(1000),
		[
			`12 probe connect ${EVIL} ${HOST} 23`,
			`1012 probe connect ${EVIL} ${HOST} 25`,
		],
		setting,
	);
	const other = connect(25, { from: "198.51.100.8" });
	rings(
		t,
		"another source's doesn't",
		[
			[0, connect(23)],
			[1, other],
		],
		[
			`12 probe connect ${EVIL} ${HOST} 23`,
			`13 probe connect 198.51.100.8 ${HOST} 25`,
		],
		setting,
	);
});

t.test("repeated probes are counted and told by the minute", async (t) => {
	const at23 = `probe connect ${EVIL} ${HOST} 23`;
	const more = paced(
		20,
		1000,
		Array.from({ length: 100 }, () => connect(23)),
	);
	const alerts = told([[0, connect(23)], ...more]);
	t.same(alerts.map(brief), [
		`12 ${at23}`,
		`60012 ${at23} x60`,
		`99520 ${at23} x40`,
	]);
	t.match(alerts[1], { fold: { first: START + 20, last: START + 59_020 } });
	t.match(alerts[2], { fold: { first: START + 60_020, last: START + 99_020 } });
	rings(
		t,
		"while it waits",
		paced(
			0,
			2,
			[1, 2, 3].map(() => connect(23)),
		),
		[`12 ${at23}`, `504 ${at23} x2`],
	);
	const pause: Timed[] = [
		[0, connect(23)],
		[60_013, connect(23)],
	];
	rings(t, "a minute later it's news again", pause, [
		`12 ${at23}`,
		`60025 ${at23}`,
	]);
});

t.test("pings", async (t) => {
	for (const [type, technique] of [
		[8, "echo"],
		[13, "timestamp"],
		[17, "mask"],
	] as const)
		rings(
			t,
			technique,
			[[7, ping({}, type)]],
			[`11 ping ${technique} ${EVIL} ${HOST}`],
		);
	rings(
		t,
		"ICMPv6",
		[[0, ping({ from: EVIL6, to: HOST6 })]],
		[`4 ping echo ${EVIL6} ${HOST6}`],
	);
	rings(
		t,
		"to all nodes",
		[[0, ping({ from: EVIL6, to: "ff02::1" })]],
		[`4 ping echo ${EVIL6} ff02::1`],
	);
	const ten = paced(
		0,
		100,
		Array.from({ length: 10 }, () => ping()),
	);
	rings(t, "ten", ten, [
		`4 ping echo ${EVIL} ${HOST}`,
		`1400 ping echo ${EVIL} ${HOST} x9`,
	]);
});

t.test("where it came from", async (t) => {
	const [alert] = told([
		[0, connect(23, { sport: 51_515, mac: "02:00:00:00:00:09" })],
	]);
	t.same(alert, {
		kind: "probe",
		time: START + 12,
		carrier: "tcp",
		technique: "connect",
		source: { ip: EVIL, mac: "02:00:00:00:00:09", port: 51_515 },
		destination: { ip: HOST, port: 23 },
	});
	t.same(briefs(told([[0, nmap(9)]]), "ping"), []);
	t.match(told([[0, nmap(9)]]), [{ tool: "nmap" }]);
});
