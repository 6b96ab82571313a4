/** ms before the first further attempt: a server that restarts is back within seconds. */
const FIRST = 1000;
/** ms between attempts at most: who mends a server sees within minutes that it is mended. */
export const LONGEST = 300_000;

/**
 * ms until the next attempt after so many failures (at least 1) in a row: doubled each time, and spread
 * from half to one and a half, so that many tocsins don't knock together at a server that comes back.
 * `random` is from 0 to below 1.
 */
export function backoff(failures: number, random: number): number {
	return Math.min(FIRST * 2 ** (failures - 1), LONGEST) * (0.5 + random);
}
