import type { Batch } from "../../src/config/sinktypes.ts";
import {
	type Courier,
	createCourier,
	type Outboxed,
} from "../../src/delivery/courier.ts";
import type { Entry, Sink } from "../../src/delivery/sink.ts";
import type { Store } from "../../src/delivery/store.ts";
import { createAgenda } from "../../src/detect/agenda.ts";

/** What a sink does with a batch, and how many ms it takes. */
export interface Outcome {
	why: string | undefined;
	ms: number;
}

export interface Delivery {
	/** When it began; when it was answered, undefined while it wasn't. */
	at: number;
	ended?: number;
	why?: string | undefined;
	ids: (string | undefined)[];
}

/** A sink of a test: what it was given, and what it answers. */
export interface Trial {
	name: string;
	batch: Batch;
	deliveries: Delivery[];
	closed: number;
	next(): Outcome;
}

export const trialOf = (
	name: string,
	batch: Batch,
	next: () => Outcome = () => ({ why: undefined, ms: 0 }),
): Trial => ({ name, batch, next, deliveries: [], closed: 0 });

/** Lets everything run that waits for no timer. */
export const settle = () => new Promise<void>((run) => setImmediate(run));

/** A world whose clock is ours; a process of it can be killed. */
export function createStage(store: Store) {
	const agenda = createAgenda();
	const told: string[] = [];
	let [now, processes] = [0, 0];

	function start(trials: readonly Trial[]) {
		let alive = true;
		const setTimer = (run: () => void, ms: number) => {
			let wanted = true;
			agenda.at(now + ms, () => {
				if (wanted && alive) run();
			});
			return () => {
				wanted = false;
			};
		};
		const sinkOf = (trial: Trial): Sink => ({
			deliver: (entries: Entry[]) =>
				new Promise((resolve) => {
					const { why, ms } = trial.next();
					const ids = entries.map(({ id }) => id);
					const delivery: Delivery = { at: now, ids };
					trial.deliveries.push(delivery);
					setTimer(() => {
						Object.assign(delivery, { ended: now, why });
						resolve(why);
					}, ms);
				}),
			close: async () => {
				trial.closed++;
				return undefined;
			},
		});
		const outboxed = (trials: readonly Trial[]): Outboxed[] =>
			trials.map((trial) => ({ ...trial, sink: sinkOf(trial) }));
		const courier: Courier = createCourier(outboxed(trials), {
			store,
			owner: `process ${++processes}`,
			tell: (sentence) => told.push(sentence),
			now: () => now,
			random: () => 0.5,
			setTimer,
		});
		return {
			courier,
			outboxed,
			kill() {
				alive = false;
			},
		};
	}

	return {
		told,
		start,
		now: () => now,
		set(time: number) {
			now = time;
		},
		/** Lets so many ms pass. */
		async pass(ms: number) {
			const end = now + ms;
			for (;;) {
				await settle();
				const at = agenda.next();
				if (at === undefined || at > end) break;
				now = Math.max(now, at);
				agenda.advance(at);
			}
			now = end;
		},
	};
}
