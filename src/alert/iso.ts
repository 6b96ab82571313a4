/** The last time that a Date can tell (ECMA-262 section 21.4.1.1); a capture file may claim any. */
const MAX_TIME = 8.64e15;

/** ms since the epoch as ISO 8601; what no Date can tell becomes the nearest that one can. */
export function iso(ms: number | undefined): string | undefined {
	if (ms === undefined) return undefined;
	const time = Math.min(Math.max(ms, -MAX_TIME), MAX_TIME);
	return new Date(Number.isNaN(time) ? 0 : time).toISOString();
}
