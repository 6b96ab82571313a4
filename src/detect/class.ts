import type { Carrier, Technique } from "../alert/alert.ts";

/** What an attempt is counted with: scans of one class don't mix with another's. */
export const Class = {
	Tcp: 1,
	Udp: 2,
	Sctp: 3,
	/** Any other protocol; the port is its number. */
	Ip: 4,
	Arp: 5,
	Nd: 6,
	Echo: 7,
	Timestamp: 8,
	Mask: 9,
} as const;
export type Class = (typeof Class)[keyof typeof Class];

/** Classes whose attempts name a port (or protocol) of the target. */
export const hasPort = (cls: Class): boolean => cls <= Class.Ip;

/** Asking who is there: everybody does it, a few at a time. */
export const isNeighbourly = (cls: Class): boolean =>
	cls === Class.Arp || cls === Class.Nd;

export function carrierOf(cls: Class, version: number): Carrier {
	switch (cls) {
		case Class.Tcp:
			return "tcp";
		case Class.Udp:
			return "udp";
		case Class.Sctp:
			return "sctp";
		case Class.Ip:
			return "ip";
		case Class.Arp:
			return "arp";
		default:
			return version === 6 ? "ipv6-icmp" : "icmp";
	}
}

/** As numbers, for tables of integers. */
export const TECHNIQUES: readonly Technique[] = [
	"connect",
	"syn",
	"fin",
	"null",
	"xmas",
	"ack",
	"maimon",
	"syn-ack",
	"odd",
	"udp",
	"sctp-init",
	"ip-proto",
	"ip-options",
	"fragment",
	"echo",
	"timestamp",
	"mask",
	"arp",
	"nd",
];
