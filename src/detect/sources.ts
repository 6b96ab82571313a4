import { spread } from "./hash.ts";
import {
	FAST_GAP,
	HIGH_WEIGHT,
	NEWCOMER_BITS,
	PRIVILEGED,
	PRIVILEGED_WEIGHT,
	SLOW_WINDOW,
	SOURCE_BITS,
} from "./params.ts";

/** A newcomer: four words, so that a look costs one cache line. */
const N_WORDS = 4;
const N_TAG = 0;
const N_ITEM = 1;
const N_FIRST = 2;
const N_LAST = 3;

/** A source with several attempts: eight words, four to a bucket. */
const WORDS = 8;
const WAYS = 4;
const TAG = 0;
const LAST = 1;
const META = 2;
const FIRST = 3;
const ITEMS = 4;
/** Attempts that are kept in the entry itself; one more and the source becomes a suspect. */
export const INLINE_ITEMS = 4;

/**
 * META: items in use (3 bits), weight of the burst (8 bits), the minute in which it is muted (5 bits),
 * place among the suspects + 1 (16 bits).
 */
const COUNT_MASK = 0x7;
const WEIGHT_SHIFT = 3;
const WEIGHT_MASK = 0xff;
const BURST = WEIGHT_MASK << WEIGHT_SHIFT;
const MUTE_SHIFT = 11;
const MUTE_MASK = 0x1f;
const SUSPECT_SHIFT = 16;

const slow = SLOW_WINDOW / 100;
const gap = FAST_GAP / 100;

/**
 * Who tried something: bounded tables without allocation. An attempt is one word, port and target (see
 * `itemOf`); times are tenths of a second. Half a million newcomers with one attempt each have a table of
 * their own, where the latest replaces whoever has its slot: a flood pushes out its own like. With a
 * second, different attempt a source gets an entry; there the lightest gives way, the oldest of them.
 */
export interface Sources {
	/** Notes an attempt: the source's entry, or -1 for a newcomer. */
	note(source: number, item: number, now: number): number;
	find(source: number): number;
	/** Reads a source's places into the cache: memory answers several questions at once, but each slowly. */
	warm(source: number): void;
	/** The attempt was none. */
	remove(source: number, item: number): void;
	/** The entry has no room for this further attempt. */
	isFull(entry: number, item: number): boolean;
	items(entry: number): number[];
	/** Weight of the burst under way, and when the first attempt came. */
	weight(entry: number): number;
	first(entry: number): number;
	/** The place among the suspects, or -1. */
	suspect(entry: number): number;
	setSuspect(entry: number, suspect: number): void;
	/** For this minute no line is left for what the source does: its details needn't be kept. */
	mute(entry: number, minute: number): void;
	isMuted(entry: number, minute: number): boolean;
	/** Sources that were forgotten although their time was not over, since the last call. */
	takeForgotten(): number;
}

/** Port (or protocol) and target of an attempt as one word. */
export const itemOf = (port: number, target: number): number =>
	(port << 16) | (target & 0xffff);

/** What a port counts in a burst; 0 is no port of a service. */
export const weightOf = (port: number): number =>
	port < PRIVILEGED && port !== 0 ? PRIVILEGED_WEIGHT : HIGH_WEIGHT;

/** A minute in 5 bits, never 0. */
const minuteCode = (minute: number) => (minute % MUTE_MASK) + 1;

/** Bits of the map that says whom to look for, as a power of two more than entries. */
const MAP_FACTOR = 2;

/**
 * The table of entries. A map with a bit or more for each of them, small enough for a fast cache, spares
 * the look at a source that surely has none.
 */
function createEntries(bits: number) {
	const table = new Int32Array(WORDS << bits);
	const mapMask = (1 << (bits + MAP_FACTOR)) - 1;
	const map = new Int32Array((mapMask + 1) / 32);
	let marks = 0;
	const mask = (1 << bits) - 1;
	const at = (i: number) => table[i] as number;
	const bucket = (source: number) =>
		(spread(source) & mask & ~(WAYS - 1)) * WORDS;

	/** Suspects weigh most, then those with more attempts. */
	function rank(e: number, now: number): number {
		if (at(e + TAG) === 0 || now - at(e + LAST) > slow) return -1;
		const meta = at(e + META);
		return meta >>> SUSPECT_SHIFT !== 0 ? COUNT_MASK : meta & COUNT_MASK;
	}

	const mark = (source: number) => {
		const bit = source & mapMask;
		map[bit >> 5] = (map[bit >> 5] as number) | (1 << (bit & 31));
	};

	const isMarked = (source: number): boolean => {
		const bit = source & mapMask;
		return (((map[bit >> 5] as number) >> (bit & 31)) & 1) !== 0;
	};

	/** Those who went have left their bits. */
	function redraw(): void {
		map.fill(0);
		for (let e = 0; e < table.length; e += WORDS)
			if (at(e + TAG) !== 0) mark(at(e + TAG));
		marks = 0;
	}

	return {
		table,
		at,
		enter(source: number): void {
			if (++marks > mask) redraw();
			mark(source);
		},
		peek(source: number): number {
			const from = isMarked(source) ? bucket(source) : 0;
			return at(from) ^ at(from + 2 * WORDS);
		},
		find(source: number): number {
			if (!isMarked(source)) return -1;
			const from = bucket(source);
			for (let e = from; e < from + WAYS * WORDS; e += WORDS)
				if (table[e + TAG] === source) return e;
			return -1;
		},
		/** What gives way to a source: the lightest, of equals the oldest; `false` when it was worth something. */
		room(source: number, now: number): { entry: number; isFree: boolean } {
			const from = bucket(source);
			let entry = from;
			let least = rank(from, now);
			for (let e = from + WORDS; e < from + WAYS * WORDS; e += WORDS) {
				const other = rank(e, now);
				if (other > least) continue;
				if (other === least && at(e + LAST) >= at(entry + LAST)) continue;
				least = other;
				entry = e;
			}
			return { entry, isFree: least < 0 };
		},
	};
}

