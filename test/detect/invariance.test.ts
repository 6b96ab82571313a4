/** What alerts don't depend on: the run, the clock's ticks and its origin, batches, traffic that the kernel keeps. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import t from "tap";
import type { WireAlert } from "../../src/alert/alert.ts";
import { readCapture } from "../../src/capture/file.ts";
import type { Scope } from "../../src/config/watch.ts";
import { createFeed } from "../../src/watch/feed.ts";
import { formatAddress } from "../../src/wire/address.ts";
import {
	A,
	decoded,
	ethernet,
	F,
	fragmented,
	IP4,
	P,
	R,
	S,
	STACK,
	STAMPS,
	TCP,
	tcp,
} from "../wire/frames.ts";
import {
	accepts,
	briefs,
	connect,
	createWatcher,
	datagram,
	HOST,
	nmap,
	OTHER,
	ping,
	range,
	refuses,
	type Setting,
	START,
	segment,
	soliciting,
	type Timed,
	told,
	whoHas,
} from "./drive.ts";

const TRACES = join(import.meta.dirname, "../../../shared/traces/attacks");
const MINUTE = 60_000;

const attackers = ["198.51.100.7", "198.51.100.8", "203.0.113.9", OTHER];
const source = fc.constantFrom(...attackers);
const port = fc.oneof(fc.integer({ min: 20, max: 30 }), fc.nat(65_535));
const target = fc.constantFrom(HOST, OTHER);
const sport = fc.constantFrom(40_000, 40_001, 50_000);

/** A frame of a scanner, a client or a host that answers. */
const frame: fc.Arbitrary<Buffer> = fc
	.record({
		what: fc.nat(13),
		from: source,
		to: target,
		port,
		sport,
		n: fc.nat(200),
	})
	.map(({ what, from, to, port, sport, n }) => {
		const ends = { from, to, sport, seq: n + 1, id: n };
		const back = { from: to, to: from, dport: sport };
		const makers = [
			() => nmap(port, ends),
			() => nmap(port, ends),
			() => connect(port, ends),
			() => connect(port, ends),
			() => accepts(port, back),
			() => refuses(port, back),
			() => segment({ ...ends, dport: port, flags: R, window: 0, df: false }),
			() =>
				segment({ ...ends, dport: port, flags: A, window: 1024, df: false }),
			() =>
				segment({
					...ends,
					dport: port,
					flags: F | (n & 1 ? A : 0),
					df: false,
				}),
			() => datagram(port, { ...ends, data: n & 7 }),
			() => ping(ends),
			() => whoHas(`192.0.2.${n}`, from),
			() => soliciting(`2001:db8::${n}`),
			() => firstFragment(from, to, port, n),
		];
		return makers[what]?.() ?? Buffer.alloc(0);
	});

const firstFragment = (from: string, to: string, dport: number, id: number) => {
	const syn = tcp({ sport: 40_000, dport, flags: S });
	const parts = fragmented({ from, to, id }, TCP, syn, 8);
	return ethernet(IP4, parts[id % parts.length] as Buffer);
};

const pause = fc.oneof(fc.nat(20), fc.nat(400), fc.nat(5000), fc.nat(90_000));
const traffic = fc
	.array(fc.tuple(pause, frame), { maxLength: 120, size: "max" })
	.map((steps) => {
		let now = 0;
		return steps.map(([ms, bytes]): Timed => {
			now += ms;
			return [now, bytes];
		});
	});
const setting: fc.Arbitrary<Setting> = fc.record({
	scope: fc.constantFrom<Scope>("host", "segment"),
	seed: fc.integer(),
	watched: fc.constantFrom([23], [22, 23, 24, 25, 161]),
});

const json = (alerts: readonly WireAlert[]) => JSON.stringify(alerts);

t.test("the same packets, the same alerts", async () => {
	fc.assert(
		fc.property(traffic, setting, (traffic, setting) => {
			const [first, second] = [told(traffic, setting), told(traffic, setting)];
			return json(first) === json(second);
		}),
		{ numRuns: 100, endOnFailure: true },
	);
});

t.test("the clock may tick between packets as it likes", async () => {
	fc.assert(
		fc.property(
			traffic,
			setting,
			fc.array(fc.nat(1000)),
			(traffic, setting, ticks) => {
				const { detector, alerts, see } = createWatcher(setting);
				let [last, i] = [0, 0];
				for (const [ms, bytes] of traffic) {
					for (; (ticks[i] ?? 0) > 300; i++)
						detector.advance(
							START + last + ((ms - last) * (ticks[i] ?? 0)) / 1001,
						);
					i++;
					see(ms, bytes);
					last = ms;
				}
				detector.finish(START + last);
				return json(alerts) === json(told(traffic, setting));
			},
		),
		{ numRuns: 100, endOnFailure: true },
	);
});

