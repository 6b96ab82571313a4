import type { Technique } from "../alert/alert.ts";
import { i32 } from "../wire/bytes.ts";
import { Kind, type Packet } from "../wire/packet.ts";
import { IPPROTO_UDP } from "../wire/transport.ts";
import { Class } from "./class.ts";
import { apart } from "./hash.ts";
import type { Judge } from "./judge.ts";
import { quotes, type Udp } from "./udp.ts";

/** RFC 792, RFC 950; RFC 4443, RFC 4861. */
const ECHO = 8;
const TIMESTAMP = 13;
const MASK = 17;
const UNREACHABLE = 3;
const ECHO6 = 128;
const UNREACHABLE6 = 1;
const NEIGHBOR_SOLICITATION = 135;

function pingOf(p: Packet): [cls: Class, technique: Technique] | undefined {
	if (p.kind === Kind.Icmp6)
		return p.sport === ECHO6 ? [Class.Echo, "echo"] : undefined;
	if (p.sport === ECHO) return [Class.Echo, "echo"];
	if (p.sport === TIMESTAMP) return [Class.Timestamp, "timestamp"];
	return p.sport === MASK ? [Class.Mask, "mask"] : undefined;
}

/** Judges ICMP and ICMPv6, neighbour discovery included; `protocols` may exclude ARP's like. */
export function createIcmp(
	judge: Judge,
	udp: Udp,
	hears: { icmp: boolean; neighbours: boolean },
): (p: Packet, b: Uint8Array) => void {
	const isUnreachable = (p: Packet) =>
		p.kind === Kind.Icmp4 ? p.sport === UNREACHABLE : p.sport === UNREACHABLE6;

	function onUnreachable(p: Packet, b: Uint8Array): void {
		const o = p.payload;
		if (!quotes(p, b, o)) return;
		const protocol = p.version === 4 ? b[o + 9] : b[o + 6];
		if (protocol === IPPROTO_UDP) udp.closed(p, b, o, p.version);
	}

	/** RFC 4861 section 4.3: the target follows four reserved bytes; `::` asks for its own address. */
	function onSolicitation(p: Packet, b: Uint8Array): void {
		const o = p.payload;
		const isOwnAddress = (p.s0 | p.s1 | p.s2 | p.s3) === 0;
		if (judge.isOurErrand || isOwnAddress || o + 16 > p.end) return;
		p.d0 = i32(b, o);
		p.d1 = i32(b, o + 4);
		p.d2 = i32(b, o + 8);
		p.d3 = i32(b, o + 12);
		const a = judge.attemptOf(p, Class.Nd, 0, "nd");
		a.target = judge.hash(p.d0, p.d1, p.d2, p.d3);
		a.source = apart(a.source); // as in ARP
		judge.attempts.attempt(a, false);
	}

	return (p, b) => {
		const ping = pingOf(p);
		if (ping) {
			if (!hears.icmp || judge.isOurErrand) return;
			if (!judge.isJudged && !p.toMany) return;
			const a = judge.attemptOf(p, ping[0], 0, ping[1]);
			a.certain = true;
			judge.attempts.ping(a);
		}
		// What was put together isn't in `b`. Neighbour discovery is never fragmented (RFC 6980), errors are short.
		if (ping || p.fragmented) return;
		if (isUnreachable(p)) onUnreachable(p, b);
		else if (p.kind === Kind.Icmp6 && p.sport === NEIGHBOR_SOLICITATION) {
			if (hears.neighbours) onSolicitation(p, b);
		}
	};
}
