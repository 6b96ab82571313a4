/** Single probes and pings: when they are told, folded, and found to be none. Times in ms. */
import t, { type Test } from "tap";
import { A, F, ICMP, icmp, P, R, S, STACK, U } from "../wire/frames.ts";
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
	nmap,
	paced,
	packet,
	ping,
	refuses,
	type Sent,
	type Setting,
	START,
	segment,
	type Timed,
	told,
} from "./drive.ts";

function rings(
	t: Test,
	name: string,
	traffic: readonly Timed[],
	expected: readonly string[],
	setting: Setting = {},
): void {
	t.same(told(traffic, setting).map(brief), expected, name);
}

const HOUR = 3_600_000;
const answer = (sent: Sent) => ({
	from: HOST,
	to: EVIL,
	dport: 40_000,
	...sent,
});

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

t.test("what no stack sends rings wherever it goes", async (t) => {
	const crafted = (flags: number, sent: Sent = {}) =>
		segment({ flags, window: 1024, df: false, ...sent, dport: 8080 });
	const table: [technique: string, Buffer][] = [
		["syn", nmap(8080)],
		["fin", crafted(F)],
		["null", crafted(0)],
		["xmas", crafted(F | P | U)],
		["odd", crafted(S | F)],
		["odd", crafted(P | U)],
		["ack", crafted(A)],
		["maimon", crafted(F | A)],
		["syn-ack", crafted(S | A)],
		["udp", datagram(8080, { data: 0 })],
	];
	for (const [technique, frame] of table)
		rings(
			t,
			technique,
			[[0, frame]],
			[`4 probe ${technique} ${EVIL} ${HOST} 8080`],
		);
	rings(
		t,
		"ip-proto",
		[[0, packet({}, 200, Buffer.alloc(0))]],
		[`4 probe ip-proto ${EVIL} ${HOST} 200`],
	);
});

t.test("what a stack may send doesn't", async (t) => {
	const quiet: [name: string, Buffer][] = [
		["a late ACK", segment({ flags: A, dport: 8080 })],
		["data", segment({ flags: P | A, dport: 8080, data: 10, df: false })],
		["a late FIN", segment({ flags: F | A, dport: 8080 })],
		["a reset", segment({ flags: R, dport: 8080, window: 0, df: false })],
		["backscatter", segment({ flags: S | A, sport: 80, options: STACK })],
		["backscatter, refused", segment({ flags: R | A, sport: 80, window: 0 })],
		["a question to a service", datagram(8080)],
		["a late answer", datagram(50_000, { sport: 53 })],
		["ESP", packet({}, 50, Buffer.alloc(40))],
		["an echo's answer", packet({}, ICMP, icmp(0, 0, Buffer.alloc(8)))],
	];
	for (const [name, frame] of quiet) rings(t, name, [[0, frame]], []);
});

t.test("half-open handshakes", async (t) => {
	const [port, sport] = [80, 50_000];
	const served: Timed[] = [
		[0, connect(port)],
		[1, accepts(port)],
		[2, segment({ flags: A, dport: port })],
	];
	const half = (syn: Buffer, flags: number): Timed[] => [
		...served,
		[100, syn],
		[
			101,
			segment(
				answer({ flags: S | A, sport: port, dport: sport, options: STACK }),
			),
		],
		[102, segment({ flags, sport, dport: port, window: 0, df: false })],
	];
	const at80 = `probe syn ${EVIL} ${HOST} 80`;
	rings(t, "crafted", half(nmap(port, { sport }), R), [`106 ${at80}`]);
	rings(t, "a stack's", half(connect(port, { sport }), R), []);
	rings(t, "crafted, closed in order", half(nmap(port, { sport }), R | A), []);
	rings(
		t,
		"on a port not known to be served",
		half(nmap(port, { sport }), R).slice(3),
		[`602 ${at80}`],
	);
	const unanswered = half(nmap(port, { sport }), R).filter(
		([ms]) => ms !== 101,
	);
	rings(t, "a SYN and a reset, unanswered", unanswered, []);
});

t.test("UDP", async (t) => {
	const at161 = `probe udp ${EVIL} ${HOST} 161`;
	const reply = datagram(40_000, { from: HOST, to: EVIL, sport: 161 });
	rings(t, "no answer", [[0, datagram(161)]], [`60 ${at161}`]);
	rings(
		t,
		"answered",
		[
			[0, datagram(161)],
			[59, reply],
		],
		[],
	);
	rings(
		t,
		"answered late",
		[
			[0, datagram(161)],
			[60, reply],
		],
		[`60 ${at161}`],
	);
	const quoted = datagram(161).subarray(14);
	const error = packet({ from: HOST, to: EVIL }, ICMP, icmp(3, 3, quoted));
	rings(
		t,
		"port unreachable",
		[
			[0, datagram(161)],
			[2, error],
		],
		[`6 ${at161}`],
	);
	const asked = datagram(161, { from: HOST, to: EVIL, sport: 4000 });
	const answered = datagram(4000, { sport: 161 });
	rings(
		t,
		"what we asked",
		[
			[0, asked],
			[119_000, answered],
		],
		[],
	);
	const again = [0, 100, 200].map((ms): Timed => [ms, datagram(161)]);
	rings(t, "repeated", again, [`60 ${at161}`, `700 ${at161} x2`]);
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
