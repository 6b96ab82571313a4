import { i32, u16 } from "./bytes.ts";
import { Kind, type Packet } from "./packet.ts";
import { decodeTransport } from "./transport.ts";

/**
 * RFC 791. `wire` is the length of what follows the link header on the wire, `end` the end of what was
 * captured. A total length of 0 comes from segmentation offload and means "all there is".
 */
export function decodeIpv4(
	b: Uint8Array,
	o: number,
	end: number,
	wire: number,
	p: Packet,
): void {
	if (o + 20 > end) return;
	const first = b[o] as number;
	const header = (first & 0xf) << 2;
	const total = u16(b, o + 2) || wire;
	if (first >> 4 !== 4 || header < 20 || total < header || o + header > end)
		return;
	const destination = i32(b, o + 16);
	const fragment = u16(b, o + 6);
	p.version = 4;
	p.id = u16(b, o + 4);
	p.df = (fragment & 0x4000) !== 0;
	p.moreFragments = (fragment & 0x2000) !== 0;
	p.fragmentOffset = (fragment & 0x1fff) << 3;
	p.ttl = b[o + 8] as number;
	p.protocol = b[o + 9] as number;
	p.ipOptions = header > 20;
	p.s0 = 0;
	p.s1 = 0;
	p.s2 = 0xffff;
	p.s3 = i32(b, o + 12);
	p.d0 = 0;
	p.d1 = 0;
	p.d2 = 0xffff;
	p.d3 = destination;
	// 224.0.0.0/4 (RFC 5771) and the limited broadcast (RFC 919 section 7)
	if (destination >>> 28 === 0xe || destination === -1) p.toMany = true;
	const last = o + total < end ? o + total : end;
	if (p.moreFragments || p.fragmentOffset > 0) {
		p.kind = Kind.Fragment;
		p.payload = o + header;
		p.end = last;
		p.length = total - header;
		p.sport = 0;
		p.dport = 0;
		return;
	}
	decodeTransport(b, o + header, last, total - header, p);
}
