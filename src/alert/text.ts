import type { ConnectionAlert } from "./alert.ts";
import type { Ident } from "./ident.ts";
import { type Attribute, foldWords, logfmt, MAX_LINE } from "./logfmt.ts";
import { printable, quote } from "./printable.ts";

/** Room a quoted `data` must have to be worth printing. */
const MIN_DATA = 16;

/** Characters of an ident error: RFC 1413 section 5 has short tokens, a server may send others. */
const MAX_TOKEN = 64;

function identAttribute(ident: Ident | undefined): Attribute[] {
	switch (ident?.kind) {
		case undefined:
			return [];
		case "user":
			return [["user", ident.user]];
		case "error":
			return [["ident", printable(ident.error, MAX_TOKEN)]];
		case "failed":
			return [["ident", ident.reason]];
	}
}

/** The facts of a connection alert behind its sentence, in the order they are printed; `data` stands apart. */
export function attributes(alert: ConnectionAlert): Attribute[] {
	const { source, destination, fold } = alert;
	const all: [string, string | number | undefined][] = [
		["kind", alert.kind],
		["proto", alert.transport],
		["sport", source.port],
		["if", source.zone],
		["dst", destination.ip],
		["dport", destination.port],
		...identAttribute(alert.ident),
		["name", source.name],
		["count", fold?.count],
		["note", alert.note],
	];
	return all.filter((entry): entry is Attribute => entry[1] !== undefined);
}

/**
 * A connection alert as one line of printable ASCII, at most 1,024 bytes: the original klaxon's sentence, the
 * address before anything the peer controls, then logfmt attributes.
 */
export function textLine(alert: ConnectionAlert): string {
	const head = `ALERT: host ${alert.source.ip ?? "unknown"} accessing port ${alert.service}`;
	const line = `${head}${foldWords(alert)} ${attributes(alert).map(logfmt).join(" ")}`;
	const room = MAX_LINE - line.length - " data=".length;
	if (alert.data === undefined || room < MIN_DATA) return line;
	return `${line} data=${quote(alert.data, room)}`;
}

/** In the classic line nothing delimits the user, so what could pass for syntax is escaped. */
function classicUser(user: string): string {
	return user.replace(
		/[^\w.+$\\-]/g,
		(c) => `\\x${c.charCodeAt(0).toString(16)}`,
	);
}

/** The line as klaxon 1.5 printed it (`--classic`); an IPv6 address stands in brackets before its port. */
export function classicLine(alert: ConnectionAlert): string {
	const { ip = "unknown", port, name } = alert.source;
	const host = name ?? (ip.includes(":") && port ? `[${ip}]` : ip);
	const peer = port === undefined ? host : `${host}:${port}`;
	const user =
		alert.ident?.kind === "user" ? classicUser(alert.ident.user) : undefined;
	const who = user === undefined ? `host ${peer}` : `user ${user}@${peer}`;
	return `ALERT: ${who} accessing port ${alert.service}${foldWords(alert)}`;
}
