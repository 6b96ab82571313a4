import type { Alert, Fold } from "../alert/alert.ts";
import type { Query } from "./database.ts";
import { add } from "./outbox.ts";
import type { Row } from "./rows.ts";
import type { Folded, Item } from "./store.ts";

/** Windows remembered, as many as are worth 30 MB. What comes beyond them shares one, under the empty key. */
const MAX_FOLDS = 65_536;
/** Folds taken out in one transaction, and windows without a fold. */
const MAX_EXPIRED = 500;
const MAX_SPENT = 5000;
/** ms that a window may seem to begin in the future: whoever opened it had waited less for the file. Else the clock was set back. */
const SLACK = 60_000;

const OVER = `(closes <= :now OR opened > :now + ${SLACK})`;

const isOver = (row: Row, now: number): boolean =>
	(row.closes as number) <= now || (row.opened as number) > now + SLACK;

function dropSpent(query: Query, now: number): void {
	query(
		`DELETE FROM fold WHERE id IN (SELECT id FROM fold WHERE count = 0 AND ${OVER} LIMIT ${MAX_SPENT})`,
	).run({ now });
}

/** Ids are given ascending, so their span bounds how many there are; only a wide one needs counting. */
function isFull(query: Query, now: number): boolean {
	const span = query(
		"SELECT (SELECT max(id) FROM fold) - (SELECT min(id) FROM fold) AS span",
	).get()?.span;
	if (Number(span ?? 0) < MAX_FOLDS - 1) return false;
	dropSpent(query, now);
	const { count } = query("SELECT count(*) AS count FROM fold").get() as Row;
	return (count as number) >= MAX_FOLDS;
}

/** A window that counted something waits for `expired` under another key; the key itself is free again. */
function retire(query: Query, { id, count }: Row): void {
	if (count === 0) query("DELETE FROM fold WHERE id = ?").run(id as number);
	else
		query("UPDATE fold SET key = key || char(10) || id WHERE id = ?").run(
			id as number,
		);
}

/** What an alert counts: an encounter, or as many as it was folded from. */
const weightOf = (alert: Alert, now: number): Fold =>
	("fold" in alert && alert.fold) || { count: 1, first: now, last: now };

export function count(
	query: Query,
	key: string,
	alert: Alert,
	windowMs: number,
	burst: number,
	now: number,
): boolean {
	const find = query(
		"SELECT id, opened, closes, told, count FROM fold WHERE key = ?",
	);
	let row = find.get(key);
	if (row && isOver(row, now)) {
		retire(query, row);
		row = undefined;
	}
	if (!row && key !== "" && isFull(query, now))
		return count(query, "", alert, windowMs, burst, now);
	const tell = Number(row?.told ?? 0) < burst;
	const weight = weightOf(alert, now);
	if (!row)
		query(
			"INSERT INTO fold (key, opened, closes, told, count, first, last, alert) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		).run(
			...[key, now, now + windowMs, Number(tell), tell ? 0 : weight.count],
			...[weight.first, weight.last, JSON.stringify(alert)],
		);
	else if (tell)
		query("UPDATE fold SET told = told + 1 WHERE id = ?").run(row.id as number);
	else
		query(
			`UPDATE fold SET first = iif(count = 0, :first, min(first, :first)),
			last = iif(count = 0, :last, max(last, :last)), count = count + :count WHERE id = :id`,
		).run({ ...weight, id: row.id as number });
	return tell;
}

export function expired(
	query: Query,
	now: number,
	itemOf: (folded: Folded) => Item,
	until: number,
): Item[] {
	dropSpent(query, now);
	const rows = query(
		`SELECT * FROM fold WHERE count > 0 AND (closes <= :until OR ${OVER}) ORDER BY closes, id LIMIT ${MAX_EXPIRED}`,
	).all({ now, until });
	const remove = query("DELETE FROM fold WHERE id = ?");
	const items = rows.map((row) => {
		remove.run(row.id as number);
		return itemOf({
			key: (row.key as string).split("\n")[0] as string,
			count: row.count as number,
			first: row.first as number,
			last: row.last as number,
			alert: JSON.parse(row.alert as string),
		});
	});
	add(query, items, now);
	return items;
}

export function nextExpiry(query: Query): number | undefined {
	const row = query(
		"SELECT closes FROM fold WHERE count > 0 ORDER BY closes LIMIT 1",
	).get();
	return row?.closes as number | undefined;
}
