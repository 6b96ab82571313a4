/** What a frame turned out to be. */
export const Kind = {
	/** Nothing we judge: another protocol, truncated or malformed. */
	Other: 0,
	Tcp: 1,
	Udp: 2,
	Sctp: 3,
	Icmp4: 4,
	Icmp6: 5,
	Arp: 6,
	/** IP with any other protocol; `protocol` tells which. */
	Ip: 7,
	/** A fragment; `protocol` is what it carries, `payload` where its part begins. */
	Fragment: 8,
} as const;
export type Kind = (typeof Kind)[keyof typeof Kind];

/** TCP flags (RFC 9293 section 3.1). */
export const FIN = 0x01;
export const SYN = 0x02;
export const RST = 0x04;
export const PSH = 0x08;
export const ACK = 0x10;
export const URG = 0x20;

/** What the options of a SYN hold: bits of `Packet.options`. */
export const OPT_MSS = 1;
export const OPT_WSCALE = 2;
export const OPT_SACK = 4;
export const OPT_TIMESTAMP = 8;

/**
 * One decoded frame, filled anew for each: the packet path allocates nothing. Every number but `time`
 * is a signed 32-bit integer (V8 keeps those unboxed): addresses, `seq` and `ack` are the wire's bits.
 */
export interface Packet {
	kind: Kind;
	/** ms since the epoch, with microseconds behind the point. */
	time: number;
	/** Index of the capture's interface. */
	interface: number;
	/** Sender's MAC, upper 16 and lower 32 bits; both 0 where the link has none. */
	macHigh: number;
	macLow: number;
	/** Receiver's MAC, where the link tells it. */
	toMacHigh: number;
	toMacLow: number;
	/** 802.1Q id of the outer tag, -1 without one. */
	vlan: number;
	/** 4 or 6; 0 for ARP. */
	version: number;
	/** Source and destination address, four words each; IPv4 is mapped (RFC 4291 section 2.5.5.2). */
	s0: number;
	s1: number;
	s2: number;
	s3: number;
	d0: number;
	d1: number;
	d2: number;
	d3: number;
	/** The source as a word (hashAddress), once somebody needed it; 0 before. */
	sourceWord: number;
	/** The link's destination is broadcast or multicast, or the IP destination is. */
	toMany: boolean;
	ttl: number;
	/** IPv4 identification, IPv6 fragment identification, else 0. */
	id: number;
	/** IPv4 Don't Fragment; false in IPv6. */
	df: boolean;
	/** It came in fragments that the reassembly put together. */
	fragmented: boolean;
	/** Offset in bytes and whether more follow, of a `Fragment`. */
	fragmentOffset: number;
	moreFragments: boolean;
	/** IP header with options (IPv4) or with source routing (IPv6). */
	ipOptions: boolean;
	/** IANA protocol number. */
	protocol: number;
	/** Ports of TCP, UDP and SCTP; type and code of ICMP; ARP's operation in `sport`. */
	sport: number;
	dport: number;
	/** TCP. */
	flags: number;
	seq: number;
	ack: number;
	window: number;
	/** `OPT_*` bits of a SYN's options; 0 without options, -1 for those of any other segment. */
	options: number;
	/** Chunk type of SCTP's first chunk. */
	chunk: number;
	/** Bytes behind the transport header as the IP header has it, captured or not. */
	length: number;
	/** Where the transport's payload begins in the buffer, and where the captured bytes of it end. */
	payload: number;
	end: number;
}

/** An empty packet to decode into. */
export function createPacket(): Packet {
	return {
		kind: Kind.Other,
		time: 0.5, // a double from the start: the field never changes its representation
		interface: 0,
		macHigh: 0,
		macLow: 0,
		toMacHigh: 0,
		toMacLow: 0,
		vlan: -1,
		version: 0,
		s0: 0,
		s1: 0,
		s2: 0,
		s3: 0,
		d0: 0,
		d1: 0,
		d2: 0,
		d3: 0,
		sourceWord: 0,
		toMany: false,
		ttl: 0,
		id: 0,
		df: false,
		fragmented: false,
		fragmentOffset: 0,
		moreFragments: false,
		ipOptions: false,
		protocol: 0,
		sport: 0,
		dport: 0,
		flags: 0,
		seq: 0,
		ack: 0,
		window: 0,
		options: 0,
		chunk: 0,
		length: 0,
		payload: 0,
		end: 0,
	};
}
