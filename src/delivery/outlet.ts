import { printable } from "../alert/printable.ts";
import { EX_CANTCREAT, EX_OK, EX_UNAVAILABLE } from "./exit.ts";
import type { Fallback } from "./fallback.ts";
import { impatient } from "./impatient.ts";
import { createPacer } from "./pacer.ts";
import type { Entry, Sink } from "./sink.ts";

/** Entries a sink is given at once, about 200 kB. */
const MAX_BATCH = 1000;
/** Entries waiting; beyond them encounters are folded instead of logged singly. */
const MAX_QUEUE = 5000;
/** ms between two batches: a burst then starts a logger(1) for hundreds of lines instead of for a few. */
const PAUSE_MS = 50;

/** Characters of a reason; it may quote what a server sent. */
const MAX_REASON = 300;

export interface Outlet {
	/** Takes an entry on its way; entries leave in the order they came. */
	send(entry: Entry): void;
	/** True when more entries should be folded rather than sent. */
	full(): boolean;
	/** Waits until all entries have left and the sinks are closed; the exit code that says how it went. */
	finish(): Promise<number>;
}

/**
 * Sends entries through every sink in batches, one batch at a time, the first at once. What any of them
 * can't take goes to the fallback file, which is loaded only then.
 */
export function createOutlet(
	waysOut: Sink[],
	fallback: () => Promise<Fallback>,
	program = "klaxon",
): Outlet {
	const sinks = waysOut.map((sink) => impatient(sink));
	let queue: Entry[] = [];
	let last: Entry[] = [];
	let pump: Promise<void> | undefined;
	let code = EX_OK;
	const pacer = createPacer(PAUSE_MS);

	async function rescue(entries: Entry[], why: string): Promise<void> {
		const reason = {
			time: Date.now(),
			level: "err",
			line: `${program}: the lines above were not delivered: ${printable(why, MAX_REASON)}`,
		};
		const lines = [...entries, reason];
		const saved = await fallback().then(
			(file) => file.write(lines),
			() => false, // its part is missing
		);
		code = Math.max(code, saved ? EX_UNAVAILABLE : EX_CANTCREAT);
	}

	async function run(): Promise<void> {
		while (queue.length > 0) {
			const batch = queue.slice(0, MAX_BATCH);
			queue = queue.slice(MAX_BATCH);
			last = batch;
			const whys = await Promise.all(sinks.map((sink) => sink.deliver(batch)));
			const failed = whys.filter((why) => why !== undefined);
			if (failed.length > 0) await rescue(batch, failed.join("; "));
			if (queue.length < MAX_BATCH) await pacer.pause();
		}
		pump = undefined;
	}

	return {
		send(entry) {
			queue.push(entry);
			pump ??= Promise.resolve().then(run);
		},
		full: () => queue.length >= MAX_QUEUE,
		async finish() {
			pacer.hurry();
			await pump;
			const whys = await Promise.all(sinks.map((sink) => sink.close()));
			const failed = whys.filter((why) => why !== undefined);
			if (failed.length > 0) await rescue(last, failed.join("; "));
			await pump; // what was said of the sinks meanwhile
			return code;
		},
	};
}
