import type { Batch } from "../config/sinktypes.ts";
import { createLane, type Lane, type LaneWorld } from "./lane.ts";
import type { Sink } from "./sink.ts";
import type { Store } from "./store.ts";

/** A sink whose entries wait in the outbox. */
export interface Outboxed {
	name: string;
	batch: Batch;
	sink: Sink;
}

/** How a sink does; times in ms since the epoch, counts since the start of this process. */
export interface SinkStatus {
	name: string;
	/** What waits, and since when the first of it; undefined where the store can't tell. */
	queued: number | undefined;
	oldest: number | undefined;
	/** Undefined while it works. */
	failingSince: number | undefined;
	/** The last reason, also when it works again. */
	lastError: string | undefined;
	delivered: number;
	dead: number;
}

export interface CourierWorld {
	store: Store;
	/** Unique to this process: its lease on a sink is known by it. */
	owner: string;
	/** A sink began to fail, works again, or alerts were given up. */
	tell(sentence: string): void;
	/** ms since the epoch; by default Date.now. */
	now?(): number;
	/** From 0 to below 1; by default Math.random. */
	random?(): number;
	/** Runs something once, ms from now; answers what calls it off. By default a timer that keeps no process alive. */
	setTimer?(run: () => void, ms: number): () => void;
}

/** Takes entries from the outbox to their sinks. */
export interface Courier {
	/** Something was added to the outbox. */
	poke(): void;
	status(): SinkStatus[];
	/** Goes on with other sinks, and tries those that failed at once; resolves when sinks that are gone are idle and closed. */
	replace(sinks: readonly Outboxed[]): Promise<void>;
	/**
	 * Ends: what is due is tried without gathering further, for `ms` at most; the rest stays in the
	 * outbox. Closes the sinks.
	 */
	finish(ms: number): Promise<void>;
}

/** Must not keep a process that is at its end. */
function quietTimer(run: () => void, ms: number): () => void {
	const timer = setTimeout(run, ms).unref();
	return () => clearTimeout(timer);
}

/**
 * Delivers what waits in the outbox: for each sink one batch at a time, in order, at least once. A
 * batch leaves `gather` after its oldest was queued or when it is full, and `every` after the one
 * before, across restarts too. A sink that fails is tried again after ever longer pauses; what waited
 * more than a day meanwhile is given up. Where several processes use one store, one delivers to a sink.
 */
export function createCourier(
	sinks: readonly Outboxed[],
	world: CourierWorld,
): Courier {
	const lanes = new Map<string, Lane>();
	let created = 0;
	let trouble: string | undefined;
	const laneWorld: LaneWorld = {
		now: Date.now,
		random: Math.random,
		setTimer: quietTimer,
		...world,
		storeTrouble(sentence) {
			if (sentence !== undefined && sentence !== trouble)
				world.tell(`${sentence}; the sinks that wait for it go on by then`);
			trouble = sentence;
		},
	};

	async function replace(next: readonly Outboxed[]): Promise<void> {
		const leaving: Promise<void>[] = [];
		for (const [name, lane] of lanes) {
			if (next.some((sink) => sink.name === name)) continue;
			lanes.delete(name);
			leaving.push(lane.retire());
		}
		for (const sink of next) {
			const known = lanes.get(sink.name);
			if (known) known.swap(sink);
			else {
				// of its own: a lane of the same name may still be at its last batch
				const owner = `${world.owner}/${++created}`;
				const lane = createLane(sink, { ...laneWorld, owner });
				lanes.set(sink.name, lane);
				lane.poke();
			}
		}
		await Promise.all(leaving);
	}
	replace(sinks);

	const all = () => [...lanes.values()];
	return {
		poke() {
			for (const lane of all()) lane.poke();
		},
		status: () => all().map((lane) => lane.status()),
		replace,
		async finish(ms) {
			await Promise.all(all().map((lane) => lane.finish(ms)));
		},
	};
}
