import t from "tap";
import { span } from "../../src/alert/span.ts";

t.test("spans", async (t) => {
	const cases: [ms: number, text: string][] = [
		[0, "0.0s"],
		[-5, "0.0s"],
		[400, "0.4s"],
		[12_345, "12.3s"],
		[59_949, "59.9s"],
		[59_950, "1m"],
		[60_000, "1m"],
		[12 * 60_000, "12m"],
		[119 * 60_000, "119m"],
		[120 * 60_000, "2h"],
		[3 * 3_600_000, "3h"],
		[47 * 3_600_000, "47h"],
		[48 * 3_600_000, "2d"],
	];
	for (const [ms, text] of cases) t.equal(span(ms), text, `${ms} ms`);
});
