import type { Alert } from "../alert/alert.ts";
import type { Cidr } from "../config/cidr.ts";
import { openDatabase } from "./database.ts";
import * as folded from "./folded.ts";
import * as history from "./history.ts";
import * as outbox from "./outbox.ts";
import { pruneStep, shrink } from "./prune.ts";
import type { Entry } from "./sink.ts";
import { loadSqlite } from "./sqlite.ts";

/** An entry to keep, and the sinks it waits for; without any it is history only. */
export interface Item {
	entry: Entry;
	sinks: readonly string[];
	/** False: a sink's own account of what the history has already. */
	isNews?: boolean;
}

/** An entry as it is kept. */
export interface Stored {
	/** Ascending in the order they came; never given twice. */
	seq: number;
	/** As it was added, without `to`; its `id` is always there. */
	entry: Entry;
}

/** An entry that waits for a sink since `queued`, ms since the epoch. */
export interface Waiting extends Stored {
	queued: number;
}

/** What waits for a sink; `oldest` is when the first of it was added, undefined where nothing waits. */
export interface Depth {
	count: number;
	oldest: number | undefined;
}

/** Which alerts; all that is given must fit. Times in ms since the epoch, `since` and `until` included. */
export interface Filter {
	since?: number | undefined;
	until?: number | undefined;
	kinds?: readonly Alert["kind"][] | undefined;
	/** Of the accused source; alerts of none or many fit none. */
	network?: Cidr | undefined;
	/** Behind this `seq`. */
	after?: number | undefined;
	/** At most so many, the first ones; 500 by default. */
	limit?: number | undefined;
}

/** What was counted instead of told; `key` is empty where it spans many, because the table was full. */
export interface Folded {
	key: string;
	/** Encounters beyond those that were told, the first and the last of them, ms since the epoch. */
	count: number;
	first: number;
	last: number;
	/** The first one of the window. */
	alert: Alert;
}

/** How much history is kept: ms, and bytes on disk. */
export interface Retention {
	age: number;
	size: number;
}

/**
 * Alerts at rest: the history, and the outbox of sinks that can fail for hours. All calls answer at once,
 * none throws; each answers a sentence instead (path, reason, remedy) where it failed and changed nothing.
 * Several processes may use one database. Times are ms since the epoch.
 */
export interface Store {
	/** Keeps entries, all or none; one whose `id` is there already is ignored. */
	add(items: readonly Item[], now: number): string | undefined;
	/** The first entries that wait for a sink, in order. */
	head(sink: string, max: number): Waiting[] | string;
	/** They were delivered: they wait no more, and `sentAt` is `now`. */
	done(sink: string, seqs: readonly number[], now: number): string | undefined;
	/** They are given up; they stay in the history. */
	bury(
		sink: string,
		seqs: readonly number[],
		why: string,
		now: number,
	): string | undefined;
	/** Gives up what was queued before a time, the oldest 5,000 at most; how many. */
	buryBefore(
		sink: string,
		before: number,
		why: string,
		now: number,
	): number | string;
	/** Counts at most `most` (all by default): what only asks for a full batch need not count a million. */
	depth(sink: string, most?: number): Depth | string;
	/**
	 * Gives up what waits for sinks that are not among `names` and that no other process delivers to; how
	 * many of which sink. For the daemon only: another process may have a configuration of its own.
	 */
	buryOrphans(
		names: readonly string[],
		now: number,
	): { sink: string; count: number }[] | string;
	/** Takes or renews the right to deliver to a sink; false while another owner has it. */
	claim(
		sink: string,
		owner: string,
		until: number,
		now: number,
	): boolean | string;
	release(sink: string, owner: string): string | undefined;
	/** When the last batch left for a sink; 0 where none did. */
	sentAt(sink: string): number | string;
	/** What is kept, in the order it came. */
	alerts(filter: Filter): Stored[] | string;
	/** The `seq` of the last entry, 0 where there is none. */
	last(): number | string;
	/**
	 * Removes what is too old and, where the file is too large, the oldest; never what waits for a sink.
	 * Bounded: `more` says that it should be called again soon.
	 */
	prune(
		retention: Retention,
		now: number,
	): { removed: number; more: boolean } | string;
	/**
	 * Counts an encounter of `key` (printable, no newline): true where it is to be told, as the first
	 * `burst` of a window are; false where it was counted instead. A fold counts as many as it was folded from.
	 */
	count(
		key: string,
		alert: Alert,
		windowMs: number,
		burst: number,
		now: number,
	): boolean | string;
	/**
	 * Takes out folds whose window is over at `until` (by default `now`; Infinity takes all), 500 at most,
	 * and adds in the same transaction the items they become; the items. So one process tells a fold.
	 */
	expired(
		now: number,
		itemOf: (folded: Folded) => Item,
		until?: number,
	): Item[] | string;
	/** When the next fold that counted something is over; undefined where none did. */
	nextExpiry(): number | undefined | string;
	close(): void;
}

