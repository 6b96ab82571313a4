/**
 * Sums. Exact are:
 * - single probes: each packet to a watched port that nobody serves is told by itself, in a fold or in a
 *   sum, once and not more;
 * - floods: once there were 1,000 attempts at a target within a second, every attempt from the first of
 *   them on is told, until a minute brings none;
 * - scans beside it: their last count and the flood's sums add up to what was sent.
 * Of what stays below all thresholds nothing is told. A scan's last count has all its packets, those that
 * were told singly or in a sum before it was a scan among them.
 */
import fc from "fast-check";
import t from "tap";
import type { WireAlert } from "../../src/alert/alert.ts";
import {
	brief,
	connect,
	HOST,
	nmap,
	paced,
	packet,
	ping,
	range,
	START,
	type Timed,
	told,
} from "./drive.ts";

const MINUTE = 60_000;
const addressOf = (n: number) =>
	`10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`;
const macOf = (n: number) =>
	`02:00:00:00:00:${n.toString(16).padStart(2, "0")}`;
const isScan = (alert: WireAlert) =>
	alert.kind === "scan" || alert.kind === "sweep";
const count = (alert: WireAlert) => alert.fold?.count ?? 1;
const sum = (alerts: readonly WireAlert[]) =>
	alerts.reduce((total, alert) => total + count(alert), 0);

/** What all alerts together tell of: of a scan its last word counts, for it includes those before. */
function packetsTold(alerts: readonly WireAlert[]): number {
	const scans = new Map<string, number>();
	let total = 0;
	for (const alert of alerts) {
		if (!isScan(alert) || !("phase" in alert)) {
			total += count(alert);
			continue;
		}
		const name = `${alert.source.ip} ${alert.carrier}`;
		if (alert.phase === "start") {
			total += scans.get(name) ?? 0;
			scans.delete(name);
		}
		scans.set(name, count(alert));
	}
	return total + sumOf(scans.values());
}
const sumOf = (numbers: Iterable<number>) =>
	[...numbers].reduce((a, b) => a + b, 0);

/** SYNs that have nothing in common but their target. */
const syn = (i: number, source: number, port: number, mac = 1) =>
	connect(port, {
		from: addressOf(source),
		sport: 32_768 + (i % 30_000),
		seq: i + 1,
		mac: macOf(mac),
	});

t.test("watched ports: every packet is told, once", async () => {
	// four ports: no source's are enough for a scan
	const ports = [2001, 2002, 2003, 2004];
	const one = fc.record({
		pause: fc.oneof(fc.nat(20), fc.nat(3000), fc.nat(100_000)),
		source: fc.nat(60),
		port: fc.constantFrom(...ports),
		mac: fc.nat(3),
	});
	fc.assert(
		fc.property(
			fc.array(one, { minLength: 1, maxLength: 250, size: "max" }),
			(all) => {
				let now = 0;
				const traffic = all.map(({ pause, source, port, mac }, i): Timed => {
					now += pause;
					return [now, syn(i, source, port, mac)];
				});
				return sum(told(traffic, { watched: ports })) === all.length;
			},
		),
		{ numRuns: 150, endOnFailure: true },
	);
});

t.test("pings: every one is told, once", async () => {
	const one = fc.tuple(
		fc.oneof(fc.nat(50), fc.nat(30_000)),
		fc.nat(40),
		fc.nat(3),
	);
	fc.assert(
		fc.property(
			fc.array(one, { minLength: 1, maxLength: 250, size: "max" }),
			(all) => {
				let now = 0;
				const traffic = all.map(([pause, source, mac]): Timed => {
					now += pause;
					return [now, ping({ from: addressOf(source), mac: macOf(mac) })];
				});
				return sum(told(traffic)) === all.length;
			},
		),
		{ numRuns: 100, endOnFailure: true },
	);
});

