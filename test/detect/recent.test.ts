import fc from "fast-check";
import t from "tap";
import { createRecent } from "../../src/detect/recent.ts";

/** Nothing is older than this. */
const EVER = 1_000_000;

t.test("found until it is older than the window", async (t) => {
	const recent = createRecent(6);
	recent.put(7, 100);
	t.ok(recent.find(7, 100, 0) >= 0);
	t.ok(recent.find(7, 130, 30) >= 0, "as old as the window");
	t.equal(recent.find(7, 131, 30), -1);
	t.equal(recent.find(8, 100, 30), -1);
	recent.put(7, 131);
	t.ok(recent.find(7, 150, 30) >= 0, "renewed");
});

t.test("values stay when renewed, and begin at 0", async (t) => {
	const recent = createRecent(1);
	const place = recent.put(7, 1);
	t.equal(recent.value(place), 0);
	recent.setValue(place, -5);
	t.equal(recent.put(7, 2), place);
	t.equal(recent.value(place), -5);
	recent.put(8, 3);
	recent.put(9, 4);
	t.equal(
		recent.find(7, 4, EVER),
		-1,
		"one bucket of two: the oldest gave way",
	);
	t.equal(recent.value(recent.put(7, 5)), 0, "nothing of its former value");
	t.equal(recent.find(8, 5, EVER), -1);
	t.ok(recent.find(9, 5, EVER) >= 0);
});

t.test("removed, and its place used again", async (t) => {
	const recent = createRecent(1);
	recent.put(7, 10);
	const place = recent.put(8, 11);
	recent.remove(place);
	t.equal(recent.find(8, 11, EVER), -1);
	t.equal(recent.put(9, 12), place);
	t.ok(recent.find(7, 12, EVER) >= 0, "the older one stayed");
});

type Step = readonly ["put" | "set" | "remove", key: number];
const step = fc.tuple(
	fc.constantFrom("put", "put", "set", "remove"),
	fc.integer({ min: -20, max: 20 }).filter((key) => key !== 0),
) as fc.Arbitrary<Step>;

t.test(
	"against a Map: nothing false is found, the latest two always are",
	async () => {
		fc.assert(
			fc.property(
				fc.array(step, { maxLength: 80 }),
				fc.integer({ min: 1, max: 5 }),
				(steps, bits) => {
					const recent = createRecent(bits);
					const model = new Map<number, { time: number; value: number }>();
					let latest: number[] = [];
					for (const [i, [what, key]] of steps.entries()) {
						const now = i + 1;
						const place = recent.find(key, now, EVER);
						const known = model.get(key);
						if (place >= 0 && !known) return false;
						if (place >= 0 && recent.value(place) !== known?.value)
							return false;
						if (what === "put") {
							const value = place >= 0 ? (known?.value ?? 0) : 0;
							recent.put(key, now);
							model.delete(key);
							model.set(key, { time: now, value });
							latest = [...latest.filter((k) => k !== key), key].slice(-2);
						} else if (place >= 0 && what === "set") {
							recent.setValue(place, i);
							if (known) known.value = i;
						} else if (place >= 0) {
							recent.remove(place);
							model.delete(key);
						}
						for (const one of latest) {
							const time = model.get(one)?.time;
							if (time === undefined) continue;
							if (recent.find(one, now, now - time) < 0) return false;
							if (recent.find(one, now, now - time - 1) >= 0) return false;
						}
					}
					return true;
				},
			),
			{ numRuns: 2000 },
		);
	},
);

t.test("in a table that is half full nearly all are found", async (t) => {
	const recent = createRecent(12);
	for (let key = 1; key <= 2048; key++) recent.put(key, key);
	let found = 0;
	for (let key = 1; key <= 2048; key++)
		if (recent.find(key, 2048, EVER) >= 0) found++;
	// Poisson with a mean of 1 in each bucket of two: 10.4 % are third or later
	t.ok(found > 2048 * 0.87, `${found} of 2048`);
});
