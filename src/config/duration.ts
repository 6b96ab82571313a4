import { typed } from "./meaning.ts";
import { reading } from "./reading.ts";
import { written } from "./written.ts";

/** ms of each unit; SI's symbols, and `min` since `m` is a metre to some and a month to others. */
const UNITS: Record<string, number> = {
	"": 1000,
	ms: 1,
	s: 1000,
	min: 60_000,
	h: 3_600_000,
	d: 86_400_000,
};

export const DAY = 86_400_000;

/** ten years: what is longer is a slip, and far from where timers and dates end */
const MAX = 3650 * DAY;

/** ms of a duration: seconds as a number, or text like `30s` or `5 min`; a sentence where it is none. */
export function parseDuration(value: unknown): number | string {
	const text =
		typeof value === "string" || typeof value === "number" ? `${value}` : "";
	const [, digits, unit = ""] =
		/^(\d{1,10}(?:\.\d{1,3})?) ?([a-z]*)$/.exec(text) ?? [];
	const factor = Object.hasOwn(UNITS, unit) ? UNITS[unit] : undefined;
	const ms = Math.round(Number(digits) * (factor ?? Number.NaN));
	if (Number.isNaN(ms))
		return `bad duration ${written(value)}: give seconds, or a number with ms, s, min, h or d`;
	return ms <= MAX ? ms : `bad duration ${written(value)}: at most 3650d`;
}

/** ms as the largest unit that fits: `5min`. */
export function durationText(ms: number): string {
	const [unit = "ms", factor = 1] =
		Object.entries(UNITS)
			.filter(([unit, factor]) => unit !== "" && ms % factor === 0)
			.at(-1) ?? [];
	return ms === 0 ? "0s" : `${ms / factor}${unit}`;
}

/** Reads a duration of `min` to `max` ms. */
export const duration = (min = 0, max = MAX) =>
	typed(
		"duration",
		reading((value, complain): number => {
			const ms = parseDuration(value);
			if (typeof ms === "string") complain(ms);
			else if (ms < min || ms > max)
				complain(
					`bad duration ${written(value)}: ${durationText(min)} to ${durationText(max)}`,
				);
			return ms as number;
		}),
	);
