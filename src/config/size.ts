import { written } from "./written.ts";

/** SI units for the decimal ones, IEC 80000-13's for the binary ones. */
const UNITS: Record<string, number> = {
	"": 1,
	B: 1,
	kB: 1e3,
	KB: 1e3,
	MB: 1e6,
	GB: 1e9,
	KiB: 2 ** 10,
	MiB: 2 ** 20,
	GiB: 2 ** 30,
};

/** Bytes of a size: a number, or text like `10MB` or `64 KiB`; a sentence where it is none. */
export function parseSize(value: unknown): number | string {
	const text =
		typeof value === "string" || typeof value === "number" ? `${value}` : "";
	const [, digits, unit = ""] = /^(\d{1,15}) ?([A-Za-z]*)$/.exec(text) ?? [];
	const factor = Object.hasOwn(UNITS, unit) ? UNITS[unit] : undefined;
	const bytes = Number(digits) * (factor ?? Number.NaN);
	return Number.isSafeInteger(bytes)
		? bytes
		: `bad size ${written(value)}: give bytes, or a number with kB, MB, GB, KiB, MiB or GiB`;
}
