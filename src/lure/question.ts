import type { NameProtocol } from "../alert/alert.ts";
import { parseAddress, type Words } from "../config/cidr.ts";
import { type Question, wireName } from "../detect/asked.ts";
import { u16 } from "../wire/bytes.ts";
import { encodeDns } from "../wire/dns.ts";
import {
	BROADCAST_MAC,
	macBytes,
	multicastMac,
	udpFrame,
} from "../wire/frame.ts";
import { encodeNbns } from "../wire/nbns.ts";

export type { Question } from "../detect/asked.ts";

/** Where questions go: RFC 4795 section 2, RFC 6762 section 3, RFC 1002 section 4.2. */
export const PORT: Record<NameProtocol, number> = {
	llmnr: 5355,
	mdns: 5353,
	nbns: 137,
};

/** The groups of those that ask by multicast. */
export const GROUP = {
	llmnr: { 4: "224.0.0.252", 6: "ff02::1:3" },
	mdns: { 4: "224.0.0.251", 6: "ff02::fb" },
} as const;

/**
 * Hop limits: 255 is what RFC 4795 section 2.5 recommends and RFC 6762 section 11 wants; 64 is what this
 * system's own broadcasts have (ip_default_ttl).
 */
export const TTL: Record<NameProtocol, number> = {
	llmnr: 255,
	mdns: 255,
	nbns: 64,
};

/** The question as its protocol writes it: LLMNR with all flags 0, mDNS QM, NetBIOS with RD and B. */
export function encodeQuestion(question: Question): Uint8Array {
	const { protocol, id, name, suffix = 0, type } = question;
	return protocol === "nbns"
		? encodeNbns(id, name, suffix)
		: encodeDns(id, wireName(question), type === "AAAA" ? "AAAA" : "A");
}

/** Offsets in a frame: identification and checksum of IPv4. */
const [IPV4_ID, IPV4_CHECKSUM] = [18, 24];
/** Where UDP begins behind either. */
const [UDP_4, UDP_6] = [34, 54];
const UDP_CHECKSUM = 6;
const UDP_HEADER = 8;

/** A question that is sent several times, each time with an id of its own. */
export interface Letter {
	question: Question;
	/** As it was sent last; the first time without ids. */
	frame: Uint8Array;
}

const REMEMBERED = 256;

/** Remembers what few arguments gave: interfaces and addresses stay the same from cycle to cycle. */
function remembered<T>(read: (text: string) => T): (text: string) => T {
	const known = new Map<string, T>();
	return (text) => {
		const old = known.get(text);
		if (old !== undefined) return old;
		if (known.size >= REMEMBERED) known.clear();
		const value = read(text);
		known.set(text, value);
		return value;
	};
}
const wordsOf = remembered(parseAddress);
const bytesOf = remembered(macBytes);

function toMacOf({ protocol }: Question, to: Words): Uint8Array {
	return protocol === "nbns" ? BROADCAST_MAC : multicastMac(to);
}

/**
 * Readies a question for an Ethernet interface; undefined where its addresses are none. `flow` is IPv6's flow
 * label, 20 bits, which its packets share (RFC 6437 section 3).
 */
export function createLetter(
	question: Question,
	mac: string,
	flow = 0,
): Letter | undefined {
	const { protocol, sport } = question;
	const from = wordsOf(question.from);
	const to = wordsOf(question.to);
	if (!from || !to) return undefined;
	const macs = { fromMac: bytesOf(mac), toMac: toMacOf(question, to) };
	const ends = { ...macs, from, to, ttl: TTL[protocol], id: flow };
	const payload = encodeQuestion(question);
	return { question, frame: udpFrame(ends, sport, PORT[protocol], payload) };
}

/** Writes 16 bits and brings the checksum that covers them up to date (RFC 1624 section 3). */
function rewrite(
	frame: Uint8Array,
	at: number,
	value: number,
	checksum: number,
): void {
	const sum =
		(~u16(frame, checksum) & 0xffff) + (~u16(frame, at) & 0xffff) + value;
	const folded = (sum & 0xffff) + (sum >>> 16);
	const check = ~((folded & 0xffff) + (folded >>> 16)) & 0xffff;
	write(frame, at, value);
	write(frame, checksum, check);
}

function write(frame: Uint8Array, at: number, value: number): void {
	frame[at] = value >>> 8;
	frame[at + 1] = value & 255;
}

/**
 * The frame of a question; `id` is its transaction's, `packet` IPv4's identification. Most of it stays as it
 * was: a cycle sends hundreds. It is good until the letter's next.
 */
export function letterFrame(
	{ question, frame }: Letter,
	id: number,
	packet: number,
): Uint8Array {
	const four = question.version === 4;
	if (four) rewrite(frame, IPV4_ID, packet, IPV4_CHECKSUM);
	const udp = four ? UDP_4 : UDP_6;
	const checksum = udp + UDP_CHECKSUM;
	rewrite(frame, udp + UDP_HEADER, id, checksum);
	// RFC 768: none is written as 0
	if (u16(frame, checksum) === 0) write(frame, checksum, 0xffff);
	return frame;
}