/** `bits` and `newcomerBits`: the tables' sizes as powers of two, 32 and 16 bytes an entry. */
export function createSources(
	bits = SOURCE_BITS,
	newcomerBits = NEWCOMER_BITS,
): Sources {
	const { table, at, enter, find, peek, room } = createEntries(bits);
	// one word more, for what `warm` reads: the compiler would leave out a reading that goes nowhere
	const newcomers = new Int32Array((N_WORDS << newcomerBits) + 1);
	const newcomerMask = (1 << newcomerBits) - 1;
	const slotOf = (source: number) => (source & newcomerMask) * N_WORDS;
	let forgotten = 0;

	/** Enters an attempt with an entry that may have it already, or be full. */
	function add(e: number, item: number, now: number): void {
		const meta = at(e + META);
		const count = meta & COUNT_MASK;
		const isBurst = now - at(e + LAST) < gap;
		table[e + LAST] = now;
		for (let i = 0; i < count; i++) if (at(e + ITEMS + i) === item) return;
		const before = isBurst ? (meta >> WEIGHT_SHIFT) & WEIGHT_MASK : 0;
		const burst = Math.min(before + weightOf(item >>> 16), WEIGHT_MASK);
		const hasRoom = count < INLINE_ITEMS;
		if (hasRoom) table[e + ITEMS + count] = item;
		table[e + META] =
			(meta & ~(COUNT_MASK | BURST)) |
			(burst << WEIGHT_SHIFT) |
			(hasRoom ? count + 1 : count);
	}

	/** A newcomer's second attempt: it gets an entry. */
	function settle(source: number, slot: number, now: number): number {
		const { entry, isFree } = room(source, now);
		if (!isFree) forgotten++;
		const item = newcomers[slot + N_ITEM] as number;
		enter(source);
		table[entry + TAG] = source;
		table[entry + LAST] = newcomers[slot + N_LAST] as number;
		table[entry + FIRST] = newcomers[slot + N_FIRST] as number;
		table[entry + META] = (weightOf(item >>> 16) << WEIGHT_SHIFT) | 1;
		table[entry + ITEMS] = item;
		newcomers[slot + N_TAG] = 0;
		return entry;
	}

	return {
		find,
		warm(source) {
			newcomers[newcomers.length - 1] =
				(newcomers[slotOf(source)] as number) ^ peek(source);
		},
		note(source, item, now) {
			const slot = slotOf(source);
			const isKnown =
				newcomers[slot + N_TAG] === source &&
				now - (newcomers[slot + N_LAST] as number) <= slow;
			if (isKnown && newcomers[slot + N_ITEM] === item) {
				newcomers[slot + N_LAST] = now;
				return -1;
			}
			let entry = isKnown ? settle(source, slot, now) : find(source);
			if (entry >= 0 && now - at(entry + LAST) > slow) {
				table[entry + TAG] = 0;
				entry = -1;
			}
			if (entry >= 0) {
				add(entry, item, now);
				return entry;
			}
			newcomers[slot + N_TAG] = source;
			newcomers[slot + N_ITEM] = item;
			newcomers[slot + N_FIRST] = now;
			newcomers[slot + N_LAST] = now;
			return -1;
		},
		remove(source, item) {
			const slot = slotOf(source);
			if (
				newcomers[slot + N_TAG] === source &&
				newcomers[slot + N_ITEM] === item
			)
				newcomers[slot + N_TAG] = 0;
			const e = find(source);
			if (e < 0) return;
			const meta = at(e + META);
			const count = meta & COUNT_MASK;
			for (let i = 0; i < count; i++) {
				if (at(e + ITEMS + i) !== item) continue;
				table[e + ITEMS + i] = at(e + ITEMS + count - 1);
				const burst =
					((meta >> WEIGHT_SHIFT) & WEIGHT_MASK) - weightOf(item >>> 16);
				table[e + META] =
					(meta & ~(COUNT_MASK | BURST)) |
					(Math.max(0, burst) << WEIGHT_SHIFT) |
					(count - 1);
				return;
			}
		},
		isFull(e, item) {
			if ((at(e + META) & COUNT_MASK) < INLINE_ITEMS) return false;
			for (let i = 0; i < INLINE_ITEMS; i++)
				if (at(e + ITEMS + i) === item) return false;
			return true;
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
		mute(e, minute) {
			table[e + META] =
				(at(e + META) & ~(MUTE_MASK << MUTE_SHIFT)) |
				(minuteCode(minute) << MUTE_SHIFT);
		},
		isMuted: (e, minute) =>
			((at(e + META) >> MUTE_SHIFT) & MUTE_MASK) === minuteCode(minute),
		takeForgotten() {
			const n = forgotten;
			forgotten = 0;
			return n;
		},
	};
}
