import { randomFillSync } from "node:crypto";

/** Words drawn at a time: a call of the generator costs as much as a hundred of them. */
const POOL = 1024;

/** Unpredictable integers from 0 to below `n` (at most 2^31), in bulk. */
export function createRandom(): (n: number) => number {
	const pool = new Uint32Array(POOL);
	let left = 0;
	return (n) => {
		if (left === 0) {
			randomFillSync(pool);
			left = POOL;
		}
		// scaled, not divided: what is left of a bias is below n / 2^32
		return Math.floor(((pool[--left] as number) / 2 ** 32) * n);
	};
}
