import fc from "fast-check";
import t from "tap";
import type { Alert, ProbeAlert } from "../../src/alert/alert.ts";
import { createThrottle } from "../../src/delivery/throttle.ts";
import { anyAlert, PING, PROBE, SCAN, TIME } from "../alert/samples.ts";

const MINUTE = 60_000;
const PACE = { ms: 5 * MINUTE, burst: 1 };

function trial(max?: number) {
	const told: Alert[] = [];
	const throttle = createThrottle((alert) => told.push(alert), max);
	return { ...throttle, told, size: () => throttle.size };
}

const probe = (time: number, ip = "192.0.2.7", port = 23): ProbeAlert => ({
	...PROBE,
	time,
	source: { ip },
	destination: { ip: "192.0.2.1", port },
});

/** What an alert stands for: probes and pings count what was not told, or one. */
const weight = (alert: Alert) =>
	"fold" in alert && alert.fold ? alert.fold.count : 1;

t.test("the first at once, the rest in one a window", async (t) => {
	const { take, advance, next, told, size } = trial();
	for (let i = 0; i < 1000; i++) take(probe(TIME + i), PACE, TIME + i);
	t.same(told, [probe(TIME)]);
	t.equal(next(), TIME + 5 * MINUTE);
	advance(TIME + 5 * MINUTE - 1);
	t.equal(told.length, 1);
	advance(TIME + 5 * MINUTE);
	t.same(told.slice(1), [
		{
			...probe(TIME + 5 * MINUTE),
			fold: { count: 999, first: TIME + 1, last: TIME + 999 },
		},
	]);
	const later = TIME + 6 * MINUTE;
	take(probe(later), PACE, later);
	t.equal(told.length, 2, "it goes on");
	advance(TIME + 10 * MINUTE);
	t.same(told.slice(2).map(weight), [1]);
	advance(TIME + 15 * MINUTE);
	t.equal(told.length, 3, "a quiet window tells nothing");
	t.equal(size(), 0);
	t.equal(next(), undefined);
	take(probe(later + 10 * MINUTE), PACE, later + 10 * MINUTE);
	t.equal(told.length, 4, "and the next one is told at once");
});

t.test("folds that come are added up", async (t) => {
	const { take, finish, told } = trial();
	take(probe(TIME), PACE, TIME);
	const fold = (count: number, first: number) => ({
		...probe(TIME + 100),
		fold: { count, first: TIME + first, last: TIME + first + 10 },
	});
	take(fold(5, 20), PACE, TIME + 100);
	take(fold(7, 3), PACE, TIME + 200);
	take(probe(TIME + 300), PACE, TIME + 300);
	finish(TIME + 400);
	t.same(told[1], {
		...probe(TIME + 400),
		fold: { count: 13, first: TIME + 3, last: TIME + 300 },
	});
});

t.test("other sources, targets and techniques are told", async (t) => {
	const { take, told } = trial();
	const others: Alert[] = [
		probe(TIME),
		probe(TIME, "192.0.2.8"),
		probe(TIME, "192.0.2.7", 24),
		{ ...probe(TIME), technique: "fin" },
		{ ...probe(TIME), interface: "eth1" },
		PING,
		SCAN,
	];
	for (const alert of others) take(alert, PACE, TIME);
	t.same(told, others);
});

t.test("what a scan says of itself is not added up twice", async (t) => {
	const { take, advance, told } = trial();
	const scan = (
		phase: "start" | "update" | "end",
		first: number,
		count: number,
	) => ({
		...SCAN,
		phase,
		fold: { count, first, last: first + count },
	});
	take(scan("start", TIME, 7), PACE, TIME);
	take(scan("update", TIME, 100), PACE, TIME + 1);
	take(scan("end", TIME, 150), PACE, TIME + 2);
	take(scan("start", TIME + 1000, 7), PACE, TIME + 3);
	take(scan("end", TIME + 1000, 20), PACE, TIME + 4);
	advance(TIME + 5 * MINUTE);
	t.equal(told.length, 2);
	t.match(told[1], {
		phase: "end",
		time: TIME + 5 * MINUTE,
		fold: { count: 170, first: TIME, last: TIME + 1020 },
	});
});

t.test("a burst, no folding, a reason", async (t) => {
	const { take, finish, told } = trial();
	const pace = { ms: MINUTE, burst: 3, why: "the lab" };
	for (let i = 0; i < 5; i++) take(probe(TIME), pace, TIME);
	t.equal(told.length, 3);
	finish(TIME);
	t.match(told[3], { fold: { count: 2 }, note: "the lab" });
	for (let i = 0; i < 5; i++) take(PING, { ms: 0, burst: 1 }, TIME);
	t.equal(told.length, 9);
	const sensor: Alert = {
		kind: "sensor",
		time: TIME,
		state: "drops",
		message: "5 packets",
	};
	for (let i = 0; i < 5; i++) take(sensor, PACE, TIME);
	t.equal(told.length, 14, "tocsin about itself");
});

t.test("a full table", async (t) => {
	const { take, finish, told, size } = trial(10);
	const ip = (i: number) => `10.0.0.${i % 50}`;
	for (let i = 0; i < 1000; i++) take(probe(TIME, ip(i)), PACE, TIME + i);
	t.equal(size(), 10);
	const firsts = new Set(
		told.map((alert) => "source" in alert && alert.source.ip),
	);
	t.equal(firsts.size, 50, "each source was told");
	finish(TIME + 1000);
	t.equal(
		told.reduce((sum, alert) => sum + weight(alert), 0),
		1000,
	);
});

t.test("too many folds", async (t) => {
	const { take, finish, told, size } = trial(60);
	const ip = (i: number) => `10.0.0.${i % 50}`;
	for (let i = 0; i < 200; i++) take(probe(TIME, ip(i)), PACE, TIME + i);
	t.equal(size(), 50, "all windows are open");
	const early = told.filter((alert) => "fold" in alert && alert.fold);
	t.equal(early.length, 150 - 10, "all folds but ten were told");
	finish(TIME + 1000);
	t.equal(
		told.reduce((sum, alert) => sum + weight(alert), 0),
		200,
	);
});

t.test("nothing is lost of a count, whatever comes", async () => {
	const simple = anyAlert.filter(
		({ kind }) => kind !== "scan" && kind !== "sweep" && kind !== "sensor",
	);
	fc.assert(
		fc.property(
			fc.array(fc.tuple(simple, fc.nat(4 * MINUTE))),
			fc.integer({ min: 1, max: 5 }),
			fc.integer({ min: 1, max: 3 }),
			(alerts, max, burst) => {
				const { take, advance, finish, told } = trial(max);
				let now = TIME;
				let sum = 0;
				for (const [alert, after] of alerts) {
					now += after;
					advance(now);
					take(alert, { ms: 5 * MINUTE, burst }, now);
					sum += weight(alert);
				}
				finish(now);
				return sum === told.reduce((all, alert) => all + weight(alert), 0);
			},
		),
	);
});
