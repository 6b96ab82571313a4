import dns from "dns-packet";
import { formatAddress, parseAddress } from "../config/cidr.ts";
import { u16 } from "./bytes.ts";

/** A record of a message's answer section. */
export interface NameRecord {
	/** Lower case, without the dot at the end; of NetBIOS `wpad<20>`. */
	name: string;
	/** `A`, `AAAA`, `NB`, ...: IANA's names, `UNKNOWN_n` where there is none. */
	type: string;
	/** Seconds. */
	ttl: number;
	/** The address, of A, AAAA and NB. */
	address?: string;
	/** The cache-flush bit (RFC 6762 section 10.2). */
	flush: boolean;
}

/** What of a message about names could be read, by LLMNR, mDNS or NetBIOS. */
export interface NameMessage {
	id: number;
	/** The header's second word: QR is 0x8000, the opcode 0x7800, the rcode 0x000f. */
	flags: number;
	/** Names of the question and the answer section, written as in `NameRecord`. */
	names: string[];
	records: NameRecord[];
	/** The first record's name is a pointer (RFC 1035 section 4.1.4). */
	compressed: boolean;
	/** The header, a question or an answer ends early or makes no sense. */
	malformed: boolean;
}

/** RFC 1035 section 4.1.1 */
export const HEADER = 12;
/** Entries of a section that are read: nobody needs more to answer for one name. */
const MAX_ENTRIES = 32;

/** The codecs of single entries, which dns-packet has but its types leave out. */
interface Entry<T> {
	decode: { (bytes: Buffer, offset: number): T; bytes: number };
}
const { question, answer } = dns as unknown as {
	question: Entry<dns.Question>;
	answer: Entry<dns.Answer>;
};

/** A query for one name and nothing behind it: LLMNR (RFC 4795 section 2.1.1) and mDNS (RFC 6762 section 18). */
export function encodeDns(
	id: number,
	name: string,
	type: "A" | "AAAA",
): Uint8Array {
	const questions = [{ name, type, class: "IN" as const }];
	return dns.encode({ type: "query", id, flags: 0, questions });
}

/** A message of which only the header is read, as far as it is there. */
export function headerOf(bytes: Uint8Array): NameMessage {
	return {
		id: bytes.length < 2 ? 0 : u16(bytes, 0),
		flags: bytes.length < 4 ? 0 : u16(bytes, 2),
		names: [],
		records: [],
		compressed: false,
		malformed: bytes.length < HEADER,
	};
}

/** The first byte of a name that is a pointer. */
export const isPointer = (byte: number | undefined): boolean =>
	byte !== undefined && byte >= 0xc0;

function recordOf(entry: dns.Answer): NameRecord {
	const name = entry.name.toLowerCase();
	// an OPT has no TTL
	if (entry.type === "OPT") return { name, type: "OPT", ttl: 0, flush: false };
	const { type, ttl = 0, flush = false } = entry;
	const record = { name, type, ttl, flush };
	if (entry.type !== "A" && entry.type !== "AAAA") return record;
	const words = parseAddress(entry.data);
	return words ? { ...record, address: formatAddress(words) } : record;
}

/** Reads `count` entries from `at` on, hands each on and answers where they end; throws where it can't. */
function readEntries<T>(
	bytes: Buffer,
	at: number,
	count: number,
	entry: Entry<T>,
	take: (value: T, at: number) => void,
): number {
	let offset = at;
	for (let i = 0; i < Math.min(count, MAX_ENTRIES); i++) {
		const value = entry.decode(bytes, offset);
		const end = offset + entry.decode.bytes;
		// dns-packet counts NaN bytes where a string lies behind the end.
		if (!(end > offset && end <= bytes.length)) throw new Error("too short");
		take(value, offset);
		offset = end;
	}
	return offset;
}

/** Reads a message of LLMNR or mDNS; only questions and answers. Never throws. */
export function decodeDns(payload: Uint8Array): NameMessage {
	const message = headerOf(payload);
	if (message.malformed) return message;
	const bytes = Buffer.from(
		payload.buffer,
		payload.byteOffset,
		payload.byteLength,
	);
	const { names, records } = message;
	try {
		const answers = readEntries(bytes, HEADER, u16(bytes, 4), question, (q) =>
			names.push(q.name.toLowerCase()),
		);
		// behind more questions than were read there are no answers to be found
		if (u16(bytes, 4) > MAX_ENTRIES) return { ...message, malformed: true };
		message.compressed = isPointer(bytes[answers]);
		readEntries(bytes, answers, u16(bytes, 6), answer, (a) => {
			const record = recordOf(a);
			names.push(record.name);
			records.push(record);
		});
	} catch {
		message.malformed = true;
	}
	return message;
}
