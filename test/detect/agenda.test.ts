import fc from "fast-check";
import t from "tap";
import { createAgenda } from "../../src/detect/agenda.ts";

t.test(
	"in order of time, equal ones in the order they were entered",
	async (t) => {
		const ran: string[] = [];
		const agenda = createAgenda();
		const enter = (time: number, name: string) =>
			agenda.at(time, (due) => ran.push(`${name}@${due}`));
		t.equal(agenda.next(), undefined);
		for (const [time, name] of [
			[5, "a"],
			[3, "b"],
			[5, "c"],
			[4, "d"],
		] as const)
			enter(time, name);
		t.equal(agenda.next(), 3);
		agenda.advance(2.9);
		t.same(ran, []);
		agenda.advance(4);
		t.same(ran, ["b@3", "d@4"]);
		t.equal(agenda.next(), 5);
		agenda.advance(100);
		t.same(ran, ["b@3", "d@4", "a@5", "c@5"]);
		t.equal(agenda.next(), undefined);
	},
);

t.test("what is entered while it runs has its turn, once due", async (t) => {
	const ran: number[] = [];
	const agenda = createAgenda();
	const again = (due: number): void => {
		ran.push(due);
		agenda.at(due + 10, again);
	};
	agenda.at(0, again);
	agenda.advance(35);
	t.same(ran, [0, 10, 20, 30]);
	t.equal(agenda.next(), 40);
});

t.test("against a sorted list", async () => {
	const entry = fc.tuple(fc.constantFrom("at", "advance"), fc.nat(50));
	fc.assert(
		fc.property(fc.array(entry, { maxLength: 200 }), (entries) => {
			const agenda = createAgenda();
			let model: [time: number, id: number][] = [];
			let ran: [time: number, id: number][] = [];
			let clock = 0;
			for (const [id, [what, n]] of entries.entries()) {
				if (what === "at") {
					agenda.at(n, (due) => ran.push([due, id]));
					model.push([n, id]);
					model.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
					continue;
				}
				clock = Math.max(clock, n);
				ran = [];
				agenda.advance(clock);
				const due = model.filter(([time]) => time <= clock);
				model = model.filter(([time]) => time > clock);
				if (JSON.stringify(ran) !== JSON.stringify(due)) return false;
				if (agenda.next() !== model[0]?.[0]) return false;
			}
			return true;
		}),
		{ numRuns: 1000 },
	);
});
