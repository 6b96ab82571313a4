import fc from "fast-check";
import t from "tap";
import { createRandom } from "../../src/watch/random.ts";

const draw = (n: number, count: number): number[] => {
	const random = createRandom();
	return Array.from({ length: count }, () => random(n));
};

t.test("integers from 0 to below n", async () => {
	const random = createRandom();
	fc.assert(
		fc.property(fc.integer({ min: 1, max: 2 ** 31 }), (n) => {
			const value = random(n);
			return Number.isInteger(value) && value >= 0 && value < n;
		}),
		{ numRuns: 5000 },
	);
	t.strictSame(new Set(draw(1, 100)), new Set([0]));
});

t.test(
	"no constant: past the pool, and from one generator to the next",
	async (t) => {
		const many = draw(2 ** 31, 5000);
		// a pair of 5,000 is alike once in 170 times, ten are never
		t.ok(new Set(many).size > 4990, `${new Set(many).size} distinct`);
		t.notSame(draw(2 ** 31, 8), draw(2 ** 31, 8));
	},
);

t.test("roughly uniform", async (t) => {
	const counts = new Array<number>(16).fill(0);
	for (const value of draw(16, 160_000))
		counts[value] = (counts[value] ?? 0) + 1;
	// eight times the standard deviation, which is 97
	for (const [value, count] of counts.entries())
		t.ok(Math.abs(count - 10_000) < 776, `${value}: ${count} times`);
	const large = draw(2 ** 31, 10_000);
	const mean = large.reduce((sum, value) => sum + value / 10_000, 0) / 2 ** 31;
	t.ok(Math.abs(mean - 0.5) < 0.025, `the mean is ${mean}`);
});
