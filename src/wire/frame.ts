import type { Words } from "../config/cidr.ts";
import { isMapped } from "./address.ts";

/** Bytes of the headers that are written here. */
const ETHERNET = 14;
const IPV4 = 20;
const IPV6 = 40;
const UDP = 8;

const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;
const PROTOCOL_UDP = 17;
const PROTOCOL_ICMP6 = 58;

/** Who sends to whom; IPv4 addresses are mapped, MAC addresses six bytes. */
export interface Ends {
	fromMac: Uint8Array;
	toMac: Uint8Array;
	from: Words;
	to: Words;
	/** TTL or hop limit. */
	ttl: number;
	/** IPv4 identification (RFC 6864: any, without fragments), IPv6 flow label. */
	id: number;
}

const isFour = ([w0, w1, w2]: Words) => isMapped(w0, w1, w2);

/** `02:00:00:00:00:01` as bytes. */
export function macBytes(mac: string): Uint8Array {
	const bytes = new Uint8Array(6);
	for (let i = 0; i < 6; i++)
		bytes[i] = Number.parseInt(mac.slice(3 * i, 3 * i + 2), 16);
	return bytes;
}

/** Where a multicast address goes on Ethernet: RFC 1112 section 6.4, RFC 2464 section 7. */
export function multicastMac(words: Words): Uint8Array {
	const [, , , w3] = words;
	return isFour(words)
		? Uint8Array.of(1, 0, 0x5e, (w3 >>> 16) & 0x7f, (w3 >>> 8) & 255, w3 & 255)
		: Uint8Array.of(
				0x33,
				0x33,
				w3 >>> 24,
				(w3 >>> 16) & 255,
				(w3 >>> 8) & 255,
				w3 & 255,
			);
}

export const BROADCAST_MAC = new Uint8Array(6).fill(255);

/** Sum of 16-bit words, not folded yet. */
function sum16(bytes: Uint8Array, from: number, to: number): number {
	let sum = 0;
	for (let i = from; i + 1 < to; i += 2)
		sum += ((bytes[i] as number) << 8) | (bytes[i + 1] as number);
	if ((to - from) % 2 === 1) sum += (bytes[to - 1] as number) << 8;
	return sum;
}

/** RFC 1071: the complement of the sum with its carries. */
function checksum(sum: number): number {
	let folded = sum;
	while (folded > 0xffff) folded = (folded & 0xffff) + (folded >>> 16);
	return ~folded & 0xffff;
}

/** The pseudo header of RFC 768 and RFC 8200 section 8.1. */
function pseudo(ends: Ends, protocol: number, length: number): number {
	const words = isFour(ends.from)
		? [ends.from[3], ends.to[3]]
		: [...ends.from, ...ends.to];
	const addresses = words.reduce(
		(sum, word) => sum + (word >>> 16) + (word & 0xffff),
		0,
	);
	return addresses + protocol + length;
}

function writeIpv4(
	view: DataView,
	frame: Uint8Array,
	{ ttl, id, from, to }: Ends,
	protocol: number,
	length: number,
): void {
	const o = ETHERNET;
	view.setUint16(12, ETHERTYPE_IPV4);
	view.setUint16(o, 0x4500);
	view.setUint16(o + 2, IPV4 + length);
	view.setUint16(o + 4, id & 0xffff);
	view.setUint8(o + 8, ttl);
	view.setUint8(o + 9, protocol);
	view.setInt32(o + 12, from[3]);
	view.setInt32(o + 16, to[3]);
	view.setUint16(o + 10, checksum(sum16(frame, o, o + IPV4)));
}

function writeIpv6(
	view: DataView,
	{ ttl, id, from, to }: Ends,
	protocol: number,
	length: number,
): void {
	const o = ETHERNET;
	view.setUint16(12, ETHERTYPE_IPV6);
	view.setUint32(o, ((6 << 28) | (id & 0xfffff)) >>> 0);
	view.setUint16(o + 4, length);
	view.setUint8(o + 6, protocol);
	view.setUint8(o + 7, ttl);
	for (let i = 0; i < 4; i++) {
		view.setInt32(o + 8 + 4 * i, from[i] as number);
		view.setInt32(o + 24 + 4 * i, to[i] as number);
	}
}

/** A frame with room for `length` bytes behind the IP header, and where they begin. */
function ipFrame(
	ends: Ends,
	protocol: number,
	length: number,
): { frame: Uint8Array; view: DataView; at: number } {
	const four = isFour(ends.from);
	const at = ETHERNET + (four ? IPV4 : IPV6);
	const frame = new Uint8Array(at + length);
	const view = new DataView(frame.buffer);
	frame.set(ends.toMac, 0);
	frame.set(ends.fromMac, 6);
	if (four) writeIpv4(view, frame, ends, protocol, length);
	else writeIpv6(view, ends, protocol, length);
	return { frame, view, at };
}

/** An Ethernet frame with a UDP datagram of IPv4 or IPv6 (RFC 768), checksum included. */
export function udpFrame(
	ends: Ends,
	sport: number,
	dport: number,
	payload: Uint8Array,
): Uint8Array {
	const length = UDP + payload.length;
	const { frame, view, at } = ipFrame(ends, PROTOCOL_UDP, length);
	view.setUint16(at, sport);
	view.setUint16(at + 2, dport);
	view.setUint16(at + 4, length);
	frame.set(payload, at + UDP);
	const sum =
		pseudo(ends, PROTOCOL_UDP, length) + sum16(frame, at, at + length);
	view.setUint16(at + 6, checksum(sum) || 0xffff);
	return frame;
}

/** An Ethernet frame with an ICMPv6 message; its checksum (RFC 4443 section 2.3) is filled in. */
export function icmp6Frame(ends: Ends, message: Uint8Array): Uint8Array {
	const { frame, view, at } = ipFrame(ends, PROTOCOL_ICMP6, message.length);
	frame.set(message, at);
	const sum = pseudo(ends, PROTOCOL_ICMP6, message.length);
	view.setUint16(at + 2, 0);
	view.setUint16(at + 2, checksum(sum + sum16(frame, at, frame.length)));
	return frame;
}
