import type { LureWorld } from "./lure.ts";

/** The six bytes of a MAC address that no maker has given away: locally administered, unicast (IEEE 802 section 8.4). */
export function inventMac(random: LureWorld["random"]): number[] {
	const [first = 0, ...rest] = Array.from({ length: 6 }, () => random(256));
	return [(first & 0xfc) | 2, ...rest];
}
