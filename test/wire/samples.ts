/** Well-formed frames of every kind. */
import {
	ARP,
	arp,
	authentication,
	cooked,
	cooked2,
	ethernet,
	extension,
	fragmented,
	ICMP,
	ICMP6,
	IP4,
	IP6,
	icmp,
	ip,
	ipv4,
	ipv6,
	loopback,
	PPPOE,
	pppoe,
	SCTP,
	STACK,
	sctp,
	snap,
	solicitation,
	TCP,
	tcp,
	UDP,
	udp,
} from "./frames.ts";

const V4 = { from: "192.0.2.7", to: "192.0.2.1", id: 7 };
const V6 = { from: "2001:db8::7", to: "2001:db8::1" };
const SYN = tcp({ sport: 40000, dport: 22, flags: 2, options: STACK });
const IP_SYN = ip(V4, TCP, SYN);
const IP6_SYN = ip(V6, TCP, SYN);
const headers = extension(
	43,
	Buffer.alloc(6),
	extension(51, Buffer.alloc(22), authentication(TCP, SYN)),
);
const tags = [
	[0x88a8, 5],
	[0x8100, 6],
] as const;

/** One of everything that is decoded, with its link type. */
export const SAMPLES: (readonly [linktype: number, frame: Buffer])[] = [
	[1, ethernet(IP4, IP_SYN)],
	[1, ethernet(IP6, IP6_SYN)],
	[1, ethernet(IP4, IP_SYN, { tags })],
	[1, ethernet(PPPOE, pppoe(0x21, IP_SYN), { tags })],
	[1, ethernet(PPPOE, pppoe(0x57, IP6_SYN))],
	[1, snap(IP4, IP_SYN)],
	[1, ethernet(ARP, arp({ from: "192.0.2.7", to: "192.0.2.1" }))],
	[113, cooked(IP4, IP_SYN)],
	[113, cooked(ARP, arp({ from: "192.0.2.7", to: "192.0.2.1" }))],
	[276, cooked2(IP6, IP6_SYN)],
	[0, loopback(IP_SYN)],
	[108, loopback(IP6_SYN, true)],
	[101, IP6_SYN],
	[228, IP_SYN],
	[101, ipv4({ ...V4, protocol: TCP, options: "01".repeat(40) }, SYN)],
	[101, ipv6({ ...V6, next: 0 }, headers)],
	[101, ip(V4, UDP, udp(53, 40000, Buffer.alloc(20)))],
	[101, ip(V4, ICMP, icmp(3, 3, IP_SYN))],
	[101, ip(V6, ICMP6, solicitation("2001:db8::9"))],
	[101, ip(V6, SCTP, sctp(4000, 36412, 1))],
	[101, ip(V4, 47, Buffer.alloc(9))],
	...fragmented(V4, TCP, SYN, 8).map((part) => [101, part] as const),
	...fragmented(V6, TCP, SYN, 8).map((part) => [101, part] as const),
];
