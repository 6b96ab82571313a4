import t from "tap";
import { createCycle, shuffled } from "../../src/lure/cycle.ts";
import { START } from "../detect/drive.ts";
import { createLan, distinct } from "./lan.ts";

/** A cycle of two interfaces with two questions and one; what was asked when, in ms after `START`. */
function createAsker(every: number) {
	const { world, until } = createLan();
	const asked: [ms: number, what: string][] = [];
	const asks = (what: string) => (now: number) =>
		void asked.push([now - START, what]);
	const cycle = createCycle(every, world, () => [
		[asks("a1"), asks("a2")],
		[asks("b")],
	]);
	return { cycle, asked, until };
}

t.test("half to one and a half of the time between two cycles", async (t) => {
	const { cycle, asked, until } = createAsker(60_000);
	cycle.start(START);
	until(60_000 * 1000);
	const begun = asked.filter(([, what]) => what === "b").map(([ms]) => ms);
	const gaps = begun.slice(1).map((ms, i) => ms - (begun[i] as number));
	t.ok((begun[0] as number) <= 11_000, "the first one soon");
	t.ok(Math.abs(begun.length - 1000) < 50, `${begun.length} cycles`);
	t.ok(Math.min(...gaps) >= 29_000 && Math.max(...gaps) <= 91_000);
	t.ok(Math.min(...gaps) < 32_000 && Math.max(...gaps) > 88_000);
	t.ok(distinct(gaps) > 950, `${distinct(gaps)} gaps`);
});

t.test("questions of an interface: any order, 0.5 to 3 s apart", async (t) => {
	const gaps: number[] = [];
	let swapped = 0;
	const { cycle, asked, until } = createAsker(0);
	for (let i = 0; i < 1000; i++) {
		asked.length = 0;
		cycle.once(START + i * 10_000);
		until((i + 1) * 10_000 - 1);
		t.equal(asked.length, 3);
		const [one, two] = asked.filter(([, what]) => what !== "b");
		gaps.push((two?.[0] ?? 0) - (one?.[0] ?? 0));
		if (one?.[1] === "a2") swapped++;
		if ((asked[0]?.[0] ?? 0) > i * 10_000 + 1_000) t.fail("late");
	}
	t.ok(Math.min(...gaps) >= 500 && Math.max(...gaps) <= 3_000);
	t.ok(Math.min(...gaps) < 520 && Math.max(...gaps) > 2_980);
	t.ok(swapped > 400 && swapped < 600, `${swapped} swapped`);
});

t.test("never, once, and stopped", async (t) => {
	const never = createAsker(0);
	never.cycle.start(START);
	never.until(1e9);
	t.same(never.asked, []);
	never.cycle.once(START + 1e9);
	never.until(2e9);
	t.equal(never.asked.length, 3);

	const { cycle, asked, until } = createAsker(60_000);
	cycle.start(START);
	until(600_000);
	const before = asked.length;
	cycle.stop();
	until(6_000_000);
	t.equal(asked.length, before, "nothing is asked any more");
	cycle.start(START + 6_000_000);
	cycle.start(START + 6_000_000);
	until(6_000_000 + 60_000 * 100);
	const more = asked.length - before;
	t.ok(
		more > 250 && more < 350,
		`${more} questions: a second start is the only one`,
	);
});

t.test("every order comes as often", async (t) => {
	const { world } = createLan();
	const counts = new Map<string, number>();
	for (let i = 0; i < 6000; i++) {
		const order = shuffled(world.random, ["a", "b", "c"]).join("");
		counts.set(order, (counts.get(order) ?? 0) + 1);
	}
	t.equal(counts.size, 6);
	for (const [order, count] of counts)
		t.ok(count > 850 && count < 1150, `${order} ${count}`);
});
