import type { Alert } from "./alert.ts";
import type { Ident } from "./ident.ts";
import { printable, quote } from "./printable.ts";

/** RFC 3164 section 4.1 allows 1,024 bytes a packet; no line is ever longer. */
export const MAX_LINE = 1024;
/** Room a quoted `data` must have to be worth printing. */
const MIN_DATA = 16;

/** Characters of an ident error: RFC 1413 section 5 has short tokens, a server may send others. */
const MAX_TOKEN = 64;

/** Characters of a quoted name (RFC 1035 section 2.3.4: 255) and of any other quoted value. */
const MAX_NAME = 257;
const MAX_VALUE = 160;

type Attribute = [key: string, value: string | number];

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

/** The facts of an alert behind its sentence, in the order they are printed; `data` stands apart. */
export function attributes(alert: Alert): Attribute[] {
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

/** Values that hostile bytes may have shaped are always quoted, the others when they need it. */
function logfmt([key, value]: Attribute): string {
	const text = String(value);
	const max = key === "name" ? MAX_NAME : MAX_VALUE;
	const bare = key !== "user" && key !== "name" && /^[\w.,:+%/-]+$/.test(text);
	return `${key}=${bare ? text : quote(text, max)}`;
}

function foldWords(alert: Alert): string {
	if (!alert.fold) return "";
	const seconds = Math.max(
		1,
		Math.round((alert.time - alert.fold.first) / 1000),
	);
	return ` ${alert.fold.count} more times in ${seconds}s`;
}

/**
 * An alert as one line of printable ASCII, at most 1,024 bytes: the original klaxon's sentence, the
 * address before anything the peer controls, then logfmt attributes.
 */
export function textLine(alert: Alert): string {
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
export function classicLine(alert: Alert): string {
	const { ip = "unknown", port, name } = alert.source;
	const host = name ?? (ip.includes(":") && port ? `[${ip}]` : ip);
	const peer = port === undefined ? host : `${host}:${port}`;
	const user =
		alert.ident?.kind === "user" ? classicUser(alert.ident.user) : undefined;
	const who = user === undefined ? `host ${peer}` : `user ${user}@${peer}`;
	return `ALERT: ${who} accessing port ${alert.service}${foldWords(alert)}`;
}
