import { spread } from "./hash.ts";

/** Words of an entry; two entries make a bucket. */
const WORDS = 4;
const KEY = 0;
const TIME = 1;
const VALUE = 2;

/**
 * What happened lately, by a key of 32 bits, never 0: a bounded table without allocation where the
 * older of a bucket's two gives way. Times are whole tenths of a second, above 0.
 */
export interface Recent {
	/** The place of a key that is not older than `window`, or -1. Places are multiples of 4. */
	find(key: number, now: number, window: number): number;
	/** Puts or renews a key; answers its place. A renewed key keeps its value, a new one has 0. */
	put(key: number, now: number): number;
	/** A word of the caller's, per place. */
	value(place: number): number;
	setValue(place: number, value: number): void;
	remove(place: number): void;
}

/** `bits`: the table's size as a power of two; 16 bytes an entry. */
export function createRecent(bits: number): Recent {
	const table = new Int32Array(WORDS << bits);
	const buckets = (1 << (bits - 1)) - 1;
	const bucket = (key: number) => (spread(key) & buckets) * (2 * WORDS);

	return {
		value: (place) => table[place + VALUE] as number,
		setValue(place, value) {
			table[place + VALUE] = value;
		},
		find(key, now, window) {
			let place = bucket(key);
			if (table[place + KEY] !== key) {
				place += WORDS;
				if (table[place + KEY] !== key) return -1;
			}
			return now - (table[place + TIME] as number) <= window ? place : -1;
		},
		put(key, now) {
			const first = bucket(key);
			const second = first + WORDS;
			let place = first;
			if (table[first + KEY] !== key) {
				const isOlder =
					(table[second + TIME] as number) < (table[first + TIME] as number);
				if (table[second + KEY] === key || isOlder) place = second;
				if (table[place + KEY] !== key) {
					table[place + KEY] = key;
					table[place + VALUE] = 0;
				}
			}
			table[place + TIME] = now;
			return place;
		},
		remove(place) {
			table[place + KEY] = 0;
			table[place + TIME] = 0;
		},
	};
}
