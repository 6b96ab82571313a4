import type { Technique, Tool, WireSource } from "../alert/alert.ts";
import { formatAddress, formatMac } from "../wire/address.ts";
import type { Packet } from "../wire/packet.ts";
import type { Class } from "./class.ts";

/** One packet that tried something, as the judges hand it on; filled anew for each. */
export interface Attempt {
	/** The packet, its source being who tried. */
	packet: Packet;
	/** Source and target as words (hashAddress). */
	source: number;
	target: number;
	cls: Class;
	/** Port, or protocol number; 0 where there is none. */
	port: number;
	technique: Technique;
	tool: Tool | undefined;
	/** It takes no second packet to tell: no honest stack sends this. */
	certain: boolean;
	/** ms, and tenths of a second since the detector's start. */
	now: number;
	tenths: number;
}

/** What an alert needs of a packet that is gone by the time it is told. */
export interface Sight {
	source: WireSource;
	destination: string;
	macLow: number;
	version: number;
	interface: number;
	vlan: number;
}

/** Keeps a packet's addresses as text. */
export function sightOf(p: Packet): Sight {
	return {
		source: {
			ip: formatAddress(p.s0, p.s1, p.s2, p.s3),
			...(p.sport > 0 && (p.protocol === 6 || p.protocol === 17)
				? { port: p.sport }
				: {}),
			...(p.macHigh || p.macLow
				? { mac: formatMac(p.macHigh, p.macLow) as string }
				: {}),
		},
		destination: formatAddress(p.d0, p.d1, p.d2, p.d3),
		macLow: p.macLow,
		version: p.version,
		interface: p.interface,
		vlan: p.vlan,
	};
}

/** A packet's other direction, as far as an attempt needs it: what `p` answers, written into `into`. */
export function turn(p: Packet, into: Packet): Packet {
	into.interface = p.interface;
	into.macHigh = p.toMacHigh;
	into.macLow = p.toMacLow;
	into.vlan = p.vlan;
	into.version = p.version;
	into.protocol = p.protocol;
	into.s0 = p.d0;
	into.s1 = p.d1;
	into.s2 = p.d2;
	into.s3 = p.d3;
	into.d0 = p.s0;
	into.d1 = p.s1;
	into.d2 = p.s2;
	into.d3 = p.s3;
	into.sport = p.dport;
	into.dport = p.sport;
	into.seq = p.ack;
	into.id = 0;
	return into;
}
