import { i32, u16 } from "./bytes.ts";
import { Kind, type Packet } from "./packet.ts";
import { decodeTransport } from "./transport.ts";

/** Extension headers (RFC 8200 section 4, RFC 7045). */
const HOP_BY_HOP = 0;
const ROUTING = 43;
const FRAGMENT = 44;
const AUTHENTICATION = 51;
const DESTINATION_OPTIONS = 60;
const MOBILITY = 135;
const HIP = 139;
const SHIM6 = 140;
/** Headers that are followed; each kind may come once, destination options twice (RFC 8200 section 4.1). */
const MAX_HEADERS = 10;

const isExtension = (next: number) =>
	next === HOP_BY_HOP ||
	next === ROUTING ||
	next === DESTINATION_OPTIONS ||
	next === AUTHENTICATION ||
	next === MOBILITY ||
	next === HIP ||
	next === SHIM6;

/** RFC 8200. `wire` and `end` as for IPv4; a payload length of 0 is a jumbogram's or an offload's. */
export function decodeIpv6(
	b: Uint8Array,
	from: number,
	end: number,
	wire: number,
	p: Packet,
): void {
	let o = from;
	if (o + 40 > end || (b[o] as number) >> 4 !== 6) return;
	let rest = u16(b, o + 4) || wire - 40;
	let next = b[o + 6] as number;
	p.version = 6;
	p.id = 0;
	p.df = false;
	p.moreFragments = false;
	p.fragmentOffset = 0;
	p.ipOptions = false;
	p.ttl = b[o + 7] as number;
	p.s0 = i32(b, o + 8);
	p.s1 = i32(b, o + 12);
	p.s2 = i32(b, o + 16);
	p.s3 = i32(b, o + 20);
	p.d0 = i32(b, o + 24);
	p.d1 = i32(b, o + 28);
	p.d2 = i32(b, o + 32);
	p.d3 = i32(b, o + 36);
	if (b[o + 24] === 0xff) p.toMany = true;
	o += 40;
	const last = o + rest < end ? o + rest : end;
	for (let headers = 0; isExtension(next); headers++) {
		if (o + 8 > last || headers === MAX_HEADERS) return;
		if (next === ROUTING) p.ipOptions = true;
		const units = b[o + 1] as number;
		// RFC 4302 section 2.2 counts the authentication header in 4-byte units
		const size = next === AUTHENTICATION ? (units + 2) << 2 : (units + 1) << 3;
		next = b[o] as number;
		o += size;
		rest -= size;
	}
	p.protocol = next;
	if (next !== FRAGMENT) {
		if (o <= last) decodeTransport(b, o, last, rest, p);
		return;
	}
	if (o + 8 > last) return;
	const fragment = u16(b, o + 2);
	p.protocol = b[o] as number;
	p.id = i32(b, o + 4);
	p.moreFragments = (fragment & 1) !== 0;
	p.fragmentOffset = fragment & 0xfff8;
	if (!p.moreFragments && p.fragmentOffset === 0) {
		decodeTransport(b, o + 8, last, rest - 8, p); // an atomic fragment (RFC 6946)
		return;
	}
	p.kind = Kind.Fragment;
	p.payload = o + 8;
	p.end = last;
	p.length = rest - 8;
	p.sport = 0;
	p.dport = 0;
}
