/** Builds frames for tests, layer by layer, inside out. Checksums are 0: no decoder looks at them. */
import { parseAddress } from "../../src/config/cidr.ts";
import { formatAddress, formatMac } from "../../src/wire/address.ts";
import { decode } from "../../src/wire/link.ts";
import { createPacket, type Packet } from "../../src/wire/packet.ts";

/** Flags by their initials. */
export const [F, S, R, P, A, U] = [1, 2, 4, 8, 16, 32] as const;

/** EtherTypes and IP protocols. */
export const [IP4, ARP, IP6, PPPOE] = [0x0800, 0x0806, 0x86dd, 0x8864] as const;
export const [ICMP, TCP, UDP, ICMP6, SCTP] = [1, 6, 17, 58, 132] as const;

/** Options of TCP in hex: a Linux SYN's, nmap's MSS alone, and the timestamps of a segment. */
export const STACK = "020405b40402080a000000010000000001030307";
export const MSS = "020405b4";
export const STAMPS = "0101080a0000000100000001";

/** Big-endian, `size` bytes. */
export function number(value: number, size: number): Buffer {
	const bytes = Buffer.alloc(size);
	for (let [i, rest] = [size - 1, value]; i >= 0; i--) {
		bytes[i] = rest % 256;
		rest = Math.floor(rest / 256);
	}
	return bytes;
}

/** Numbers of 8, 16 or 32 bits and bytes, one behind the other. */
export const join = (
	...parts: (Buffer | readonly [value: number, size: number])[]
): Buffer =>
	Buffer.concat(
		parts.map((part) =>
			Buffer.isBuffer(part) ? part : number(part[0], part[1]),
		),
	);

export const hex = (text: string): Buffer =>
	Buffer.from(text.replaceAll(/[\s:]/g, ""), "hex");

/** `192.0.2.1` as 4 bytes, `2001:db8::1` as 16. */
export function address(text: string): Buffer {
	const words = parseAddress(text);
	if (!words) throw new Error(`no address: ${text}`);
	const bytes = join(...words.map((w) => [w >>> 0, 4] as const));
	return text.includes(":") ? bytes : bytes.subarray(12);
}

export const isSix = (text: string): boolean => text.includes(":");

export interface Link {
	/** MAC addresses, `02:00:00:00:00:01`. */
	from?: string;
	to?: string;
	/** Tags from the outside: protocol (0x8100, 0x88a8) and control information (the VLAN's id). */
	tags?: readonly (readonly [protocol: number, tci: number])[];
	/** LINUX_SLL's packet type: 0 to us, 1 broadcast, 2 multicast, 3 to others, 4 from us. */
	packetType?: number;
}

const DEFAULT_FROM = "02:00:00:00:00:02";
const DEFAULT_TO = "02:00:00:00:00:01";

export function ethernet(
	type: number,
	payload: Buffer,
	{ from = DEFAULT_FROM, to = DEFAULT_TO, tags = [] }: Link = {},
): Buffer {
	const tagged = tags.flatMap(([tpid, tci]) => [
		number(tpid, 2),
		number(tci, 2),
	]);
	return join(hex(to), hex(from), ...tagged, [type, 2], payload);
}

/** IEEE 802.3 with LLC and SNAP (RFC 1042). */
export const snap = (type: number, payload: Buffer, link: Link = {}): Buffer =>
	ethernet(
		payload.length + 8,
		join(hex("aaaa03 000000"), [type, 2], payload),
		link,
	);

/** RFC 2516 session data; 0x0021 is IPv4, 0x0057 IPv6. To be put into `ethernet(PPPOE, …)`. */
export const pppoe = (protocol: number, payload: Buffer): Buffer =>
	join(hex("1100 0001"), [payload.length + 2, 2], [protocol, 2], payload);

export const cooked = (
	type: number,
	payload: Buffer,
	{ from = DEFAULT_FROM, packetType = 0 }: Link = {},
): Buffer =>
	join([packetType, 2], [1, 2], [6, 2], hex(from), [0, 2], [type, 2], payload);

export const cooked2 = (
	type: number,
	payload: Buffer,
	{ from = DEFAULT_FROM, packetType = 0 }: Link = {},
): Buffer =>
	join(
		[type, 2],
		[0, 2],
		[3, 4],
		[1, 2],
		[packetType, 1],
		[6, 1],
		hex(from),
		[0, 2],
		payload,
	);

/** DLT_NULL as a little-endian BSD writes it (AF_INET 2, AF_INET6 30), and DLT_LOOP. */
export const loopback = (payload: Buffer, bigEndian = false): Buffer => {
	const family = (payload[0] ?? 0) >> 4 === 4 ? 2 : 30;
	return join(
		bigEndian ? number(family, 4) : number(family * 2 ** 24, 4),
		payload,
	);
};

/** An IP packet as a frame of a link type (LINKTYPE numbers of pcap files). */
export function onLink(linktype: number, ip: Buffer, link: Link = {}): Buffer {
	const type = (ip[0] ?? 0) >> 4 === 4 ? IP4 : IP6;
	switch (linktype) {
		case 1:
			return ethernet(type, ip, link);
		case 113:
			return cooked(type, ip, link);
		case 276:
			return cooked2(type, ip, link);
		case 0:
			return loopback(ip);
		case 108:
			return loopback(ip, true);
		default:
			return ip;
	}
}

export interface Question {
	operation?: number;
	fromMac?: string;
	from: string;
	toMac?: string;
	to: string;
}

export const arp = (q: Question): Buffer =>
	join(
		hex("0001 0800 06 04"),
		[q.operation ?? 1, 2],
		hex(q.fromMac ?? DEFAULT_FROM),
		address(q.from),
		hex(q.toMac ?? "000000000000"),
		address(q.to),
	);

