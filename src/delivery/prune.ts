import type { Query } from "./database.ts";
import { WAITING_SINKS } from "./outbox.ts";
import type { Retention } from "./store.ts";

/** Rows looked at in one transaction: some 30 ms. */
const STEP = 2000;
/** Pages given back to the file system in one transaction, about those of a step. */
const FREED_PAGES = 1000;

const pragma = (query: Query, name: string): number =>
	Number(Object.values(query(`PRAGMA ${name}`).get() ?? {})[0]);

/** Bytes in use. */
const sizeOf = (query: Query): number =>
	(pragma(query, "page_count") - pragma(query, "freelist_count")) *
	pragma(query, "page_size");

/** Of the rows in a stretch of `seq`, those that are too old or of too many, and wait for nobody. */
const DOOMED = `${WAITING_SINKS}
SELECT seq FROM alert a WHERE seq > :from AND seq <= :to AND (time < :before OR :large)
AND NOT EXISTS (SELECT 1 FROM waiting JOIN outbox o ON o.sink = waiting.sink AND o.seq = a.seq)`;

export interface Pruned {
	removed: number;
	more: boolean;
	/** Where the next step begins. */
	from: number;
}

/**
 * One step of pruning, from `seq` `from` on. `seq` is nearly the order of time, so a stretch whose
 * last row is young enough ends the round, and the next one begins at the oldest again.
 */
export function pruneStep(
	query: Query,
	{ age, size }: Retention,
	now: number,
	from: number,
): Pruned {
	const before = now - age;
	const large = sizeOf(query) > size;
	const stretch = query(
		"SELECT seq, time FROM alert WHERE seq > ? ORDER BY seq LIMIT ?",
	).all(from, STEP);
	const end = stretch.at(-1);
	if (!end) return { removed: 0, more: false, from: 0 };
	const to = end.seq as number;
	const rows = query(DOOMED).all({ from, to, before, large: Number(large) });
	const alert = query("DELETE FROM alert WHERE seq = ?");
	const dead = query("DELETE FROM dead WHERE seq = ?");
	for (const { seq } of rows) {
		alert.run(seq as number);
		dead.run(seq as number);
	}
	const young = (end.time as number) >= before;
	const over = large && sizeOf(query) > size;
	const more = stretch.length === STEP && (over || !young);
	return { removed: rows.length, more, from: more ? to : 0 };
}

/** Gives free pages back to the file system; each step of the statement frees one. */
export function shrink(query: Query): void {
	query(`PRAGMA incremental_vacuum(${FREED_PAGES})`).all();
}