t.test("probes for which no line is left go into the sum", async (t) => {
	const four = (at: number, first: number) =>
		range(first, 4).map((n): Timed => [at + n, syn(at + n, n, 23)]);
	// B's first ones and A's counts leave no line of eight a minute for C's
	const [A, B, C] = [1, 11, 21];
	const traffic = [
		...[...four(0, A), ...four(1000, A), ...four(30_000, B)],
		...[...four(31_000, B), ...four(60_500, C)],
	];
	const alerts = told([...traffic, [200_000, ping()]]);
	t.equal(alerts.length, 4 + 4 + 4 + 4 + 1 + 1);
	t.equal(sum(alerts), 20 + 1);
	const [owed] = alerts.filter(({ source }) => source.ip === "many");
	t.match(owed, { kind: "probe", fold: { count: 4 } });
});

/** `perSecond` SYNs from as many random sources to random high ports. */
const flood = (from: number, total: number, perSecond: number): Timed[] =>
	range(0, total).map((i) => [
		from + Math.floor((i * 1000) / perSecond),
		syn(i, (i * 2_654_435_761) % 0xffffff, 1024 + ((i * 7919) % 60_000)),
	]);

t.test(
	"a flood is told as it begins, by the minute, and at its end: exactly",
	async (t) => {
		const alerts = told(flood(0, 120_500, 1000));
		t.same(alerts.map(brief), [
			`2000 probe connect many ${HOST} any x2000`,
			`62000 probe connect many ${HOST} any x60000`,
			`120999 probe connect many ${HOST} any x58500`,
		]);
		for (const { sources, fold } of alerts as Extract<
			WireAlert,
			{ kind: "probe" }
		>[]) {
			// HyperLogLog with 256 registers: 6.5 % off, three times that is rare
			const off = Math.abs((sources?.count ?? 0) / (fold?.count ?? 0) - 1);
			t.ok(off < 0.2, `estimated ${sources?.count} of ${fold?.count} sources`);
		}
		t.match(alerts[1], { fold: { first: START + 2000, last: START + 61_999 } });
	},
);

t.test("999 a second are none, 1,000 are", async (t) => {
	t.same(told(flood(0, 999, 1000)), []);
	t.equal(sum(told(flood(0, 1000, 1000))), 1000);
	t.same(told(flood(0, 5000, 900)), [], "900 a second for five seconds");
});

t.test("random floods: exact", async () => {
	const shape = fc.record({
		first: fc.integer({ min: 1000, max: 3000 }),
		later: fc.array(fc.tuple(fc.nat(55_000), fc.nat(2000)), { maxLength: 4 }),
		port: fc.option(fc.integer({ min: 1, max: 65_535 })),
	});
	fc.assert(
		fc.property(shape, ({ first, later, port }) => {
			const sent: Timed[] = [...flood(0, first, first + 1)];
			let now = 1000;
			for (const [pause, n] of later) {
				now += pause;
				sent.push(...flood(now, n, 5000));
			}
			const traffic = sent.map(
				([ms, frame], i): Timed => [
					ms,
					port === null ? frame : syn(i, i, port),
				],
			);
			return sum(told(traffic, { watched: [] })) === traffic.length;
		}),
		{ numRuns: 25, endOnFailure: true },
	);
});

t.test(
	"a quiet scanner in a flood is found, and the sums add up",
	async (t) => {
		const scanner = paced(
			2000,
			400,
			range(1, 30).map((port) => nmap(port, { mac: macOf(9), seq: port })),
		);
		for (const rate of [1500, 5000]) {
			const noise = flood(0, rate * 16, rate);
			const alerts = told([...noise, ...scanner]);
			const [start] = alerts.filter(isScan);
			t.match(
				start,
				{ source: { ip: "198.51.100.7" }, kind: "scan" },
				`${rate}/s`,
			);
			t.ok((start?.time ?? 0) <= START + 2000 + 7 * 400 + 1000);
			// the first of its probes was told by itself, and is in the scan's count as well
			const singles = alerts.filter(
				({ kind, source }) => kind === "probe" && source.ip === "198.51.100.7",
			);
			t.equal(
				packetsTold(alerts) - sum(singles),
				noise.length + scanner.length,
			);
		}
	},
);

