import type { Alert } from "../alert/alert.ts";
import { facts } from "../alert/render.ts";
import { priority } from "./priority.ts";
import type { Entry, Sender } from "./sink.ts";
import { timestamp } from "./time.ts";

/** Section 6.3.2: `name@<private enterprise number>`. We have no number: 32473 is the one RFC 5612 keeps for examples. */
const SD_ID = "klaxon@32473";
/** Octets a message may have: what every receiver should take (section 6.1). */
const MAX_MESSAGE = 2048;
/** Section 6: the longest HOSTNAME, APP-NAME, MSGID and SD-NAME. */
const MAX_HOSTNAME = 255;
const MAX_APP_NAME = 48;
const MAX_MSGID = 32;
const MAX_SD_NAME = 32;
/** The least room a value must have to be worth cutting. */
const MIN_VALUE = 16;
/** Lists that end in the number of what is left out: cut anywhere else they would tell another address or port. */
const LISTS = new Set(["ports", "protocols", "hosts", "sources"]);
const ELLIPSIS = "...";

/** A header field: PRINTUSASCII only (section 6, %d33-126), `-` where nothing is left (NILVALUE). */
const field = (text: string, max: number) =>
	text.replace(/[^!-~]/g, "-").slice(0, max) || "-";

/** SD-NAME (section 6.3.3): PRINTUSASCII without `=`, `]` and `"`. */
const sdName = (text: string) =>
	field(text.replace(/[=\]"]/g, "-"), MAX_SD_NAME);

const oneLine = (text: string) => text.replace(/[^ -~]/g, "?");

/** PARAM-VALUE (section 6.3.3): `"`, `\` and `]` behind a backslash; cut to `room` characters, never within an escape. */
function paramValue(text: string, room: number): string {
	const escaped = oneLine(text).replace(/["\\\]]/g, "\\$&");
	if (escaped.length <= room) return escaped;
	const cut = escaped.slice(0, room - ELLIPSIS.length);
	return cut.replace(/(?<!\\)((?:\\\\)*)\\$/, "$1") + ELLIPSIS;
}

/** SD-ELEMENT (section 6.3.1) of at most `room` characters; what doesn't fit is cut or left out, the line has it as well. */
function structuredData(alert: Alert, room: number): string {
	let sd = `[${SD_ID}`;
	for (const [key, value] of facts(alert)) {
		const text = String(value);
		const head = ` ${sdName(key)}="`;
		const left = room - sd.length - head.length - '"]'.length;
		if (left < MIN_VALUE || (LISTS.has(key) && text.length > left)) continue;
		sd += `${head}${paramValue(text, left)}"`;
	}
	return `${sd}]`;
}

/**
 * An entry as an RFC 5424 message (section 6), printable ASCII without a newline, whatever its
 * fields hold; at most 2,048 octets. The facts of an alert stand in the structured data.
 */
export function message(
	{ time, level, line, alert }: Entry,
	sender: Sender,
	hostname: string,
): string {
	const head = [
		`<${priority(sender.facility, level)}>1`, // VERSION (section 6.2.2)
		timestamp(time),
		field(hostname, MAX_HOSTNAME),
		field(sender.tag, MAX_APP_NAME),
		sender.pid,
		alert ? field(alert.kind, MAX_MSGID) : "-",
	].join(" ");
	const text = oneLine(line);
	const room = MAX_MESSAGE - head.length - text.length - 2;
	return `${head} ${alert ? structuredData(alert, room) : "-"} ${text}`;
}

/**
 * Messages end where a datagram does (RFC 5426 section 3.1), at a newline over TCP (RFC 6587
 * section 3.4.2; ours hold none), and after the octets announced before them over TLS (RFC 5425 section 4.3).
 */
export function framed(via: "udp" | "tcp" | "tls", text: string): string {
	if (via === "tls") return `${Buffer.byteLength(text)} ${text}`;
	return via === "tcp" ? `${text}\n` : text;
}
