import { i32, u16 } from "./bytes.ts";
import { Kind, type Packet } from "./packet.ts";

/** RFC 826: Ethernet (or none, on loopback) and IPv4; the operation goes to `sport`. */
export function decodeArp(
	b: Uint8Array,
	o: number,
	end: number,
	p: Packet,
): void {
	if (o + 28 > end) return;
	if (u16(b, o + 2) !== 0x0800 || b[o + 4] !== 6 || b[o + 5] !== 4) return;
	p.kind = Kind.Arp;
	p.version = 0;
	p.protocol = 0;
	p.id = 0;
	p.sport = u16(b, o + 6);
	p.dport = 0;
	p.s0 = 0;
	p.s1 = 0;
	p.s2 = 0xffff;
	p.s3 = i32(b, o + 14);
	p.d0 = 0;
	p.d1 = 0;
	p.d2 = 0xffff;
	p.d3 = i32(b, o + 24);
	p.payload = o + 28;
	p.end = end;
	p.length = 0;
}
