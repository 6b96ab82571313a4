import { spread } from "./hash.ts";
import {
	FAST_GAP,
	HIGH_WEIGHT,
	PRIVILEGED,
	PRIVILEGED_WEIGHT,
	SLOW_WINDOW,
	SOURCE_BITS,
} from "./params.ts";

/** Words of an entry: a bucket of four is two cache lines. */
const WORDS = 8;
const WAYS = 4;
const TAG = 0;
const LAST = 1;
const META = 2;
const FIRST = 3;
const ITEMS = 4;
/** Attempts that are kept in the entry itself; one more and the source becomes a suspect. */
export const INLINE_ITEMS = 4;

/** META: items in use (3 bits), weight of the burst (8 bits), place among the suspects + 1 (16 bits). */
const COUNT_MASK = 0x7;
const WEIGHT_SHIFT = 3;
const WEIGHT_MASK = 0xff;
const SUSPECT_SHIFT = 16;

const tenths = (ms: number) => Math.floor(ms / 100);

/**
 * Who tried something: a table of half a million sources and their first few attempts, without
 * allocation. An attempt is one word, port and target (see `itemOf`). In a full bucket the lightest
 * gives way, the oldest of them: a flood of sources with one packet each pushes out its own like.
 */
export interface Sources {
	/** The place of a source, made if need be. Times in tenths of a second. */
	touch(source: number, now: number): number;
	find(source: number): number;
	/** Enters an attempt. False when it is a further one than the entry can hold. */
	add(place: number, item: number, weight: number, now: number): boolean;
	remove(place: number, item: number): void;
	items(place: number): number[];
	/** Weight of the burst under way, and when the first attempt came. */
	weight(place: number): number;
	first(place: number): number;
	/** The place among the suspects, or -1. */
	suspect(place: number): number;
	setSuspect(place: number, suspect: number): void;
	/** Sources that were forgotten although their time was not over, since the last call. */
	takeForgotten(): number;
}

/** Port (or protocol) and target of an attempt as one word. */
export const itemOf = (port: number, target: number): number =>
	(port << 16) | (target & 0xffff);

/** What a port counts in a burst. */
export const weightOf = (port: number): number =>
	port < PRIVILEGED ? PRIVILEGED_WEIGHT : HIGH_WEIGHT;

export function createSources(bits = SOURCE_BITS): Sources {
	const table = new Int32Array(WORDS << bits);
	const mask = (1 << bits) - 1;
	const slow = tenths(SLOW_WINDOW);
	const gap = tenths(FAST_GAP);
	let forgotten = 0;
	const at = (i: number) => table[i] as number;
	const bucket = (source: number) =>
		(spread(source) & mask & ~(WAYS - 1)) * WORDS;

	/** Suspects weigh most, then those with more attempts; between equals the older goes first. */
	function lightest(from: number, now: number): number {
		let victim = from;
		let least = Number.MAX_SAFE_INTEGER;
		for (let e = from; e < from + WAYS * WORDS; e += WORDS) {
			if (at(e + TAG) === 0 || now - at(e + LAST) > slow) return e;
			const meta = at(e + META);
			const rank = meta >>> SUSPECT_SHIFT !== 0 ? 7 : meta & COUNT_MASK;
			const worth = rank * 0x80000000 + at(e + LAST);
			if (worth < least) {
				least = worth;
				victim = e;
			}
		}
		forgotten++;
		return victim;
	}

	function find(source: number): number {
		const from = bucket(source);
		for (let e = from; e < from + WAYS * WORDS; e += WORDS)
			if (at(e + TAG) === source) return e;
		return -1;
	}

	return {
		find,
		touch(source, now) {
			let e = find(source);
			if (e >= 0 && now - at(e + LAST) <= slow) return e;
			if (e < 0) e = lightest(bucket(source), now);
			table[e + TAG] = source;
			table[e + META] = 0;
			table[e + FIRST] = now;
			table[e + LAST] = now;
			return e;
		},
		add(e, item, weight, now) {
			const meta = at(e + META);
			const count = meta & COUNT_MASK;
			const isBurst = now - at(e + LAST) < gap;
			table[e + LAST] = now;
			for (let i = 0; i < count; i++)
				if (at(e + ITEMS + i) === item) return true;
			const before = isBurst ? (meta >> WEIGHT_SHIFT) & WEIGHT_MASK : 0;
			const burst = Math.min(before + weight, WEIGHT_MASK);
			const rest = meta & ~(COUNT_MASK | (WEIGHT_MASK << WEIGHT_SHIFT));
			const room = count < INLINE_ITEMS;
			if (room) table[e + ITEMS + count] = item;
			table[e + META] =
				rest | (burst << WEIGHT_SHIFT) | (room ? count + 1 : count);
			return room;
		},
		remove(e, item) {
			const meta = at(e + META);
			const count = meta & COUNT_MASK;
			for (let i = 0; i < count; i++) {
				if (at(e + ITEMS + i) !== item) continue;
				table[e + ITEMS + i] = at(e + ITEMS + count - 1);
				const weight = weightOf(item >>> 16);
				const burst = (meta >> WEIGHT_SHIFT) & WEIGHT_MASK;
				const rest = meta & ~(COUNT_MASK | (WEIGHT_MASK << WEIGHT_SHIFT));
				table[e + META] =
					rest | (Math.max(0, burst - weight) << WEIGHT_SHIFT) | (count - 1);
				return;
			}
		},
		items(e) {
			const count = at(e + META) & COUNT_MASK;
			return Array.from(table.subarray(e + ITEMS, e + ITEMS + count));
		},
		weight: (e) => (at(e + META) >> WEIGHT_SHIFT) & WEIGHT_MASK,
		first: (e) => at(e + FIRST),
		suspect: (e) => (at(e + META) >>> SUSPECT_SHIFT) - 1,
		setSuspect(e, suspect) {
			table[e + META] =
				(at(e + META) & 0xffff) | ((suspect + 1) << SUSPECT_SHIFT);
		},
		takeForgotten() {
			const n = forgotten;
			forgotten = 0;
			return n;
		},
	};
}
