/** nmap -D: the same packet from several addresses at once. */
import t from "tap";
import {
	briefs,
	connect,
	datagram,
	HOST,
	nmap,
	OTHER,
	paced,
	range,
	START,
	type Timed,
	told,
	whoHas,
} from "./drive.ts";

const FIVE = range(1, 5).map((n) => `198.51.100.${n}`);

/** A probe by all five, a tenth of a millisecond apart. */
const together = (ms: number, dport: number, seq = 0x1000 + dport): Timed[] =>
	FIVE.map((from, i) => [ms + i / 10, nmap(dport, { from, seq })]);

t.test("a probe with decoys is one alert that names all", async (t) => {
	const alerts = told(together(0, 8080));
	t.same(briefs(alerts), [
		`4 probe syn 198.51.100.1 ${HOST} 8080`,
		`500.39990234375 probe syn 198.51.100.1 ${HOST} 8080 x4`,
	]);
	t.match(alerts[0], { sources: { ips: FIVE, count: 5 } });
});

t.test("a scan with decoys is one scan", async (t) => {
	const traffic = range(1, 30).flatMap((port) => together(port * 10, port));
	const scans = told(traffic).filter(({ kind }) => kind === "scan");
	t.match(scans, [
		{ phase: "start", sources: { ips: FIVE, count: 5 } },
		{
			phase: "end",
			sources: { ips: FIVE, count: 5 },
			ports: range(1, 30),
			fold: { count: 150 },
		},
	]);
	t.equal(scans.length, 2);
	t.ok((scans[0]?.time ?? 0) < START + 400);
});

t.test("what is not the same packet is not one source's", async (t) => {
	const apart = FIVE.map(
		(from, i): Timed => [i, nmap(8080, { from, seq: 1 + i })],
	);
	t.equal(told(apart).length, 5, "sequence numbers differ");
	const sports = FIVE.map(
		(from, i): Timed => [i, nmap(8080, { from, seq: 9, sport: 50_000 + i })],
	);
	t.equal(told(sports).length, 5, "source ports differ");
	const later = FIVE.map(
		(from, i): Timed => [i * 2100, nmap(8080, { from, seq: 9 })],
	);
	t.same(
		told(later).filter((alert) => "sources" in alert),
		[],
		"two seconds between",
	);
	const zero = FIVE.map((from, i): Timed => [i, nmap(8080, { from, seq: 0 })]);
	t.same(
		told(zero).filter((alert) => "sources" in alert),
		[],
		"0 says nothing",
	);
});

t.test("a source that repeats its packet is no group", async (t) => {
	const again = paced(
		0,
		1,
		range(0, 5).map(() => nmap(8080, { seq: 9 })),
	);
	const alerts = told(again);
	t.same(briefs(alerts), [
		`4 probe syn 198.51.100.7 ${HOST} 8080`,
		`504 probe syn 198.51.100.7 ${HOST} 8080 x4`,
	]);
	t.same(
		alerts.filter((alert) => "sources" in alert),
		[],
	);
});

t.test("UDP has its IP id for a mark, 0 says nothing", async (t) => {
	const asked = (id: number) =>
		FIVE.map((from, i): Timed => [i, datagram(8080, { from, id, data: 0 })]);
	t.match(told(asked(4711))[0], { sources: { count: 5 } });
	t.same(
		told(asked(0)).filter((alert) => "sources" in alert),
		[],
	);
});

t.test("hosts that ask for the same neighbours are no group", async (t) => {
	const [one, other] = [OTHER, "192.0.2.3"];
	const hosts = range(10, 12).map((n) => `192.0.2.${n}`);
	const traffic: Timed[] = [
		// a packet with an id comes before: nothing of it may stay
		[0, datagram(8080, { id: 77 })],
		...paced(
			1,
			10,
			hosts.map((to) => whoHas(to, one)),
		),
		...paced(
			2,
			10,
			hosts.map((to) => whoHas(to, other)),
		),
	];
	const alerts = told(traffic, { scope: "segment" });
	t.same(
		alerts.filter((alert) => "sources" in alert),
		[],
	);
	t.same(briefs(alerts, "sweep"), [
		`291 sweep start arp ${one} 12 hosts x12`,
		`292 sweep start arp ${other} 12 hosts x12`,
		`612 sweep end arp ${one} 12 hosts x12`,
		`612 sweep end arp ${other} 12 hosts x12`,
	]);
});

t.test(
	"who was in a group's company stays in it, and no one else",
	async (t) => {
		const alone = connect(23, { from: "203.0.113.9", sport: 50_000 });
		const alerts = told([...together(0, 8080), [1000, alone]]);
		const [other] = alerts.filter(({ source }) => source.ip === "203.0.113.9");
		t.match(other, { technique: "connect" });
		t.notOk(other && "sources" in other);
	},
);
