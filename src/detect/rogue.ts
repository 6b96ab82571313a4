import type { Packet } from "../wire/packet.ts";
import type { Agenda } from "./agenda.ts";
import type { Known } from "./known.ts";
import type { Repeats } from "./repeats.ts";
import type { Names } from "./report.ts";

/** What the judges of answers share. */
export interface RogueWorld {
	agenda: Agenda;
	names: Names;
	known: Known;
	ring: Repeats["ring"];
}

/**
 * Judges a packet that may be a server's word; `bytes` is what it was decoded from, `now` ms since the epoch.
 * False when it was none.
 */
export type RogueJudge = (p: Packet, bytes: Uint8Array, now: number) => boolean;
