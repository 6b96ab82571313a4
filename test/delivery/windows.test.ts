import fc from "fast-check";
import t from "tap";
import { createWindows } from "../../src/delivery/windows.ts";

const seeded = () => createWindows(() => 0.5);

t.test("found until closed, in the order of opening", async (t) => {
	const windows = seeded();
	t.equal(windows.find("a"), -1);
	const [a, b, c] = ["a", "b", "c"].map((key, i) =>
		windows.open(key, i < 2 ? 100 : 50, 1000 + i),
	) as [number, number, number];
	t.same([windows.find("a"), windows.find("b"), windows.find("c")], [a, b, c]);
	t.same([windows.ends(b), windows.ms(c), windows.size], [1001, 50, 3]);
	t.same(windows.first(), [a, c], "of each length the first to end");
	t.same(
		[windows.oldest(), windows.after(a), windows.after(b), windows.after(c)],
		[a, b, c, -1],
	);
	windows.setTold(a, 7);
	windows.renew(a, 1100);
	t.same([windows.told(a), windows.ends(a), windows.oldest()], [7, 1100, b]);
	t.same(windows.first(), [b, c]);
	windows.close(b);
	t.same([windows.find("b"), windows.oldest(), windows.size], [-1, c, 2]);
	t.equal(windows.open("d", 100, 2000), b, "its place is used again");
	t.equal(windows.told(b), 0);
	windows.close(c);
	t.same(windows.first(), [a], "no window is that short any more");
});

t.test("100,000 of them", async (t) => {
	const windows = createWindows(Math.random);
	const places = new Set<number>();
	for (let i = 0; i < 100_000; i++)
		places.add(windows.open(`key ${i}`, 1000, i));
	t.equal(places.size, 100_000);
	let found = 0;
	for (let i = 0; i < 100_000; i++) {
		const place = windows.find(`key ${i}`);
		if (windows.ends(place) === i) found++;
		if (i % 2 === 0) windows.close(place);
	}
	t.equal(found, 100_000);
	t.equal(windows.size, 50_000);
	for (let i = 0; i < 100_000; i++)
		if (windows.find(`key ${i}`) >= 0 !== (i % 2 === 1)) found = 0;
	t.equal(found, 100_000, "the others are still there");
});

t.test("property: it does what a map does", async () => {
	const step = fc.record({
		key: fc.stringMatching(/^[ab]{1,4}$/),
		ms: fc.constantFrom(10, 20),
		what: fc.constantFrom("open", "renew", "close"),
	});
	fc.assert(
		fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
			const windows = seeded();
			const model = new Map<string, number>();
			for (const [at, { key, ms, what }] of steps.entries()) {
				const place = windows.find(key);
				if (place < 0 !== !model.has(key)) return false;
				if (place >= 0 && windows.ends(place) !== model.get(key)) return false;
				if (place < 0) windows.open(key, ms, at);
				else if (what === "renew") windows.renew(place, at);
				else if (what === "close") windows.close(place);
				if (place >= 0 && what !== "open") model.delete(key);
				if (place < 0 || what === "renew") model.set(key, at);
			}
			const order: number[] = [];
			for (let i = windows.oldest(); i >= 0; i = windows.after(i))
				order.push(windows.ends(i));
			return (
				windows.size === model.size && `${order}` === `${[...model.values()]}`
			);
		}),
	);
});
