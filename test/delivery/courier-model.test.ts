import fc from "fast-check";
import t, { type Test } from "tap";
import {
	createStage,
	type Outcome,
	type Trial,
	trialOf,
} from "./couriertrial.ts";
import { good, opened, probe } from "./stores.ts";

/** What happens next: alerts come, time passes, or the process is killed and another one starts. */
const step = fc.oneof(
	{ weight: 4, arbitrary: fc.record({ add: fc.integer({ min: 1, max: 12 }) }) },
	{
		weight: 4,
		arbitrary: fc.record({ pass: fc.integer({ min: 0, max: 90_000 }) }),
	},
	{ weight: 1, arbitrary: fc.record({ kill: fc.constant(true) }) },
);

const outcome: fc.Arbitrary<Outcome> = fc.record({
	why: fc.option(fc.constant("refused"), { nil: undefined }),
	ms: fc.oneof(fc.constant(0), fc.nat(60_000)),
});

const plan = fc.record({
	batch: fc.record({
		gather: fc.constantFrom(0, 1000, 30_000),
		every: fc.constantFrom(0, 10_000, 300_000),
		max: fc.integer({ min: 1, max: 7 }),
	}),
	outcomes: fc.array(outcome, { maxLength: 40 }),
});

/** A sink that does as planned, and works when the plan is at its end. */
function planned(
	name: string,
	{ batch, outcomes }: { batch: Trial["batch"]; outcomes: Outcome[] },
) {
	const left = [...outcomes];
	return trialOf(name, batch, () => left.shift() ?? { why: undefined, ms: 5 });
}

/** What must hold of what a sink got of the alerts that were added at these times, after so many kills. */
function judge(
	t: Test,
	trial: Trial,
	added: Map<string, number>,
	kills: number,
): void {
	const { batch, deliveries } = trial;
	const taken = deliveries.filter(({ why }) => why === undefined);
	const ids = taken.flatMap(({ ids }) => ids);
	t.same(
		[...new Set(ids)],
		[...added.keys()],
		"all, the first time each in order",
	);
	const twice = ids.length - added.size;
	t.ok(twice <= kills * batch.max, `${twice} twice after ${kills} kills`);
	for (const { at, ids } of deliveries) {
		t.ok(ids.length > 0 && ids.length <= batch.max, "at most a batch");
		const oldest = added.get(ids[0] as string) as number;
		t.ok(ids.length === batch.max || at >= oldest + batch.gather, "gathered");
	}
	const told = taken.filter(({ ended }) => ended !== undefined);
	for (const [i, { ended = 0 }] of told.entries()) {
		const next = deliveries.find(
			({ at }, j) => j > deliveries.indexOf(told[i] as never) && at >= ended,
		);
		if (next) t.ok(next.at >= ended + batch.every, "not too early");
	}
	for (const [i, { at }] of deliveries.entries()) {
		const before = deliveries[i - 1];
		if (before?.ended !== undefined) t.ok(at >= before.ended, "one at a time");
	}
}

t.test(
	"whatever sinks do and whenever we are killed: all at least once, in order, in bounds",
	async (t) => {
		await fc.assert(
			fc.asyncProperty(
				fc.array(step, { maxLength: 40 }),
				plan,
				plan,
				async (steps, one, two) => {
					const store = await opened(":memory:");
					const stage = createStage(store);
					stage.set(1e9);
					const trials = [planned("one", one), planned("two", two)];
					const added = new Map<string, number>();
					let process = stage.start(trials);
					let kills = 0;
					for (const step of steps) {
						if ("add" in step) {
							const entries = Array.from({ length: step.add }, (_, i) =>
								probe(added.size + i),
							);
							for (const { id } of entries)
								added.set(id as string, stage.now());
							store.add(
								entries.map((entry) => ({ entry, sinks: ["one", "two"] })),
								stage.now(),
							);
							process.courier.poke();
						} else if ("pass" in step) await stage.pass(step.pass);
						else {
							kills++;
							process.kill();
							process = stage.start(trials);
						}
					}
					const waits = () =>
						trials.some(({ name }) => good(store.depth(name)).count > 0);
					for (let hours = 0; waits() && hours < 40; hours++)
						await stage.pass(3600_000);
					for (const trial of trials) judge(t, trial, added, kills);
					process.kill();
					store.close();
				},
			),
			{ numRuns: 60 },
		);
	},
);
