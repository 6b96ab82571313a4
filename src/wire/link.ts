import { decodeArp } from "./arp.ts";
import { i32, u16 } from "./bytes.ts";
import { decodeIpv4 } from "./ipv4.ts";
import { decodeIpv6 } from "./ipv6.ts";
import { Kind, type Packet } from "./packet.ts";

/** <pcap/dlt.h>; 101, 228 and 229 are what files say, 12 and 14 what systems say. */
export const DLT_NULL = 0;
export const DLT_EN10MB = 1;
export const DLT_RAW = 12;
const DLT_RAW_OPENBSD = 14;
const LINKTYPE_RAW = 101;
export const DLT_LOOP = 108;
export const DLT_LINUX_SLL = 113;
export const LINKTYPE_IPV4 = 228;
export const LINKTYPE_IPV6 = 229;
export const DLT_LINUX_SLL2 = 276;

const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_ARP = 0x0806;
const ETHERTYPE_IPV6 = 0x86dd;
const ETHERTYPE_PPPOE = 0x8864;
/** 802.1Q, 802.1ad (QinQ) and the tag that stood for it before. */
const isTag = (type: number) =>
	type === 0x8100 || type === 0x88a8 || type === 0x9100;
/** Tags that are read; nobody nests deeper. */
const MAX_TAGS = 4;
/** Below it the field is 802.3's length and LLC follows. */
const MIN_ETHERTYPE = 0x0600;
const PPP_IPV4 = 0x0021;
const PPP_IPV6 = 0x0057;

/** <linux/if_packet.h> */
const PACKET_BROADCAST = 1;
const PACKET_MULTICAST = 2;

function network(
	type: number,
	b: Uint8Array,
	o: number,
	end: number,
	wire: number,
	p: Packet,
): void {
	if (type === ETHERTYPE_IPV4) decodeIpv4(b, o, end, wire, p);
	else if (type === ETHERTYPE_IPV6) decodeIpv6(b, o, end, wire, p);
	else if (type === ETHERTYPE_ARP) decodeArp(b, o, end, p);
	else if (type === ETHERTYPE_PPPOE && o + 8 <= end) {
		// RFC 2516 section 4: six bytes, then PPP's protocol number
		const protocol = u16(b, o + 6);
		if (protocol === PPP_IPV4) decodeIpv4(b, o + 8, end, wire - 8, p);
		else if (protocol === PPP_IPV6) decodeIpv6(b, o + 8, end, wire - 8, p);
	}
}

/** What follows an EtherType field that stands at `o - 2`: tags, LLC/SNAP, then the network layer. */
function tagged(
	first: number,
	b: Uint8Array,
	from: number,
	end: number,
	length: number,
	p: Packet,
): void {
	let type = first;
	let o = from;
	let wire = length;
	for (let tags = 0; isTag(type) && tags < MAX_TAGS; tags++) {
		if (o + 4 > end) return;
		if (p.vlan < 0) p.vlan = u16(b, o) & 0xfff;
		type = u16(b, o + 2);
		o += 4;
		wire -= 4;
	}
	if (type < MIN_ETHERTYPE) {
		// RFC 1042: LLC aa aa 03, SNAP 00 00 00, then an EtherType
		if (o + 8 > end || i32(b, o) !== (0xaaaa0300 | 0) || u16(b, o + 4) !== 0)
			return;
		type = u16(b, o + 6);
		o += 8;
		wire -= 8;
	}
	network(type, b, o, end, wire, p);
}

function ethernet(
	b: Uint8Array,
	o: number,
	end: number,
	length: number,
	p: Packet,
): void {
	if (o + 14 > end) return;
	p.toMany = ((b[o] as number) & 1) === 1;
	p.toMacHigh = u16(b, o);
	p.toMacLow = i32(b, o + 2);
	p.macHigh = u16(b, o + 6);
	p.macLow = i32(b, o + 8);
	tagged(u16(b, o + 12), b, o + 14, end, length - 14, p);
}

/** Linux cooked capture, v1 (16 bytes) and v2 (20 bytes): tcpdump.org's LINKTYPE_LINUX_SLL and _SLL2. */
function cooked(
	b: Uint8Array,
	o: number,
	end: number,
	length: number,
	version2: boolean,
	p: Packet,
): void {
	const size = version2 ? 20 : 16;
	if (o + size > end) return;
	const packetType = version2 ? (b[o + 10] as number) : u16(b, o);
	const addressLength = version2 ? (b[o + 11] as number) : u16(b, o + 4);
	const address = version2 ? o + 12 : o + 6;
	p.toMany = packetType === PACKET_BROADCAST || packetType === PACKET_MULTICAST;
	if (addressLength === 6) {
		p.macHigh = u16(b, address);
		p.macLow = i32(b, address + 2);
	}
	const type = u16(b, version2 ? o : o + 14);
	tagged(type, b, o + size, end, length - size, p);
}

function raw(
	b: Uint8Array,
	o: number,
	end: number,
	length: number,
	p: Packet,
): void {
	if (o >= end) return;
	const version = (b[o] as number) >> 4;
	if (version === 4) decodeIpv4(b, o, end, length, p);
	else if (version === 6) decodeIpv6(b, o, end, length, p);
}

/** Link types whose frames `decode` understands. */
export function isKnownLink(linktype: number): boolean {
	return [
		DLT_NULL,
		DLT_EN10MB,
		DLT_RAW,
		DLT_RAW_OPENBSD,
		LINKTYPE_RAW,
		DLT_LOOP,
		DLT_LINUX_SLL,
		LINKTYPE_IPV4,
		LINKTYPE_IPV6,
		DLT_LINUX_SLL2,
	].includes(linktype);
}

/**
 * Decodes the frame of `captured` bytes at `offset`, `length` long on the wire, into `p`. `p.kind` is
 * `Other` for whatever can't be judged. Never reads outside the captured bytes and never throws.
 * `p.time` and `p.interface` are the caller's.
 */
export function decode(
	b: Uint8Array,
	offset: number,
	captured: number,
	length: number,
	linktype: number,
	p: Packet,
): void {
	const end = offset + captured;
	p.kind = Kind.Other;
	p.sourceWord = 0;
	p.macHigh = 0;
	p.macLow = 0;
	p.toMacHigh = 0;
	p.toMacLow = 0;
	p.vlan = -1;
	p.toMany = false;
	p.fragmented = false;
	switch (linktype) {
		case DLT_EN10MB:
			ethernet(b, offset, end, length, p);
			break;
		case DLT_LINUX_SLL:
			cooked(b, offset, end, length, false, p);
			break;
		case DLT_LINUX_SLL2:
			cooked(b, offset, end, length, true, p);
			break;
		case DLT_RAW:
		case DLT_RAW_OPENBSD:
		case LINKTYPE_RAW:
		case LINKTYPE_IPV4:
		case LINKTYPE_IPV6:
			raw(b, offset, end, length, p);
			break;
		case DLT_NULL:
		case DLT_LOOP:
			// the address family, of which every system has its own: the IP version tells as well
			raw(b, offset + 4, end, length - 4, p);
	}
}
