import { spread } from "./hash.ts";

/** Entries in a bucket. */
const WAYS = 4;

/**
 * What happened lately, by a key of 32 bits, never 0: a bounded table without allocation where the
 * oldest of a bucket gives way. Times are whole tenths of a second.
 */
export interface Recent {
	/** The place of a key that is not older than `window`, or -1. */
	find(key: number, now: number, window: number): number;
	/** Puts or renews a key; answers its place. A renewed key keeps its value, a new one has 0. */
	put(key: number, now: number): number;
	/** Free to use by the caller, per place. */
	readonly values: Int32Array;
	remove(place: number): void;
}

/** `bits`: the table's size as a power of two; 12 bytes an entry. */
export function createRecent(bits: number): Recent {
	const size = 1 << bits;
	const keys = new Int32Array(size);
	const times = new Int32Array(size);
	const values = new Int32Array(size);
	const mask = size - 1;
	const bucket = (key: number) => spread(key) & mask & ~(WAYS - 1);

	return {
		values,
		find(key, now, window) {
			const from = bucket(key);
			for (let i = from; i < from + WAYS; i++)
				if (keys[i] === key)
					return now - (times[i] as number) <= window ? i : -1;
			return -1;
		},
		put(key, now) {
			const from = bucket(key);
			let place = from;
			for (let i = from; i < from + WAYS; i++) {
				if (keys[i] === key) {
					times[i] = now;
					return i;
				}
				if (keys[i] === 0) {
					place = i;
					break;
				}
				if ((times[i] as number) < (times[place] as number)) place = i;
			}
			keys[place] = key;
			times[place] = now;
			values[place] = 0;
			return place;
		},
		remove(place) {
			keys[place] = 0;
		},
	};
}
