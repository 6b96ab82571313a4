import { u16 } from "./bytes.ts";
import { HEADER, headerOf, isPointer, type NameMessage } from "./dns.ts";

/** RFC 1002 section 4.2.1.1: type NB, class IN. */
const NB = 0x0020;
const IN = 1;
/** A query with recursion desired (RD) and broadcast (B): section 4.2.12. */
const BROADCAST_QUERY = 0x0110;
/** Characters of a name, the suffix behind them: section 4.1 and RFC 1001 section 14. */
const NAME = 15;
/** A name in its first-level encoding, half a byte a letter from `A` on (RFC 1001 section 14.1). */
const ENCODED = 2 * (NAME + 1);
const A = 0x41;
/** Bytes of a question, and of NB_FLAGS and an address. */
const QUESTION = 1 + ENCODED + 1 + 4;
const NB_ENTRY = 6;
const MAX_ENTRIES = 32;

/** A name with its suffix as Windows and samba write it: `wpad<20>`; lower case here. */
export const nbName = (name: string, suffix: number): string =>
	`${name}<${suffix.toString(16).padStart(2, "0")}>`;

/** A broadcast query for a name of at most 15 ASCII characters, 50 bytes (RFC 1002 section 4.2.12). */
export function encodeNbns(
	id: number,
	name: string,
	suffix: number,
): Uint8Array {
	const bytes = new Uint8Array(HEADER + QUESTION);
	const view = new DataView(bytes.buffer);
	view.setUint16(0, id);
	view.setUint16(2, BROADCAST_QUERY);
	view.setUint16(4, 1);
	bytes[HEADER] = ENCODED;
	const upper = name.toUpperCase();
	for (let i = 0; i <= NAME; i++) {
		const code = i < upper.length ? upper.charCodeAt(i) : 0x20;
		const byte = i === NAME ? suffix : code;
		bytes[HEADER + 1 + 2 * i] = A + ((byte >> 4) & 15);
		bytes[HEADER + 2 + 2 * i] = A + (byte & 15);
	}
	view.setUint16(HEADER + QUESTION - 4, NB);
	view.setUint16(HEADER + QUESTION - 2, IN);
	return bytes;
}

/** The name whose length byte stands at `at`, or undefined where none does. */
function nameAt(bytes: Uint8Array, at: number): string | undefined {
	if (bytes[at] !== ENCODED || at + 1 + ENCODED > bytes.length)
		return undefined;
	let name = "";
	let suffix = 0;
	for (let i = 0; i <= NAME; i++) {
		const high = (bytes[at + 1 + 2 * i] as number) - A;
		const low = (bytes[at + 2 + 2 * i] as number) - A;
		if (high < 0 || high > 15 || low < 0 || low > 15) return undefined;
		if (i < NAME) name += String.fromCharCode((high << 4) | low);
		else suffix = (high << 4) | low;
	}
	// nmbd pads `*` with NULs (RFC 1001 section 17.2)
	return nbName(name.replace(/[ \0]+$/, "").toLowerCase(), suffix);
}

/** Where the labels (of the scope, RFC 1002 section 4.1) from `at` on end, or undefined. */
function labelsEnd(bytes: Uint8Array, at: number): number | undefined {
	for (let o = at; o < bytes.length; ) {
		const length = bytes[o] as number;
		if (length === 0) return o + 1;
		if (isPointer(length)) return o + 2 <= bytes.length ? o + 2 : undefined;
		if (length > 63) return undefined;
		o += 1 + length;
	}
	return undefined;
}

/** A name, written out or as a pointer to one that was, and where it ends. */
function readName(
	bytes: Uint8Array,
	at: number,
): { name: string; end: number } | undefined {
	const isShort = isPointer(bytes[at]) && at + 2 <= bytes.length;
	const target = isShort ? u16(bytes, at) & 0x3fff : at;
	if (target < HEADER || target > at) return undefined;
	const name = nameAt(bytes, target);
	const end = labelsEnd(bytes, at);
	return name === undefined || end === undefined ? undefined : { name, end };
}

/** Reads a question; answers where it ends, or undefined where it doesn't. */
function readQuestion(
	bytes: Uint8Array,
	at: number,
	into: NameMessage,
): number | undefined {
	const read = readName(bytes, at);
	if (!read || read.end + 4 > bytes.length) return undefined;
	into.names.push(read.name);
	return read.end + 4;
}

/** Reads a resource record (RFC 1002 section 4.2.1.3), of addresses the first. */
function readRecord(
	bytes: Uint8Array,
	at: number,
	into: NameMessage,
): number | undefined {
	const read = readName(bytes, at);
	if (!read || read.end + 10 > bytes.length) return undefined;
	const { name, end } = read;
	into.names.push(name);
	const data = end + 10;
	const length = u16(bytes, end + 8);
	if (data + length > bytes.length) return undefined;
	const type = u16(bytes, end);
	const ttl = u16(bytes, end + 4) * 0x10000 + u16(bytes, end + 6);
	const record = { name, ttl, flush: false };
	if (type !== NB) into.records.push({ ...record, type: `UNKNOWN_${type}` });
	else if (length >= NB_ENTRY) {
		const address = bytes.subarray(data + 2, data + NB_ENTRY).join(".");
		into.records.push({ ...record, type: "NB", address });
	} else return undefined;
	return data + length;
}

/** Reads a NetBIOS name service packet; only questions and answers. Never throws. */
export function decodeNbns(bytes: Uint8Array): NameMessage {
	const message = headerOf(bytes);
	if (message.malformed) return message;
	const [questions, answers] = [u16(bytes, 4), u16(bytes, 6)];
	let at: number | undefined = HEADER;
	for (let i = 0; i < questions && at !== undefined; i++)
		at = i < MAX_ENTRIES ? readQuestion(bytes, at, message) : undefined;
	if (at !== undefined) message.compressed = isPointer(bytes[at]);
	for (let i = 0; i < Math.min(answers, MAX_ENTRIES); i++)
		if (at !== undefined) at = readRecord(bytes, at, message);
	message.malformed = at === undefined;
	return message;
}
