import fc from "fast-check";
import t from "tap";
import { createFolder } from "../../src/trap/fold.ts";

const limits = { burst: 3, windowMs: 60_000, maxEntries: 4 };

t.test(
	"the first of a window are logged, the rest folded and told at its end",
	async (t) => {
		const folder = createFolder<string>(limits);
		const seen = [0, 1, 2, 3, 4].map((i) =>
			folder.admit("rexec", "a", 1000 + i),
		);
		t.same(seen, [true, true, true, false, false]);
		t.same(folder.expire(60_999), []);
		t.match(folder.expire(61_000), [
			{
				trap: "rexec",
				ip: "a",
				crowd: false,
				fold: { count: 2, first: 1003, last: 1004 },
			},
		]);
		t.equal(folder.size, 0);
		t.equal(
			folder.admit("rexec", "a", 61_000),
			true,
			"a new window, a new budget",
		);
	},
);

t.test("sources and traps have budgets of their own", async (t) => {
	const folder = createFolder<string>(limits);
	for (let i = 0; i < 3; i++) folder.admit("rexec", "a", 0);
	t.equal(folder.admit("rexec", "a", 0), false);
	t.equal(folder.admit("login", "a", 0), true);
	t.equal(folder.admit("rexec", "b", 0), true);
	t.equal(folder.admit("rexec", undefined, 0), true);
});

t.test("a full table folds newcomers into one entry a trap", async (t) => {
	const folder = createFolder<string>(limits);
	for (const ip of ["a", "b", "c", "d"])
		t.equal(folder.admit("rexec", ip, 0), true);
	t.equal(folder.admit("rexec", "e", 1), false);
	t.equal(folder.admit("rexec", "f", 2), false);
	t.equal(folder.admit("rexec", "a", 3), true, "who is known keeps its budget");
	t.match(folder.expire(Number.POSITIVE_INFINITY), [
		{ crowd: true, ip: undefined, fold: { count: 2, first: 1, last: 2 } },
	]);
});

t.test("nothing is logged singly while the way out is full", async (t) => {
	let busy = true;
	const folder = createFolder<string>(limits, () => busy);
	t.equal(folder.admit("rexec", "a", 0), false);
	busy = false;
	t.equal(folder.admit("rexec", "a", 0), true);
	t.equal(folder.expire(Number.POSITIVE_INFINITY)[0]?.fold.count, 1);
});

t.test(
	"a clock set back ends the window instead of holding it open",
	async (t) => {
		const folder = createFolder<string>({ ...limits, burst: 0 });
		folder.admit("rexec", "a", 1_000_000);
		t.equal(folder.expire(500_000).length, 1);
	},
);

t.test(
	"singles and folds always add up; the table stays bounded",
	async (t) => {
		const step = fc.record({
			ip: fc.integer({ min: 0, max: 20 }),
			trap: fc.constantFrom("rexec", "login"),
			wait: fc.integer({ min: -5, max: 9000 }),
			busy: fc.boolean(),
		});
		fc.assert(
			fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
				let busy = false;
				const folder = createFolder<string>(limits, () => busy);
				let [now, singles, folds] = [0, 0, 0];
				const tell = (until: number) => {
					for (const { fold } of folder.expire(until)) folds += fold.count;
				};
				for (const { ip, trap, wait, busy: full } of steps) {
					now += wait;
					busy = full;
					tell(now);
					if (folder.admit(trap, String(ip), now)) singles++;
					if (folder.size > limits.maxEntries + 2) return false;
				}
				tell(Number.POSITIVE_INFINITY);
				return singles + folds === steps.length && folder.size === 0;
			}),
			{ numRuns: 1000 },
		);
		t.pass("no counterexample");
	},
);

t.test("folds can be taken out a few at a time, none twice", async (t) => {
	const folder = createFolder<string>(limits);
	for (const ip of ["a", "b", "c"])
		for (let i = 0; i < 5; i++) folder.admit("rexec", ip, 0);
	const take = () => folder.expire(60_000, 2).map(({ ip }) => ip);
	t.same([take(), take(), take()], [["a", "b"], ["c"], []]);
	t.equal(folder.size, 0);
});