export interface StoreOptions {
	/** Told what happened to the file: it was damaged and set aside. */
	tell(sentence: string): void;
	/** ms to wait for another process that writes; all waits meanwhile. 2,000 by default. */
	patience?: number;
	/** Bytes that the file never exceeds: `add` then answers that it is full. Unlimited by default. */
	most?: number;
}

/** ms: longer than any write of ours takes, even on a busy machine. */
const PATIENCE = 2000;

const failureOf = (answer: unknown): string | undefined =>
	typeof answer === "string" ? answer : undefined;

/** Opens or makes the database (`:memory:` lives as long as it is open); a sentence where it can't be used. The directory must be there. */
export async function openStore(
	path: string,
	{ tell, patience = PATIENCE, most }: StoreOptions,
): Promise<Store | string> {
	const sqlite = await loadSqlite();
	const options = { tell, patience, most };
	const database = await openDatabase(sqlite, path, options);
	if (typeof database === "string") return database;
	const { read, write } = database;
	let pruneFrom = 0;
	return {
		add: (items, now) => failureOf(write((q) => outbox.add(q, items, now))),
		head: (sink, max) => read((q) => outbox.head(q, sink, max)),
		done: (sink, seqs, now) =>
			failureOf(write((q) => outbox.done(q, sink, seqs, now))),
		bury: (sink, seqs, why, now) =>
			failureOf(write((q) => outbox.bury(q, sink, seqs, why, now))),
		buryBefore: (sink, before, why, now) =>
			write((q) => outbox.buryBefore(q, sink, before, why, now)),
		depth: (sink, most) => read((q) => outbox.depth(q, sink, most)),
		buryOrphans: (names, now) =>
			write((q) => outbox.buryOrphans(q, names, now)),
		claim: (sink, owner, until, now) =>
			write((q) => outbox.claim(q, sink, owner, until, now)),
		release: (sink, owner) =>
			failureOf(write((q) => outbox.release(q, sink, owner))),
		sentAt: (sink) => read((q) => outbox.sentAt(q, sink)),
		alerts: (filter) => read((q) => history.alerts(q, filter)),
		last: () => read(history.last),
		prune(retention, now) {
			const pruned = write((q) => pruneStep(q, retention, now, pruneFrom));
			if (typeof pruned === "string") return pruned;
			pruneFrom = pruned.from;
			if (pruned.removed > 0) read(shrink);
			return { removed: pruned.removed, more: pruned.more };
		},
		count: (key, alert, windowMs, burst, now) =>
			write((q) => folded.count(q, key, alert, windowMs, burst, now)),
		expired: (now, itemOf, until = now) =>
			write((q) => folded.expired(q, now, itemOf, until)),
		nextExpiry: () => read(folded.nextExpiry),
		close: database.close,
	};
}
