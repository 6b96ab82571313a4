import { u16 } from "./bytes.ts";
import { Kind, type Packet } from "./packet.ts";
import { decodeTcp } from "./tcp.ts";

/** IANA's protocol numbers. */
export const IPPROTO_ICMP = 1;
export const IPPROTO_IGMP = 2;
export const IPPROTO_TCP = 6;
export const IPPROTO_UDP = 17;
export const IPPROTO_ICMPV6 = 58;
export const IPPROTO_SCTP = 132;

/** Ports of UDP (RFC 768) and SCTP (RFC 9260 section 3.1), or type and code of ICMP (RFC 792, RFC 4443). */
function head(
	kind: Kind,
	header: number,
	b: Uint8Array,
	o: number,
	end: number,
	length: number,
	p: Packet,
): void {
	if (length < header || o + header > end) return;
	const isIcmp = kind === Kind.Icmp4 || kind === Kind.Icmp6;
	p.kind = kind;
	p.sport = isIcmp ? (b[o] as number) : u16(b, o);
	p.dport = isIcmp ? (b[o + 1] as number) : u16(b, o + 2);
	p.payload = o + header;
	p.end = end;
	p.length = length - header;
}

/**
 * What IP carries, by `p.protocol`: `length` bytes on the wire from `o`, of which those before `end` were
 * captured. A header that the datagram itself is too short for leaves `Kind.Other`, but for protocols
 * that are none of TCP, UDP, SCTP and ICMP, which are told as `Kind.Ip` whatever they hold.
 */
export function decodeTransport(
	b: Uint8Array,
	o: number,
	end: number,
	length: number,
	p: Packet,
): void {
	switch (p.protocol) {
		case IPPROTO_TCP:
			decodeTcp(b, o, end, length, p);
			return;
		case IPPROTO_UDP:
			head(Kind.Udp, 8, b, o, end, length, p);
			return;
		case IPPROTO_ICMP:
			if (p.version === 4) head(Kind.Icmp4, 8, b, o, end, length, p);
			return;
		case IPPROTO_ICMPV6:
			if (p.version === 6) head(Kind.Icmp6, 8, b, o, end, length, p);
			return;
		case IPPROTO_SCTP:
			head(Kind.Sctp, 12, b, o, end, length, p);
			if (p.kind === Kind.Sctp)
				p.chunk = o + 12 < end ? (b[o + 12] as number) : -1;
			return;
	}
	p.kind = Kind.Ip;
	p.sport = 0;
	p.dport = 0;
	p.payload = o;
	p.end = end;
	p.length = length;
}
