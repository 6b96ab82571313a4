import t from "tap";
import { iso } from "../../src/alert/iso.ts";
import { TIME } from "./samples.ts";

t.test("a time that no Date can tell", async (t) => {
	t.equal(iso(undefined), undefined);
	t.equal(iso(TIME), "2026-11-22T02:00:00.000Z");
	t.equal(iso(1e300), "+275760-09-13T00:00:00.000Z");
	t.equal(iso(-1e300), "-271821-04-20T00:00:00.000Z");
	t.equal(iso(Number.NaN), "1970-01-01T00:00:00.000Z");
});
