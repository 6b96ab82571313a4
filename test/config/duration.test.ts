import t from "tap";
import { durationText, parseDuration } from "../../src/config/duration.ts";

t.test("seconds and units", async (t) => {
	const cases: [value: unknown, ms: number][] = [
		[30, 30_000],
		[0, 0],
		[0.2, 200],
		["30", 30_000],
		["30s", 30_000],
		["200ms", 200],
		["0.2s", 200],
		["5min", 300_000],
		["5 min", 300_000],
		["1h", 3_600_000],
		["1.5h", 5_400_000],
		["2d", 172_800_000],
		["3650d", 315_360_000_000],
	];
	for (const [value, ms] of cases)
		t.equal(parseDuration(value), ms, String(value));
});

t.test("anything else is no duration", async (t) => {
	for (const bad of ["", "s", "5m", "5 Min", "-1", "1e3", "1w", true, -1])
		t.equal(
			parseDuration(bad),
			`bad duration '${bad}': give seconds, or a number with ms, s, min, h or d`,
		);
	t.equal(
		parseDuration("3651d"),
		"bad duration '3651d': at most 3650d",
		"no timer lasts that long",
	);
	t.match(parseDuration([1]), /^bad duration a list/);
	t.match(parseDuration(Number.NaN), /^bad duration 'NaN'/);
});

t.test("as text, in the largest unit that fits", async (t) => {
	for (const [ms, text] of [
		[0, "0s"],
		[200, "200ms"],
		[30_000, "30s"],
		[90_000, "90s"],
		[300_000, "5min"],
		[3_600_000, "1h"],
		[172_800_000, "2d"],
	] as const)
		t.equal(durationText(ms), text);
});