t.test(
	"what is due is told at its own time, however late the tick",
	async () => {
		fc.assert(
			fc.property(traffic, setting, (traffic, setting) => {
				const { detector, alerts, see } = createWatcher(setting);
				let due = detector.next();
				for (const [ms, bytes] of traffic) {
					const before = alerts.length;
					detector.advance(START + ms);
					for (const { time } of alerts.slice(before))
						if (due === undefined || time < due || time > START + ms)
							return false;
					see(ms, bytes);
					due = detector.next();
				}
				return true;
			}),
			{ numRuns: 100, endOnFailure: true },
		);
	},
);

t.test("the day doesn't matter", async () => {
	const shift = fc.integer({ min: -10_000_000, max: 1_000_000 });
	fc.assert(
		fc.property(traffic, setting, shift, (traffic, setting, minutes) => {
			const by = minutes * MINUTE;
			const later = traffic.map(([ms, bytes]): Timed => [ms + by, bytes]);
			const shifted = told(later, setting).map((alert) => ({
				...alert,
				time: alert.time - by,
				...(alert.fold && {
					fold: {
						...alert.fold,
						first: alert.fold.first - by,
						last: alert.fold.last - by,
					},
				}),
			}));
			const plain = told(traffic, setting).map((alert) => ({
				...alert,
				...(alert.fold && { fold: alert.fold }),
			}));
			return sorted(shifted) === sorted(plain);
		}),
		{ numRuns: 100, endOnFailure: true },
	);
});

/** JSON whose keys are in order. */
const sorted = (alerts: readonly object[]) =>
	JSON.stringify(
		alerts.map((alert) =>
			Object.entries(alert).sort(([a], [b]) => (a < b ? -1 : 1)),
		),
	);

t.test("a clock that runs backwards stands still", async () => {
	fc.assert(
		fc.property(
			traffic,
			setting,
			fc.array(fc.nat(200_000)),
			(traffic, setting, jumps) => {
				const run = (times: readonly number[]) => {
					const { detector, alerts, see } = createWatcher(setting);
					traffic.forEach(([, bytes], i) => {
						see(times[i] ?? 0, bytes);
					});
					detector.finish(START + Math.max(0, ...times));
					return alerts;
				};
				const jumping = traffic.map(([ms], i) => ms - (jumps[i] ?? 0));
				let latest = Number.NEGATIVE_INFINITY;
				const standing = jumping.map((ms) => {
					latest = Math.max(latest, ms);
					return latest;
				});
				const alerts = run(jumping);
				const times = alerts.map(({ time }) => time);
				const isOrdered = times.every(
					(time, i) => i === 0 || time >= (times[i - 1] ?? 0),
				);
				return isOrdered && json(alerts) === json(run(standing));
			},
		),
		{ numRuns: 100, endOnFailure: true },
	);
});

t.test(
	"packets in batches, cut anywhere, are judged as one by one",
	async () => {
		fc.assert(
			fc.property(
				traffic,
				setting,
				fc.array(fc.boolean()),
				(traffic, setting, cuts) => {
					const { detector, alerts } = createWatcher(setting);
					const feed = createFeed(detector);
					for (const [i, [ms, bytes]] of traffic.entries()) {
						feed.record(bytes, 0, bytes.length, bytes.length, START + ms, 1, 0);
						if (cuts[i]) feed.flush();
					}
					feed.flush();
					detector.finish(START + (traffic.at(-1)?.[0] ?? 0));
					return json(alerts) === json(told(traffic, setting));
				},
			),
			{ numRuns: 100, endOnFailure: true },
		);
	},
);

/**
 * A segment that the kernel's filter keeps to itself: ACK without SYN, FIN and RST, and either data,
 * options or (IPv4) DF.
 */
const established = (
	ends: { from: string; to: string; sport: number; dport: number },
	n: number,
) =>
	segment({
		...ends,
		flags: n & 1 ? A : A | P,
		window: n & 2 ? 501 : 64_240,
		...[{ data: 1 + n }, { data: n, options: STAMPS }, { data: 1, df: false }][
			n % 3
		],
		seq: n,
	});

/** Puts such segments behind some of the packets: on the very flows that are there, and on others. */
function amidst(
	traffic: readonly Timed[],
	choices: readonly number[],
): Timed[] {
	return traffic.flatMap(([ms, bytes], i): Timed[] => {
		const n = choices[i % Math.max(1, choices.length)] ?? 0;
		const p = decoded(bytes);
		if (n % 3 === 0 || (p.version !== 4 && p.version !== 6))
			return [[ms, bytes]];
		const flow = {
			from: p.source,
			to: p.destination,
			sport: p.sport,
			dport: p.dport,
		};
		const turned = {
			from: p.destination,
			to: p.source,
			sport: p.dport,
			dport: p.sport,
		};
		const other = { ...flow, sport: 32_768 + n, dport: (n * 7919) & 0xffff };
		const chosen = [flow, turned, other][n % 5] ?? flow;
		return [
			[ms, bytes],
			[ms, established(chosen, n)],
		];
	});
}

