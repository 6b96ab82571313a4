import type { Technique, Tool } from "../alert/alert.ts";
import {
	ACK,
	FIN,
	OPT_MSS,
	type Packet,
	PSH,
	RST,
	SYN,
	URG,
} from "../wire/packet.ts";

/**
 * The technique of flags that no stack sends (FACTS 1, nmap's -sF -sN -sX and --scanflags), or undefined
 * for those that occur: one such packet is enough.
 */
export function impossibleFlags(flags: number): Technique | undefined {
	if (flags === 0) return "null";
	if (flags === FIN) return "fin";
	if (flags === (FIN | PSH | URG)) return "xmas";
	if ((flags & SYN) !== 0 && (flags & (FIN | RST)) !== 0) return "odd";
	// RFC 9293 section 3.10.7.4: whatever isn't SYN or RST bears an ACK
	if ((flags & (SYN | RST | ACK)) === 0) return "odd";
	return undefined;
}

/** An operating system's SYN negotiates: at least two of MSS, window scale, SACK and timestamps. */
export function isStackSyn(options: number): boolean {
	return (options & (options - 1)) !== 0;
}

/**
 * A segment without payload and options that allows fragmentation, or (IPv6) with a window no stack
 * would open: today's stacks all set DF (RFC 1191) and raw-socket scanners don't.
 */
export function isCraftedSegment(p: Packet): boolean {
	if (p.length !== 0 || p.options !== 0) return false;
	return p.version === 4 ? !p.df : p.window <= 1024;
}

/**
 * A SYN|ACK of a stack names its MSS (RFC 9293 section 3.7.1) and opens more than a scanner's window;
 * iptables' SYNPROXY opens none at first.
 */
export function isCraftedSynAck(p: Packet): boolean {
	return p.options <= 0 || (p.window > 0 && p.window <= 1024);
}

/** As numbers, for tables of integers; 0 is none. */
export const TOOLS: readonly (Tool | undefined)[] = [
	undefined,
	"nmap",
	"masscan",
	"zmap",
	"hping3",
];

/**
 * masscan puts a hash of where the packet goes into the IP id; zmap a constant (FACTS 1), beside its window
 * and without DF: one in 65,536 of a stack's packets has that id as well.
 */
function toolOfId(p: Packet): Tool | undefined {
	if (p.version !== 4) return undefined;
	if (p.id === 54321 && p.window === 65535 && !p.df) return "zmap";
	const hash = (p.d3 ^ p.dport ^ p.seq) & 0xffff;
	return p.window === 1024 && p.ttl > 200 && p.id === hash
		? "masscan"
		: undefined;
}

/** nmap 7 has 1024 always, its elders one of these. */
const NMAP_WINDOWS = new Set([1024, 2048, 3072, 4096]);

/** The program whose fingerprint a TCP packet bears; a hint. */
export function toolOfTcp(p: Packet): Tool | undefined {
	const byId = toolOfId(p);
	if (byId) return byId;
	const isSyn = (p.flags & (SYN | ACK)) === SYN;
	if (p.df || p.options < 0) return undefined;
	const isNmapWindow = NMAP_WINDOWS.has(p.window);
	if (isNmapWindow && p.options === (isSyn ? OPT_MSS : 0)) return "nmap";
	if (p.window === 512 && p.options === 0) return "hping3";
	return undefined;
}
