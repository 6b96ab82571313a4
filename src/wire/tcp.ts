import { i32, u16 } from "./bytes.ts";
import {
	Kind,
	OPT_MSS,
	OPT_SACK,
	OPT_TIMESTAMP,
	OPT_WSCALE,
	type Packet,
	SYN,
} from "./packet.ts";

/** TCP option kinds: RFC 9293 section 3.2, RFC 7323, RFC 2018. */
const bitOf = (kind: number): number =>
	kind === 2
		? OPT_MSS
		: kind === 3
			? OPT_WSCALE
			: kind === 4
				? OPT_SACK
				: kind === 8
					? OPT_TIMESTAMP
					: 0;

function optionBits(b: Uint8Array, from: number, end: number): number {
	let bits = 0;
	let o = from;
	while (o < end) {
		const kind = b[o] as number;
		if (kind === 0) break;
		if (kind === 1) {
			o++;
			continue;
		}
		const size = o + 1 < end ? (b[o + 1] as number) : 0;
		if (size < 2) break;
		bits |= bitOf(kind);
		o += size;
	}
	return bits;
}

/** RFC 9293 section 3.1. Options are read where SYN is set; nothing we judge depends on the others. */
export function decodeTcp(
	b: Uint8Array,
	o: number,
	end: number,
	length: number,
	p: Packet,
): void {
	if (length < 20 || o + 20 > end) return;
	const header = ((b[o + 12] as number) >> 4) << 2;
	if (header < 20 || header > length) return;
	const flags = b[o + 13] as number;
	p.kind = Kind.Tcp;
	p.sport = u16(b, o);
	p.dport = u16(b, o + 2);
	p.seq = i32(b, o + 4);
	p.ack = i32(b, o + 8);
	p.flags = flags & 0x3f; // without ECN's CWR and ECE (RFC 3168)
	p.window = u16(b, o + 14);
	p.payload = o + header < end ? o + header : end;
	p.end = end;
	p.length = length - header;
	p.options = header > 20 ? -1 : 0;
	if (header > 20 && (flags & SYN) !== 0)
		p.options = optionBits(b, o + 20, p.payload);
}