export interface Ends {
	from: string;
	to: string;
	ttl?: number;
}

export interface V4 extends Ends {
	protocol: number;
	id?: number;
	df?: boolean;
	more?: boolean;
	/** In bytes, a multiple of 8. */
	offset?: number;
	/** Hex, a multiple of 4 bytes. */
	options?: string;
	/** The total length that the header claims. */
	total?: number;
}

export function ipv4(h: V4, payload: Buffer): Buffer {
	const options = hex(h.options ?? "");
	const header = 20 + options.length;
	const flags = (h.df ? 0x4000 : 0) | (h.more ? 0x2000 : 0);
	return join(
		[0x40 | (header >> 2), 1],
		[0, 1],
		[h.total ?? header + payload.length, 2],
		[h.id ?? 0, 2],
		[flags | ((h.offset ?? 0) >> 3), 2],
		[h.ttl ?? 64, 1],
		[h.protocol, 1],
		[0, 2],
		address(h.from),
		address(h.to),
		options,
		payload,
	);
}

export interface V6 extends Ends {
	next: number;
	/** The payload length that the header claims. */
	length?: number;
}

export const ipv6 = (h: V6, payload: Buffer): Buffer =>
	join(
		[0x60000000, 4],
		[h.length ?? payload.length, 2],
		[h.next, 1],
		[h.ttl ?? 64, 1],
		address(h.from),
		address(h.to),
		payload,
	);

/** Hop-by-hop (0), routing (43) or destination options (60): RFC 8200; `body` is padded. */
export function extension(next: number, body: Buffer, payload: Buffer): Buffer {
	const size = Math.ceil((body.length + 2) / 8) * 8;
	const padding = Buffer.alloc(size - body.length - 2);
	return join([next, 1], [size / 8 - 1, 1], body, padding, payload);
}

/** Authentication header (51, RFC 4302) with a check value of 12 bytes. */
export const authentication = (next: number, payload: Buffer): Buffer =>
	join([next, 1], [4, 1], [0, 2], [1, 4], [1, 4], Buffer.alloc(12), payload);

/** Fragment header (44, RFC 8200 section 4.5). */
export const fragment6 = (
	next: number,
	offset: number,
	more: boolean,
	id: number,
	payload: Buffer,
): Buffer => join([next, 1], [0, 1], [offset | +more, 2], [id, 4], payload);

/** An IP packet of the version the addresses have. */
export const ip = (
	ends: Ends & { id?: number; df?: boolean },
	protocol: number,
	payload: Buffer,
): Buffer =>
	isSix(ends.from)
		? ipv6({ ...ends, next: protocol }, payload)
		: ipv4({ ...ends, protocol }, payload);

/** A datagram in fragments of `size` bytes, a multiple of 8, in order. */
export function fragmented(
	ends: Ends & { id?: number },
	protocol: number,
	payload: Buffer,
	size: number,
): Buffer[] {
	const { id = 1 } = ends;
	const parts: Buffer[] = [];
	for (let offset = 0; offset < payload.length; offset += size) {
		const part = payload.subarray(offset, offset + size);
		const more = offset + size < payload.length;
		parts.push(
			isSix(ends.from)
				? ipv6(
						{ ...ends, next: 44 },
						fragment6(protocol, offset, more, id, part),
					)
				: ipv4({ ...ends, protocol, id, more, offset }, part),
		);
	}
	return parts;
}

export interface Segment {
	sport: number;
	dport: number;
	flags: number;
	seq?: number;
	ack?: number;
	window?: number;
	/** Hex, a multiple of 4 bytes. */
	options?: string;
}

export function tcp(s: Segment, data: Buffer = Buffer.alloc(0)): Buffer {
	const options = hex(s.options ?? "");
	return join(
		[s.sport, 2],
		[s.dport, 2],
		[s.seq ?? 1, 4],
		[s.ack ?? 0, 4],
		[(20 + options.length) << 2, 1],
		[s.flags, 1],
		[s.window ?? 64_240, 2],
		[0, 4],
		options,
		data,
	);
}

export const udp = (sport: number, dport: number, data: Buffer): Buffer =>
	join([sport, 2], [dport, 2], [8 + data.length, 2], [0, 2], data);

/** RFC 9260: the common header and a first chunk: INIT 1, INIT ACK 2, ABORT 6. */
export const sctp = (sport: number, dport: number, chunk: number): Buffer =>
	join([sport, 2], [dport, 2], [0, 8], [chunk, 1], [0, 1], [4, 2]);

/** ICMP or ICMPv6: type, code, four bytes of zeros, then `body`. */
export const icmp = (type: number, code: number, body: Buffer): Buffer =>
	join([type, 1], [code, 1], [0, 2], [0, 4], body);

/** RFC 4861 section 4.3, with the sender's link-layer address as its option. */
export const solicitation = (target: string, mac = DEFAULT_FROM): Buffer =>
	icmp(135, 0, join(address(target), hex("0101"), hex(mac)));

/** A frame decoded, whole or as much of it as was captured, with its addresses as text beside. */
export function decoded(
	frame: Buffer,
	linktype = 1,
	captured = frame.length,
): Packet & {
	source: string;
	destination: string;
	mac: string | undefined;
	toMac: string | undefined;
} {
	const p = createPacket();
	decode(frame.subarray(0, captured), 0, captured, frame.length, linktype, p);
	return {
		...p,
		source: formatAddress(p.s0, p.s1, p.s2, p.s3),
		destination: formatAddress(p.d0, p.d1, p.d2, p.d3),
		mac: formatMac(p.macHigh, p.macLow),
		toMac: formatMac(p.toMacHigh, p.toMacLow),
	};
}
