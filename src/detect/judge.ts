import type { Technique } from "../alert/alert.ts";
import type { Packet } from "../wire/packet.ts";
import type { Attempt } from "./attempt.ts";
import type { Attempts } from "./attempts.ts";
import type { Class } from "./class.ts";

/** What is known of ports. */
export interface PortLore {
	/** The administrator wants to hear of every touch. */
	isWatched(cls: Class, port: number): boolean;
	/** It answered within the last hour. */
	isServed(cls: Class, host: number, port: number, tenths: number): boolean;
	serve(cls: Class, host: number, port: number, tenths: number): void;
}

/** What the judges of the protocols share; the fields are set for each packet before a judge sees it. */
export interface Judge {
	attempts: Attempts;
	ports: PortLore;
	/** ms, and tenths of a second since the detector's start. */
	now: number;
	tenths: number;
	/** Source and destination as words (hashAddress). */
	source: number;
	destination: number;
	/** Sent by this host to another: whatever it is, it is no attack on us. */
	isOurErrand: boolean;
	isDestinationOurs: boolean;
	/** In scope as the target of an attempt: the destination, and the source (of an answer). */
	isJudged: boolean;
	isSourceJudged: boolean;
	/** An address as a word. */
	hash(w0: number, w1: number, w2: number, w3: number): number;
	/** The one Attempt, filled from a packet whose source tried something. */
	attemptOf(p: Packet, cls: Class, port: number, technique: Technique): Attempt;
	/** The same from a packet that answers it: source and destination change places. */
	answering(p: Packet, cls: Class, port: number, technique: Technique): Attempt;
	/** A conversation as a word, and the one a packet answers. */
	flowKey(p: Packet): number;
	flowKeyBack(p: Packet): number;
	/** An ordinary client was answered: many hosts in one breath are a sweep nevertheless. */
	onService(a: Attempt): void;
}
