import type { LureWorld } from "./lure.ts";

const CHARACTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789";

/** How Windows calls a host that nobody names: so long is the rest. */
const BEGINNINGS: readonly [string, number][] = [
	["DESKTOP-", 7],
	["LAPTOP-", 8],
	["WIN-", 11],
	["PC-", 6],
	["NB", 5],
	["WS", 6],
];

/** A name that a host may call itself by and that nobody has: 7 to 15 letters, digits and hyphens. */
export function inventHostname(random: LureWorld["random"]): string {
	const [beginning, size] = BEGINNINGS[random(BEGINNINGS.length)] ?? ["PC", 8];
	let name = beginning;
	for (let i = 0; i < size; i++) name += CHARACTERS[random(CHARACTERS.length)];
	return name;
}
