/** A quiet scanner in the midst of a flood, with packet time: found, and named. */
import t from "tap";
import type { WireAlert } from "../../src/alert/alert.ts";
import { MSS, S, tcp } from "./chatter.ts";
import {
	packetsIn,
	type Quiet,
	run,
	SHAPES,
	type Shape,
	US,
} from "./tocsin-flood.ts";

const SCANNER = "10.77.0.9";
const MAC = "02:00:00:00:00:09";

/** A probe of nmap -sS, `i` telling one from another. */
const probe = (from: string, i: number, dport: number, fromMac = MAC) =>
	tcp({
		...{ from, to: US, fromMac, sport: 45_000, dport, flags: S },
		...{ seq: 7_000 + i, options: MSS, window: 1024, df: false, ttl: 50 },
	});

/** Ports `first` on, one each `gap` ms. */
const scan = (count: number, gap: number, start = 10_000): Quiet[] =>
	Array.from({ length: count }, (_, i) => [
		start + i * gap,
		probe(SCANNER, i, 20 + i),
	]);

const of = (alerts: readonly WireAlert[], kind: string) =>
	alerts.filter((alert) => alert.kind === kind && alert.source.ip === SCANNER);

const shape = (name: string): Shape => SHAPES[name] as Shape;
/** Every packet may be a new neighbour's: a single probe is told in the sum, a scan stands out. */
const RANDOM_MACS = "random MAC addresses";
const FLOODS = [
	"SYNs to a watched port",
	"SYNs to random ports",
	"3,000 sources, random ports",
	"SYNs as a stack sends them, to a watched port",
	RANDOM_MACS,
];

for (const name of FLOODS) {
	const flood = { ...shape(name), rate: 3_000, count: 50_000 };
	t.test(`${name}: nmap --top-ports 20 beside it`, async (t) => {
		const alerts = run(flood, scan(20, 0.2));
		const [start, end] = of(alerts, "scan");
		t.match(start, { phase: "start", technique: "syn", tool: "nmap" });
		t.match(start?.source, { ip: SCANNER, mac: MAC });
		t.match(end, { phase: "end", portCount: 20, fold: { count: 20 } });
		t.equal(packetsIn(alerts), flood.count + 20, "each packet once");
	});
	t.test(`${name}: nmap -T2 of 10 ports beside it`, async (t) => {
		const alerts = run(flood, scan(10, 400));
		const [start, end] = of(alerts, "scan");
		t.match(start, { phase: "start", portCount: 7, source: { mac: MAC } });
		t.match(end, { phase: "end", portCount: 10, fold: { count: 10 } });
		t.equal(packetsIn(alerts), flood.count + 10, "each packet once");
	});
	t.test(`${name}: nmap -T1 of 6 ports beside it`, async (t) => {
		const slow = { ...flood, rate: 1_000, count: 90_000 };
		const [start] = of(run(slow, scan(6, 15_000)), "scan");
		t.match(start, { phase: "start", portCount: 5, pace: "slow" });
		t.match(start?.source, { ip: SCANNER, mac: MAC });
	});
	if (name === RANDOM_MACS) continue;
	t.test(`${name}: one connect to a watched port beside it`, async (t) => {
		const ends = { from: SCANNER, to: US, sport: 50_000, dport: 23, flags: S };
		const alerts = run(flood, [[12_000, tcp(ends)]]);
		const found = of(alerts, "probe");
		t.equal(found.length, 1);
		t.match(found[0], {
			technique: "connect",
			source: { mac: MAC, port: 50_000 },
		});
		t.match(found[0], { destination: { ip: US, port: 23 } });
		t.equal(packetsIn(alerts), flood.count + 1, "each packet once");
	});
}

t.test("whatever is told in the moment of a sum is in it or not", async (t) => {
	for (let i = 0; i < 40; i++) {
		const rate = [1_100, 3_000, 9_000][i % 3] ?? 0;
		// it begins, is told and ends while the scan goes on
		const flood = { ...shape(FLOODS[i % 2] ?? ""), rate, count: rate * 3 };
		const quiet = scan(10, 37 * (1 + (i % 8)), 300 + i * 41);
		const seen = quiet.filter(([ms]) => ms < 2_990);
		const alerts = run(flood, seen);
		t.equal(packetsIn(alerts), flood.count + seen.length, `${i}`);
	}
});

t.test("300 spoofed sources between a scanner's probes", async (t) => {
	const flood = { ...shape("SYNs to random ports"), count: 6_000, rate: 100 };
	const [start] = of(run(flood, scan(10, 3_000)), "scan");
	t.match(start, { phase: "start", technique: "syn", source: { mac: MAC } });
});

t.test("-D RND:9,ME: one alert, all ten named", async (t) => {
	const decoys = Array.from({ length: 9 }, (_, i) => `198.51.100.${i + 1}`);
	const ips = [...decoys.slice(0, 4), SCANNER, ...decoys.slice(4)];
	const frames = Array.from({ length: 20 }, (_, i) =>
		ips.map((ip): Quiet => [10_000 + i, probe(ip, i, 1 + i)]),
	).flat();
	const flood = { ...shape("SYNs to a watched port"), count: 60_000 };
	const scans = run(flood, frames).filter(({ kind }) => kind === "scan");
	t.same(
		scans.map((alert) => alert.kind === "scan" && alert.phase),
		["start", "end"],
	);
	for (const alert of scans) {
		t.equal(alert.source.mac, MAC);
		t.same("sources" in alert && alert.sources?.count, 10);
		t.same("sources" in alert && alert.sources?.ips.toSorted(), ips.toSorted());
	}
	t.match(scans[1], { portCount: 20, fold: { count: 200 } });
});
