/** What alerts don't depend on: the run, the clock's ticks and its origin, batches. */
import fc from "fast-check";
import t from "tap";
import { createFeed } from "../../src/watch/feed.ts";
import { createWatcher, START, type Timed, told } from "./drive.ts";
import { json, setting, traffic } from "./traffic.ts";

const MINUTE = 60_000;

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
