import type { Query } from "./database.ts";
import { eventId } from "./eventid.ts";
import { COLUMNS, entryOf, sourceOf } from "./rows.ts";
import type { Depth, Item, Waiting } from "./store.ts";

/** What is given up in one transaction: a tenth of a second. */
const MAX_BURIED = 5000;

export function add(query: Query, items: readonly Item[], now: number): void {
	const keep = query(
		"INSERT OR IGNORE INTO alert (id, time, kind, level, source, line, alert, news) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
	);
	const wait = query(
		"INSERT OR IGNORE INTO outbox (sink, seq, queued) VALUES (?, ?, ?)",
	);
	for (const { entry, sinks, isNews = true } of items) {
		const { id, time, level, line, alert } = entry;
		const { changes, lastInsertRowid } = keep.run(
			id ?? eventId(now),
			Number.isNaN(time) ? now : time, // SQL has none
			alert?.kind ?? null,
			level,
			sourceOf(alert),
			line,
			alert ? JSON.stringify(alert) : null,
			Number(isNews),
		);
		if (changes === 0) continue;
		for (const sink of sinks) wait.run(sink, lastInsertRowid, now);
	}
}

export function head(query: Query, sink: string, max: number): Waiting[] {
	const rows = query(
		`SELECT ${COLUMNS}, o.queued FROM outbox o JOIN alert a ON a.seq = o.seq WHERE o.sink = ? ORDER BY o.seq LIMIT ?`,
	).all(sink, max);
	return rows.map((row) => ({
		seq: row.seq as number,
		queued: row.queued as number,
		entry: entryOf(row),
	}));
}

function forget(query: Query, sink: string, seqs: readonly number[]): void {
	const remove = query("DELETE FROM outbox WHERE sink = ? AND seq = ?");
	for (const seq of seqs) remove.run(sink, seq);
}

export function done(
	query: Query,
	sink: string,
	seqs: readonly number[],
	now: number,
): void {
	forget(query, sink, seqs);
	query(
		"INSERT INTO sink (name, sent) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET sent = excluded.sent",
	).run(sink, now);
}

export function bury(
	query: Query,
	sink: string,
	seqs: readonly number[],
	why: string,
	now: number,
): void {
	const keep = query(
		"INSERT OR IGNORE INTO dead (seq, sink, why, time) VALUES (?, ?, ?, ?)",
	);
	for (const seq of seqs) keep.run(seq, sink, why, now);
	forget(query, sink, seqs);
}

export function buryBefore(
	query: Query,
	sink: string,
	before: number,
	why: string,
	now: number,
): number {
	const rows = query(
		"SELECT seq FROM outbox WHERE sink = ? AND queued < ? ORDER BY seq LIMIT ?",
	).all(sink, before, MAX_BURIED);
	const seqs = rows.map(({ seq }) => seq as number);
	bury(query, sink, seqs, why, now);
	return seqs.length;
}

/** All by default, as LIMIT's -1 means. */
export function depth(query: Query, sink: string, most = -1): Depth {
	const first = query(
		"SELECT queued FROM outbox WHERE sink = ? ORDER BY seq LIMIT 1",
	).get(sink);
	const all = query(
		"SELECT count(*) AS count FROM (SELECT 1 FROM outbox WHERE sink = ? LIMIT ?)",
	).get(sink, most);
	return {
		count: Number(all?.count),
		oldest: first?.queued as number | undefined,
	};
}

/** The sinks that something waits for, by jumps in the index instead of a walk through it. */
export const WAITING_SINKS = `WITH RECURSIVE waiting (sink) AS (
	SELECT min(sink) FROM outbox UNION ALL
	SELECT (SELECT min(sink) FROM outbox WHERE sink > waiting.sink) FROM waiting WHERE waiting.sink IS NOT NULL
)`;

export function buryOrphans(
	query: Query,
	names: readonly string[],
	now: number,
): { sink: string; count: number }[] {
	const rows = query(
		`${WAITING_SINKS} SELECT sink FROM waiting WHERE sink IS NOT NULL
		AND NOT EXISTS (SELECT 1 FROM sink WHERE name = waiting.sink AND until > ?)`,
	).all(now);
	const orphans = rows
		.map(({ sink }) => sink as string)
		.filter((sink) => !names.includes(sink));
	return orphans.map((sink) => {
		query(
			"INSERT OR IGNORE INTO dead (seq, sink, why, time) SELECT seq, sink, ?, ? FROM outbox WHERE sink = ?",
		).run("the sink is no longer configured", now, sink);
		const { changes } = query("DELETE FROM outbox WHERE sink = ?").run(sink);
		return { sink, count: Number(changes) };
	});
}

/**
 * A lease that ends later than two of them from now was taken while the clock was ahead, and is nobody's;
 * a released one has ended at 0.
 */
export function claim(
	query: Query,
	sink: string,
	owner: string,
	until: number,
	now: number,
): boolean {
	const { changes } = query(
		`INSERT INTO sink (name, owner, until) VALUES (:sink, :owner, :until)
		ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until = excluded.until
		WHERE owner IS excluded.owner OR until <= :now OR until > :now + 2 * (:until - :now)`,
	).run({ sink, owner, until, now });
	return changes === 1;
}

export function release(query: Query, sink: string, owner: string): void {
	query(
		"UPDATE sink SET owner = NULL, until = 0 WHERE name = ? AND owner = ?",
	).run(sink, owner);
}

export function sentAt(query: Query, sink: string): number {
	const row = query("SELECT sent FROM sink WHERE name = ?").get(sink);
	return (row?.sent ?? 0) as number;
}
