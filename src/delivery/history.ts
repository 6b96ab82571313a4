import type { Query } from "./database.ts";
import { COLUMNS, entryOf, rangeOf } from "./rows.ts";
import type { Filter, Stored } from "./store.ts";

/** Alerts a page; some 500 kB. */
const PAGE = 500;

type Value = string | number | Uint8Array;

/** All IPv4 addresses, mapped; IPv6 networks hold none of them. */
const IPV4 = rangeOf({ words: [0, 0, 0xffff, 0], bits: 96, version: 4 });

/**
 * The condition of a filter. The order is that of `seq` and nearly that of time, so a time leads to a
 * place to begin at; a further index, on sources, would cost each insertion more than a rare walk costs.
 */
function conditionOf(filter: Filter): { where: string; values: Value[] } {
	const { since, until, kinds, network, after } = filter;
	const parts: string[] = ["a.news = 1", "a.seq > ?"];
	const values: Value[] = [after ?? 0];
	const demand = (part: string, ...more: Value[]) => {
		parts.push(part);
		values.push(...more);
	};
	if (since !== undefined) {
		demand("a.time >= ?", since);
		if (after === undefined)
			demand("a.seq >= (SELECT min(seq) FROM alert WHERE time >= ?)", since);
	}
	if (until !== undefined) demand("a.time <= ?", until);
	if (kinds && kinds.length > 0)
		demand(`a.kind IN (${kinds.map(() => "?").join(", ")})`, ...kinds);
	if (network) {
		demand("a.source BETWEEN ? AND ?", ...rangeOf(network));
		if (network.version === 6) demand("a.source NOT BETWEEN ? AND ?", ...IPV4);
	}
	return { where: parts.join(" AND "), values };
}

/** What fits, in the order it came. */
export function alerts(query: Query, filter: Filter): Stored[] {
	const { where, values } = conditionOf(filter);
	const rows = query(
		`SELECT ${COLUMNS} FROM alert a WHERE ${where} ORDER BY a.seq LIMIT ?`,
	).all(...values, filter.limit ?? PAGE);
	return rows.map((row) => ({
		seq: row.seq as number,
		entry: entryOf(row),
	}));
}

/** The `seq` of the last one that fits and is not among the `most` newest; undefined where all are. */
export function beforeTail(
	query: Query,
	filter: Filter,
	most: number,
): number | undefined {
	const { where, values } = conditionOf(filter);
	const row = query(
		`SELECT a.seq FROM alert a WHERE ${where} ORDER BY a.seq DESC LIMIT 1 OFFSET ?`,
	).get(...values, most);
	return row?.seq as number | undefined;
}

export function last(query: Query): number {
	const row = query("SELECT max(seq) AS last FROM alert").get();
	return (row?.last ?? 0) as number;
}
