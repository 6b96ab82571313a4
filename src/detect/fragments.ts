import type { Packet } from "../wire/packet.ts";
import { decodeTransport, IPPROTO_TCP } from "../wire/transport.ts";
import { mix } from "./hash.ts";
import { FRAGMENT_SLOTS, FRAGMENT_WINDOW, TINY_FRAGMENT } from "./params.ts";

/** Bytes kept of a datagram: a TCP header with all its options. */
const KEPT = 64;
/** Bytes a bit of a slot's map stands for; fragments count in 8 bytes, the last one may be shorter. */
const UNIT = 4;
/** The units of a TCP header without options. */
const HEADER = 0b11111;

/** What a fragment turned out to be. */
export type Outcome =
	/** Nothing to judge (yet). */
	| "nothing"
	/** A first fragment too short to hold TCP's flags. */
	| "tiny"
	/** The headers are complete: the packet was decoded anew. */
	| "whole";

export interface Fragments {
	/** Takes a fragment; `key` names source and destination. */
	put(p: Packet, b: Uint8Array, key: number, now: number): Outcome;
	/** What the packet of a `whole` was decoded from: its payload is there as far as it was kept. */
	bytes: Uint8Array;
}

/**
 * Puts the headers of fragmented datagrams together, and no more of them, in 256 slots of 64 bytes; a
 * slot that is taken gives way.
 */
export function createFragments(): Fragments {
	const bytes = new Uint8Array(FRAGMENT_SLOTS * KEPT);
	const keys = new Int32Array(FRAGMENT_SLOTS);
	const times = new Float64Array(FRAGMENT_SLOTS);
	const maps = new Int32Array(FRAGMENT_SLOTS);
	const whole = new Uint8Array(FRAGMENT_SLOTS);

	function slotOf(key: number, now: number): number {
		const slot = (key >>> 0) % FRAGMENT_SLOTS;
		if (keys[slot] === key && now - (times[slot] as number) <= FRAGMENT_WINDOW)
			return slot;
		keys[slot] = key;
		times[slot] = now;
		maps[slot] = 0;
		whole[slot] = 0;
		return slot;
	}

	/** Copies what a fragment has of the first 64 bytes; the slot's map then tells what is there. */
	function keep(slot: number, p: Packet, b: Uint8Array): number {
		const from = p.fragmentOffset;
		const size = Math.min(p.end - p.payload, KEPT - from);
		for (let i = 0; i < size; i++)
			bytes[slot * KEPT + from + i] = b[p.payload + i] as number;
		for (let unit = from / UNIT; (unit + 1) * UNIT <= from + size; unit++)
			maps[slot] = (maps[slot] as number) | (1 << unit);
		return maps[slot] as number;
	}

	function put(
		p: Packet,
		b: Uint8Array,
		addresses: number,
		now: number,
	): Outcome {
		if (p.fragmentOffset >= KEPT || p.end <= p.payload) return "nothing";
		const isTiny =
			p.protocol === IPPROTO_TCP &&
			p.fragmentOffset === 0 &&
			p.moreFragments &&
			p.length < TINY_FRAGMENT;
		const key = mix(mix(addresses, p.id), p.protocol) || 1;
		const slot = slotOf(key, now);
		const map = keep(slot, p, b);
		const needed = p.protocol === IPPROTO_TCP ? HEADER : 0b11;
		if ((map & needed) !== needed || whole[slot] !== 0)
			return isTiny ? "tiny" : "nothing";
		whole[slot] = 1;
		let units = 0;
		while (units < KEPT / UNIT && ((map >> units) & 1) === 1) units++;
		const at = slot * KEPT;
		decodeTransport(bytes, at, at + units * UNIT, KEPT, p);
		p.fragmented = true;
		return "whole";
	}

	return { put, bytes };
}
