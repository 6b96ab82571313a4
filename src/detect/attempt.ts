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