t.test("established traffic changes nothing", async () => {
	fc.assert(
		fc.property(
			traffic,
			setting,
			fc.array(fc.nat(1000), { minLength: 1 }),
			(traffic, setting, choices) => {
				return (
					json(told(amidst(traffic, choices), setting)) ===
					json(told(traffic, setting))
				);
			},
		),
		{ numRuns: 300, endOnFailure: true },
	);
});

t.test(
	"a crafted client's long connection, reset: with and without its data",
	async (t) => {
		const [dport, sport] = [80, 50_000];
		const ends = { from: OTHER, to: HOST, sport, dport };
		const bare: Timed[] = [
			[0, connect(dport)],
			[1, accepts(dport)],
			// a small stack's SYN, without options
			[1000, connect(dport, { ...ends, options: "" })],
			[1001, accepts(dport, { to: OTHER, dport: sport, options: STACK })],
			[100_000, segment({ ...ends, flags: R, window: 0 })],
		];
		const data = [2, 20, 40, 60, 80].map(
			(s): Timed => [s * 1000, established(ends, 1)],
		);
		t.same(told([...bare, ...data]), told(bare));
	},
);

t.test(
	"our own connections, reset late: with and without their data",
	async (t) => {
		const ours = range(20_001, 30).map((sport) => ({
			from: HOST,
			to: OTHER,
			sport,
			dport: 6000,
		}));
		const theirs = (sport: number) => ({
			from: OTHER,
			to: HOST,
			sport: 6000,
			dport: sport,
		});
		const bare = ours.flatMap((ends, i): Timed[] => [
			[i, connect(6000, ends)],
			[i + 1, segment({ ...theirs(ends.sport), flags: S | A, options: STACK })],
			[100_000 + i, segment({ ...ends, flags: R, window: 0 })],
		]);
		const data = ours.flatMap(({ sport }): Timed[] => [
			[40_000, established(theirs(sport), 1)],
			[80_000, established(theirs(sport), 1)],
		]);
		t.same(told([...bare, ...data]), told(bare));
	},
);

t.test("a small stack's connection, reset in the end", async (t) => {
	const ends = { from: OTHER, to: HOST, sport: 50_000, dport: 80 };
	const [back, close] = [
		{ to: OTHER, dport: 50_000 },
		{ ...ends, df: false },
	];
	const opened: Timed[] = [
		[0, connect(80)],
		[1, accepts(80)],
		[1000, connect(80, { ...ends, options: "020405b4" })],
		[1001, accepts(80, { ...back, options: "020405b4" })],
	];
	const reset: Timed = [3000, segment({ ...close, flags: R, window: 0 })];
	const half = `3004 probe syn ${OTHER} ${HOST} 80`;
	t.same(briefs(told([...opened, reset])), [half], "half-open");
	const bare: Timed = [1002, segment({ ...close, flags: A, window: 5840 })];
	t.same(told([...opened, bare, reset]), [], "its ACK was seen");
	const fin: Timed = [2000, segment({ ...ends, flags: F | A, window: 5840 })];
	t.same(told([...opened, fin, reset]), [], "it had closed");
});

/** An Ethernet capture's frames, and the address most packets go to. */
async function capture(
	file: string,
): Promise<{ traffic: Timed[]; victim: string }> {
	const traffic: Timed[] = [];
	const targets = new Map<string, number>();
	let first: number | undefined;
	await readCapture(file, (bytes, offset, captured, _, time, linktype) => {
		if (linktype !== 1) return;
		first ??= time;
		const frame = Buffer.from(bytes.subarray(offset, offset + captured));
		traffic.push([Math.round(time - first), frame]);
		const { version, d0, d1, d2, d3 } = decoded(frame);
		if (version === 0) return;
		const to = formatAddress(d0, d1, d2, d3);
		targets.set(to, (targets.get(to) ?? 0) + 1);
	});
	const [[victim] = [HOST]] = [...targets].sort((a, b) => b[1] - a[1]);
	return { traffic, victim };
}

t.test(
	"the attacks of the public captures, with established traffic between",
	async (t) => {
		const files = existsSync(TRACES) ? readdirSync(TRACES) : [];
		if (files.length === 0) t.comment(`no ${TRACES} here`);
		for (const file of files) {
			const { traffic, victim } = await capture(join(TRACES, file));
			for (const scope of ["host", "segment"] satisfies Scope[]) {
				const setting = { scope, own: scope === "host" ? [victim] : [] };
				const plain = told(traffic, setting);
				for (const choices of [
					[1, 2, 7, 11],
					[5, 25, 4],
					[14, 8, 22, 3, 16],
				])
					t.equal(
						json(told(amidst(traffic, choices), setting)),
						json(plain),
						`${file}, ${scope}`,
					);
			}
		}
	},
);
