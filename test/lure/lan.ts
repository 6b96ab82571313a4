/** A world for lures: two interfaces that can ask, three that can't, and what was sent. */
import { createAgenda } from "../../src/detect/agenda.ts";
import type { LureInterface, LureWorld } from "../../src/lure/lure.ts";
import { START } from "../detect/drive.ts";
import { createDice } from "../system/tocsin-flood.ts";
import { decoded } from "../wire/frames.ts";

export const ASKING: LureInterface[] = [
	{ name: "eth0", mac: "02:00:00:00:00:01", ipv4: [], ipv6: ["fe80::1"] },
	{
		name: "eth1",
		mac: "02:00:00:00:00:02",
		ipv4: [],
		ipv6: ["fe80::2", "fe80::3"],
	},
];
const MUTE: LureInterface[] = [
	{ name: "tun0", mac: undefined, ipv4: [], ipv6: ["fe80::4"] },
	{ name: "eth2", mac: "02:00:00:00:00:03", ipv4: [], ipv6: [] },
	{ name: "eth3", mac: "02:00:00:00:00:04", ipv4: [], ipv6: ["nonsense"] },
];

export interface Question {
	/** ms after `START`. */
	ms: number;
	name: string;
	frame: Buffer;
	/** What it was decoded to, and the bytes behind UDP's or ICMPv6's header. */
	packet: ReturnType<typeof decoded>;
	payload: Buffer;
}

export interface Lan {
	world: LureWorld;
	sent: Question[];
	/** Lets time pass until `ms` after `START`. */
	until(ms: number): void;
}

export function createLan(seed = 1): Lan {
	const agenda = createAgenda();
	const dice = createDice(88_675_123 + seed);
	const sent: Question[] = [];
	let now = START;
	const world: LureWorld = {
		agenda,
		random: (n) => Math.floor((dice() / 2 ** 32) * n),
		interfaces: () => [...MUTE, ...ASKING],
		send(name, bytes) {
			const frame = Buffer.from(bytes);
			const packet = decoded(frame);
			const payload = frame.subarray(packet.payload, packet.end);
			sent.push({ ms: now - START, name, frame, packet, payload });
		},
	};
	return {
		world,
		sent,
		until(ms) {
			for (let at = agenda.next(); at !== undefined; at = agenda.next()) {
				if (at > START + ms) break;
				now = at;
				agenda.advance(at);
			}
			now = START + ms;
		},
	};
}

/** Positions at which all have the same byte, up to the end of the shortest. */
export function constants(list: readonly Buffer[]): number[] {
	const size = Math.min(...list.map((bytes) => bytes.length));
	const [first] = list;
	return Array.from({ length: size }, (_, i) => i).filter((i) =>
		list.every((bytes) => bytes[i] === first?.[i]),
	);
}

/** How many different ones there are. */
export const distinct = (list: readonly (string | number)[]): number =>
	new Set(list).size;
