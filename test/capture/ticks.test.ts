import fc from "fast-check";
import t from "tap";
import { clockOf, MICROSECONDS } from "../../src/capture/ticks.ts";

const words = (ticks: bigint): [number, number] => [
	Number(ticks >> 32n),
	Number(ticks & 0xffffffffn),
];

t.test("timestamps of every usual unit", async (t) => {
	const cases: [boolean, number, number, bigint, number][] = [
		[false, 6, 0, 1700000000123456n, 1700000000123.456],
		[false, 9, 0, 1700000000123456789n, 1700000000123.456],
		[false, 3, 0, 1700000000123n, 1700000000123],
		[false, 0, 0, 1700000000n, 1700000000000],
		[false, 12, 0, 1234567890123n, 1234.567],
		[true, 10, 0, 1536n, 1500],
		[true, 32, 0, (1700000000n << 32n) + 0x80000000n, 1700000000500],
		[true, 0, 0, 3n, 3000],
		[false, 6, -3600, 3600500000n, 500],
		[false, 9, 1700000000, 250000000n, 1700000000250],
	];
	for (const [binary, exponent, offset, ticks, time] of cases)
		t.equal(clockOf({ binary, exponent, offset })(...words(ticks)), time);
	t.equal(clockOf(MICROSECONDS)(...words(1n)), 0.001);
});

t.test(
	"exact to the microsecond, by arithmetic with big integers",
	async (t) => {
		const seconds = fc.bigInt({ min: 0n, max: 4294967295n });
		const exponent = fc.integer({ min: 0, max: 9 });
		fc.assert(
			fc.property(seconds, fc.bigInt({ min: 0n }), exponent, (s, extra, n) => {
				const unit = 10n ** BigInt(n);
				const ticks = s * unit + (extra % unit);
				const micros = (ticks * 1_000_000n) / unit;
				const clock = clockOf({ binary: false, exponent: n, offset: 0 });
				return clock(...words(ticks)) === Number(micros) / 1000;
			}),
			{ numRuns: 10_000 },
		);
		t.pass("no counterexample");
	},
);

t.test("any resolution and any timestamp give a number", async (t) => {
	const word = fc.integer({ min: 0, max: 0xffffffff });
	const resolution = fc.record({
		binary: fc.boolean(),
		exponent: fc.integer({ min: 0, max: 127 }),
		offset: fc.double({ min: -(2 ** 63), max: 2 ** 63, noNaN: true }),
	});
	fc.assert(
		fc.property(resolution, word, word, (unit, high, low) =>
			Number.isFinite(clockOf(unit)(high, low)),
		),
		{ numRuns: 10_000 },
	);
	t.pass("no counterexample");
});
