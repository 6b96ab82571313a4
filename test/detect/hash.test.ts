import fc from "fast-check";
import t from "tap";
import { hashAddress, mix, spread } from "../../src/detect/hash.ts";

t.test("spread and mix are MurmurHash3's", async (t) => {
	// the published values of fmix32
	t.equal(spread(0), 0);
	t.equal(spread(1), 0x514e28b7);
	t.equal(spread(2), 0x30f4c306);
	t.equal(spread(-1), 0x81f16f39 | 0);
	// and of x86_32 over the bytes 21 43 65 87, whose length is 4
	const murmur = (seed: number) => spread(mix(seed, 0x87654321 | 0) ^ 4);
	t.equal(murmur(0), 0xf55b516b | 0);
	t.equal(murmur(0x5082edee), 0x2362f9de);
});

t.test("an address' word is a signed 32-bit integer, never 0", async () => {
	const word = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
	fc.assert(
		fc.property(fc.array(word, { minLength: 5, maxLength: 5 }), (words) => {
			const [seed = 0, w0 = 0, w1 = 0, w2 = 0, w3 = 0] = words;
			const hash = hashAddress(seed, w0, w1, w2, w3);
			return hash === (hash | 0) && hash !== 0;
		}),
	);
});

t.test("neighbours get different words, evenly spread", async (t) => {
	for (const seed of [0, 1, -1, 0x746f6373]) {
		const words = new Set<number>();
		const counts = new Array<number>(256).fill(0);
		for (let i = 0; i < 65_536; i++) {
			const hash = hashAddress(seed, 0, 0, 0xffff, 0x0a000000 + i);
			words.add(hash);
			const slot = hash & 255;
			counts[slot] = (counts[slot] ?? 0) + 1;
		}
		t.ok(
			words.size > 65_530,
			"of 65,536 no more than the birthday's few collide",
		);
		t.ok(Math.max(...counts) < 350, "256 expected in each of 256 slots");
		t.ok(Math.min(...counts) > 170);
	}
});

t.test("each word of an IPv6 address counts, and the seed", async (t) => {
	const of = (seed: number, ...w: number[]) =>
		hashAddress(seed, w[0] ?? 0, w[1] ?? 0, w[2] ?? 0, w[3] ?? 0);
	const all = [
		of(1, 1, 2, 3, 4),
		of(1, 5, 2, 3, 4),
		of(1, 1, 5, 3, 4),
		of(1, 1, 2, 5, 4),
		of(1, 1, 2, 3, 5),
		of(2, 1, 2, 3, 4),
		of(1, 0, 0, 0xffff, 4),
		of(1, 0, 0, 0, 4),
	];
	t.equal(new Set(all).size, all.length);
});