t.test(
	"a probe that was told before a flood made its source forgotten is in no scan, and in no sum",
	async (t) => {
		const scanner = paced(
			2000,
			1500,
			range(1, 12).map((port) => nmap(port, { mac: macOf(9), seq: port })),
		);
		const noise = flood(0, 350_000, 100_000);
		const alerts = told([...noise, ...scanner], { watched: [1] });
		const sums = alerts.filter(({ source }) => source.ip === "many");
		t.equal(sum(sums), noise.length);
		t.match(alerts.filter(isScan).at(-1), { fold: { count: 11 } });
	},
);

t.test("a flood makes at most twenty lines in any minute", async (t) => {
	const floods = {
		"one port, watched": range(0, 20_000).map(
			(i): Timed => [i * 9, syn(i, i, 23)],
		),
		"all ports": flood(0, 20_000, 110),
		"a thousand a second": flood(0, 60_000, 1000),
		"a thousand sources, all ports": range(0, 20_000).map(
			(i): Timed => [i * 9, syn(i, i % 1000, (i * 7919) & 0xffff)],
		),
		pings: range(0, 20_000).map(
			(i): Timed => [i * 9, ping({ from: addressOf(i) })],
		),
		"odd protocols": range(0, 20_000).map(
			(i): Timed => [
				i * 9,
				packet({ from: addressOf(i) }, 140 + (i % 100), Buffer.alloc(0)),
			],
		),
		"a MAC address for each": range(0, 20_000).map(
			(i): Timed => [i * 9, syn(i, i, 23, i & 255)],
		),
	};
	for (const [name, traffic] of Object.entries(floods)) {
		const times = told(traffic).map(({ time }) => time);
		const most = times.map(
			(from) =>
				times.filter((time) => time >= from && time < from + MINUTE).length,
		);
		// who can forge MAC addresses as well has the lines of all: 16 probes, 16 scans and the sums
		const limit = name === "a MAC address for each" ? 34 : 20;
		t.ok(Math.max(...most) <= limit, `${name}: ${Math.max(...most)} lines`);
	}
});

t.test(
	"never is more told than was sent, of a source's scans and in sums",
	async () => {
		const one = fc.record({
			pause: fc.oneof(fc.nat(5), fc.nat(500), fc.nat(20_000)),
			source: fc.nat(25),
			port: fc.integer({ min: 1, max: 60 }),
			mac: fc.nat(2),
		});
		fc.assert(
			fc.property(fc.array(one, { maxLength: 300, size: "max" }), (all) => {
				let now = 0;
				const traffic = all.map(({ pause, source, port, mac }, i): Timed => {
					now += pause;
					return [now, syn(i, source, port, mac)];
				});
				const alerts = told(traffic, { watched: [] });
				if (sum(alerts.filter((alert) => !isScan(alert))) > all.length)
					return false;
				return range(0, 26).every((n) => {
					const sent = all.filter(({ source }) => source === n).length;
					const ip = addressOf(n);
					const scans = alerts.filter((a) => isScan(a) && a.source.ip === ip);
					return packetsTold(scans) <= sent;
				});
			}),
			{ numRuns: 150, endOnFailure: true },
		);
	},
);

t.test(
	"a sweep over more hosts than there are sums is no flood of one of them",
	async (t) => {
		const hosts = range(0, 3000).map((n) => `192.0.${2 + (n >> 8)}.${n & 255}`);
		const frames = hosts.map((to, i) => connect(80, { to, seq: i + 1 }));
		for (const gap of [0.02, 0.2, 2]) {
			const alerts = told(paced(0, gap, frames), { scope: "segment" });
			t.same(
				[...new Set(alerts.map(({ kind }) => kind))],
				["sweep"],
				`${gap} ms`,
			);
			t.equal(count(alerts.at(-1) as WireAlert), 3000);
		}
	},
);
