import fc from "fast-check";
import t from "tap";
import { createBudget, createRoom } from "../../src/detect/budget.ts";
import { START } from "./drive.ts";

const MINUTE = 60_000;
const MANY = { lines: 1000, all: 1000, macs: 1000 };

/** Lines that are left for a MAC address, or for each of several one. */
function take(
	budget: ReturnType<typeof createBudget>,
	now: number,
	macs: readonly number[],
): number {
	return macs.filter((mac) => budget.take(mac, now)).length;
}
const tenOf = (mac: number) => new Array<number>(10).fill(mac);
const ten = [11, 12, 13, 14, 15, 16, 17, 18, 19, 20];

t.test("lines of a MAC address, in any minute", async (t) => {
	const budget = createBudget({ ...MANY, lines: 3 });
	t.equal(take(budget, START, tenOf(7)), 3);
	t.equal(take(budget, START, tenOf(8)), 3, "another's");
	t.equal(take(budget, START + MINUTE - 1, tenOf(7)), 0);
	t.equal(take(budget, START + MINUTE, tenOf(7)), 3);
});

t.test("lines of all", async (t) => {
	const budget = createBudget({ ...MANY, all: 4 });
	t.equal(take(budget, START, ten), 4);
	t.equal(take(budget, START + MINUTE, ten), 4);
});

t.test("MAC addresses with lines", async (t) => {
	const budget = createBudget({ ...MANY, macs: 2 });
	t.equal(take(budget, START, ten), 2);
	t.equal(take(budget, START + 1, tenOf(11)), 10, "who has some gets more");
	t.equal(take(budget, START + 1, tenOf(13)), 0);
	t.equal(take(budget, START + MINUTE, tenOf(13)), 10, "12's minute is over");
	t.equal(take(budget, START + MINUTE, tenOf(14)), 0, "11's isn't");
});

t.test("what is taken is taken from the joint purse as well", async (t) => {
	const joint = createBudget({ ...MANY, all: 5 });
	const [one, other] = [
		createBudget({ ...MANY, all: 4 }, joint),
		createBudget(MANY, joint),
	];
	t.equal(take(one, START, ten), 4);
	t.equal(take(other, START, ten), 1);
	t.equal(take(joint, START, ten), 0);
});

t.test(
	"a refused line costs nothing, here or in the joint purse",
	async (t) => {
		const joint = createBudget({ ...MANY, all: 5 });
		const budget = createBudget({ ...MANY, lines: 2 }, joint);
		t.equal(take(budget, START, tenOf(7)), 2);
		t.equal(take(budget, START, tenOf(8)), 2);
		t.equal(take(budget, START, tenOf(9)), 1);
		t.equal(take(budget, START + MINUTE, tenOf(9)), 2);
	},
);

t.test("never more than the limits, whatever comes", async () => {
	const step = fc.tuple(fc.nat(20_000), fc.nat(12));
	fc.assert(
		fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
			const budget = createBudget({ lines: 3, all: 8, macs: 5 });
			const taken: [now: number, mac: number][] = [];
			let now = START;
			for (const [pause, mac] of steps) {
				now += pause;
				if (budget.take(mac, now)) taken.push([now, mac]);
				const lately = taken.filter(([at]) => now - at < MINUTE);
				if (lately.length > 8) return false;
				if (lately.filter(([, m]) => m === mac).length > 3) return false;
				if (new Set(lately.map(([, m]) => m)).size > 5) return false;
			}
			return true;
		}),
	);
});

t.test("room", async (t) => {
	const room = createRoom(2);
	t.equal(room.enter(1), true);
	t.equal(room.enter(1), true);
	t.equal(room.enter(1), false);
	t.equal(room.enter(2), true, "another's");
	room.leave(1);
	t.equal(room.enter(1), true);
	room.leave(3);
	t.equal(room.enter(3), true, "who leaves an empty room leaves it empty");
	t.equal(room.enter(3), true);
	t.equal(room.enter(3), false);
});
