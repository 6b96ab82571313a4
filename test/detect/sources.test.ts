import fc from "fast-check";
import t from "tap";
import { spread } from "../../src/detect/hash.ts";
import {
	createSources,
	INLINE_ITEMS,
	itemOf,
	weightOf,
} from "../../src/detect/sources.ts";
import { range } from "./drive.ts";

/** Two buckets of four entries, 256 newcomers. */
const small = () => createSources(3, 8);
/** Sources of the first bucket. */
const [a, b, c, d, e, f, g, h] = range(1, 100).filter(
	(source) => (spread(source) & 4) === 0,
) as [number, number, number, number, number, number, number, number];
const HOUR = 36_000; // tenths of a second

t.test("what a port weighs", async (t) => {
	for (const [port, weight] of [
		[0, 1],
		[1, 3],
		[1023, 3],
		[1024, 1],
		[65_535, 1],
	] as const)
		t.equal(weightOf(port), weight, `${port}`);
});

t.test(
	"a newcomer, an entry with the second attempt, full with the fifth",
	async (t) => {
		const sources = small();
		const note = (port: number, now: number) =>
			sources.note(7, itemOf(port, 99), now);
		t.equal(note(80, 10), -1);
		t.equal(note(80, 11), -1, "the same again is nothing new");
		t.equal(sources.find(7), -1);
		const entry = note(81, 12);
		t.ok(entry >= 0);
		t.equal(sources.find(7), entry);
		t.same(sources.items(entry), [itemOf(80, 99), itemOf(81, 99)]);
		t.equal(sources.first(entry), 10);
		t.equal(sources.weight(entry), 6);
		note(82, 13);
		note(83, 14);
		t.equal(INLINE_ITEMS, 4);
		t.equal(sources.isFull(entry, itemOf(83, 99)), false, "it has this one");
		t.equal(sources.isFull(entry, itemOf(84, 99)), true);
		t.equal(note(84, 15), entry);
		t.equal(sources.items(entry).length, 4);
		t.equal(
			sources.weight(entry),
			15,
			"the fifth weighs although it isn't kept",
		);
	},
);

t.test("a burst ends with three seconds of nothing", async (t) => {
	const sources = small();
	sources.note(7, itemOf(80, 1), 10);
	const entry = sources.note(7, itemOf(81, 1), 39);
	t.equal(sources.weight(entry), 6, "2.9 s");
	sources.note(7, itemOf(82, 1), 69);
	t.equal(sources.weight(entry), 3, "3.0 s");
	sources.note(7, itemOf(2000, 1), 70);
	t.equal(sources.weight(entry), 4);
});

t.test("taken back", async (t) => {
	const sources = small();
	sources.note(7, itemOf(80, 1), 10);
	sources.remove(7, itemOf(80, 1));
	t.equal(sources.note(7, itemOf(81, 1), 11), -1, "a newcomer once more");
	const entry = sources.note(7, itemOf(82, 1), 12);
	sources.note(7, itemOf(8000, 1), 12);
	sources.remove(7, itemOf(82, 1));
	sources.remove(7, itemOf(9000, 1));
	sources.remove(8, itemOf(81, 1));
	t.same(sources.items(entry), [itemOf(81, 1), itemOf(8000, 1)]);
	t.equal(sources.weight(entry), 4);
});

t.test("forgotten after an hour", async (t) => {
	const sources = small();
	sources.note(7, itemOf(80, 1), 10);
	t.ok(sources.note(7, itemOf(81, 1), 10 + HOUR) >= 0, "just in time");
	sources.note(8, itemOf(80, 1), 10);
	t.equal(sources.note(8, itemOf(81, 1), 11 + HOUR), -1, "too late");
	t.equal(sources.note(7, itemOf(82, 1), 11 + 2 * HOUR), -1);
	t.ok(sources.note(7, itemOf(83, 1), 12 + 2 * HOUR) >= 0);
	const entry = sources.find(7);
	t.same(sources.items(entry), [itemOf(82, 1), itemOf(83, 1)]);
	t.equal(sources.takeForgotten(), 0, "in their own time");
});

/** Gives a source `count` attempts, the last one at `now`. */
function fill(
	sources: ReturnType<typeof createSources>,
	source: number,
	count: number,
	now: number,
): void {
	for (let i = 0; i < count; i++)
		sources.note(source, itemOf(5000 + i, 1), now - count + 1 + i);
}

t.test(
	"the lightest gives way, of equals the oldest, suspects last",
	async (t) => {
		const sources = small();
		fill(sources, a, 3, 10);
		fill(sources, b, 2, 20);
		fill(sources, c, 2, 30);
		fill(sources, d, 4, 11);
		sources.setSuspect(sources.find(a), 12);
		t.equal(sources.takeForgotten(), 0);
		const present = () =>
			[a, b, c, d, e, f, g, h].filter((s) => sources.find(s) >= 0);
		fill(sources, e, 2, 40);
		t.same(present(), [a, c, d, e], "b was lightest, older than c");
		fill(sources, f, 3, 50);
		t.same(present(), [a, d, e, f]);
		fill(sources, g, 4, 60);
		fill(sources, h, 4, 70);
		t.same(present(), [a, d, g, h], "the suspect with three stays before four");
		t.equal(sources.takeForgotten(), 4);
		t.equal(sources.takeForgotten(), 0);
		t.equal(sources.suspect(sources.find(a)), 12);
		t.equal(sources.suspect(sources.find(d)), -1);
	},
);

t.test("a flood of newcomers leaves the entries alone", async (t) => {
	const sources = small();
	fill(sources, 1, 4, 10);
	for (let source = 100; source < 100_000; source++)
		sources.note(source, itemOf(80, 1), 20);
	t.equal(sources.items(sources.find(1)).length, 4);
	t.equal(sources.takeForgotten(), 0);
});

t.test("muted for a minute", async (t) => {
	const sources = small();
	fill(sources, 1, 4, 10);
	const entry = sources.find(1);
	sources.setSuspect(entry, 65_000);
	for (const minute of [0, 1, 30, 31, 29_453_760]) {
		sources.mute(entry, minute);
		t.equal(sources.isMuted(entry, minute), true, `${minute}`);
		t.equal(sources.isMuted(entry, minute + 1), false);
	}
	t.equal(sources.suspect(entry), 65_000);
	t.equal(sources.items(entry).length, 4);
	t.equal(sources.weight(entry), 4);
});

t.test("against a Map, as long as there is room", async () => {
	const attempt = fc.tuple(
		fc.integer({ min: 1, max: 30 }),
		fc.nat(6),
		fc.nat(20),
	);
	fc.assert(
		fc.property(fc.array(attempt, { maxLength: 150 }), (attempts) => {
			const sources = createSources(12, 16);
			const model = new Map<number, { items: number[]; first: number }>();
			let now = 1;
			for (const [source, port, pause] of attempts) {
				now += pause;
				const item = itemOf(port, source);
				const known = model.get(source) ?? { items: [], first: now };
				if (!known.items.includes(item)) known.items.push(item);
				model.set(source, known);
				const entry = sources.note(source, item, now);
				if (entry >= 0 !== known.items.length > 1) return false;
				if (entry < 0) continue;
				const kept = known.items.slice(0, INLINE_ITEMS);
				if (JSON.stringify(sources.items(entry)) !== JSON.stringify(kept))
					return false;
				if (sources.first(entry) !== known.first) return false;
				if (
					sources.isFull(entry, item) !==
					known.items.indexOf(item) >= INLINE_ITEMS
				)
					return false;
			}
			return true;
		}),
		{ numRuns: 500 },
	);
});
