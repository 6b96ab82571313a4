import type { PortSet } from "../config/portset.ts";
import { toRanges } from "../config/portset.ts";
import type { Protocol } from "../config/watch.ts";
import { DLT_EN10MB } from "../wire/link.ts";

/** What of the configuration decides which packets are worth waking up for. */
export interface FilterOptions {
	protocols: readonly Protocol[];
	udp: PortSet;
	ipOptions: boolean;
}

/** Bytes of a UDP datagram (RFC 768's length field) beyond which it is somebody's download: probes are short. */
const MAX_PROBE = 600;
/** Bytes of an IP packet of some other protocol beyond which it is a tunnel's. */
const MAX_BARE = 64;
/** Bytes of a fragment beyond which an honest stack made it: links carry at least 576 (RFC 791). */
const MAX_FRAGMENT = 256;
/** Port ranges that a filter names; a longer list lets all of UDP pass. */
const MAX_RANGES = 64;

/** SYN, FIN, RST or no ACK: everything but established traffic. */
const TELLING = "& 0x17 != 0x10";

/**
 * Segments that open, close, break off or are impossible; bare ACKs only as raw-socket scanners make
 * them. libpcap's tcp[] reads IPv4 only, so IPv6 is spelled out: next header at 6, TCP at 40.
 */
const TCP = [
	`tcp[13] ${TELLING}`,
	"(tcp[12] & 0xf0 = 0x50 and ip[6] & 0x40 = 0 and ip[2:2] - ((ip[0] & 0xf) << 2) = 20)",
	`(ip6[6] = 6 and (ip6[53] ${TELLING} or (ip6[4:2] = 20 and ip6[54:2] <= 1024)))`,
];

/** Chunks that open, or refuse to: INIT, INIT ACK, ABORT. */
const SCTP = [
	"(sctp[12] = 1 or sctp[12] = 2 or sctp[12] = 6)",
	"(ip6[6] = 132 and (ip6[52] = 1 or ip6[52] = 2 or ip6[52] = 6))",
];

/** Transports with rules of their own. */
const KNOWN4 = [1, 6, 17, 132];
const KNOWN6 = [6, 17, 58, 132];
/** Headers that IPv6 puts before the transport (RFC 8200 section 4, RFC 7045). */
const EXTENSIONS = [0, 43, 44, 51, 60, 135, 139, 140];
/** IGMP, IP in IP, IPv6 in IP, GRE, ESP, AH, none, EIGRP, OSPF, PIM, VRRP, L2TP: judged when bare only. */
const TUNNELS = [2, 4, 41, 47, 50, 51, 59, 88, 89, 103, 112, 115];

const isOneOf = (field: string, numbers: readonly number[]) =>
	`(${numbers.map((n) => `${field} = ${n}`).join(" or ")})`;

const IP = [
	`(ip and not ${isOneOf("ip[9]", KNOWN4)} and (ip[2:2] <= ${MAX_BARE} or not ${isOneOf("ip[9]", TUNNELS)}))`,
	`(ip6 and not ${isOneOf("ip6[6]", KNOWN6)} and (ip6[4:2] <= ${MAX_BARE} or not ${isOneOf("ip6[6]", TUNNELS)}))`,
];

/**
 * Small fragments and those that hold a part of the first 64 bytes, and IPv6 packets whose transport
 * stands behind extension headers. They stand first: a look at TCP's flags beyond the end of nmap -f's
 * 8 bytes would end the filter with "no".
 */
const ALWAYS = [
	`(ip[6:2] & 0x3fff != 0 and ip[2:2] <= ${MAX_FRAGMENT})`,
	"(ip[6:2] & 0x1fff != 0 and ip[6:2] & 0x1fff < 8)",
	isOneOf("ip6[6]", EXTENSIONS),
	// errors, which tell of closed ports, and neighbour discovery
	"icmp",
	"icmp6",
];

function udp(ports: PortSet): string[] {
	const ranges = toRanges(ports);
	if (ranges.length > MAX_RANGES) return ["udp"];
	return [
		`udp[4:2] <= ${MAX_PROBE}`,
		`(ip6[6] = 17 and ip6[44:2] <= ${MAX_PROBE})`,
		"udp dst portrange 0-442", // all privileged ones but QUIC's, where uploads go
		"udp dst portrange 444-1023",
		...ranges.map(([first, last]) => `udp dst portrange ${first}-${last}`),
	];
}

/**
 * The kernel's filter in pcap-filter(7) syntax: what no detector looks at stays in the kernel, so that
 * a busy host costs nothing. Tagged frames pass by the same rules, one tag or two.
 */
export function kernelFilter(
	{ protocols, udp: ports, ipOptions }: FilterOptions,
	linktype: number,
): string {
	const wants = (protocol: Protocol) => protocols.includes(protocol);
	const rules = [
		...ALWAYS,
		...(wants("tcp") ? TCP : []),
		...(wants("udp") ? udp(ports) : []),
		...(wants("sctp") ? SCTP : []),
		...(wants("ip") ? IP : []),
		...(wants("arp") ? ["arp"] : []),
		...(ipOptions ? ["ip[0] & 0xf > 5"] : []),
	];
	const rule = `(${rules.join(" or ")})`;
	// each `vlan` moves what follows it one tag on
	return linktype === DLT_EN10MB
		? `${rule} or (vlan and ${rule}) or (vlan and ${rule})`
		: rule;
}
