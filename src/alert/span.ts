const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A span of `ms` for a person: `0.4s` below a minute, then `12m`, from two hours `3h`, from two days `5d`. */
export function span(ms: number): string {
	const tenths = Math.round(Math.max(0, ms) / 100);
	if (tenths < 600) return `${(tenths / 10).toFixed(1)}s`;
	if (ms < 2 * HOUR) return `${Math.round(ms / MINUTE)}m`;
	return ms < 2 * DAY
		? `${Math.round(ms / HOUR)}h`
		: `${Math.round(ms / DAY)}d`;
}
