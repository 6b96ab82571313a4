/** Mixes two words into one (the finish of MurmurHash3's x86_32 body and tail). */
export function mix(a: number, b: number): number {
	let k = Math.imul(b, 0xcc9e2d51 | 0);
	k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
	let h = a ^ k;
	h = (h << 13) | (h >>> 19);
	return (Math.imul(h, 5) + 0xe6546b64) | 0;
}

/** Spreads a word over all its bits (MurmurHash3's fmix32). */
export function spread(word: number): number {
	let h = word ^ (word >>> 16);
	h = Math.imul(h, 0x85ebca6b | 0);
	h ^= h >>> 13;
	h = Math.imul(h, 0xc2b2ae35 | 0);
	return h ^ (h >>> 16);
}

/** An address as one word, never 0. `seed` is secret in a live watch: nobody can aim at one slot. */
export function hashAddress(
	seed: number,
	w0: number,
	w1: number,
	w2: number,
	w3: number,
): number {
	let h = mix(seed, w3);
	if (w2 !== 0xffff || w0 !== 0 || w1 !== 0) h = mix(mix(mix(h, w2), w1), w0);
	return spread(h) || 1;
}

/** Another word for the same source, for what must be remembered apart from its other doings. */
export const apart = (word: number): number => ~word || 1;
