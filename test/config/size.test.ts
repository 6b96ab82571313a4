import t from "tap";
import { parseSize } from "../../src/config/size.ts";

t.test("bytes and units", async (t) => {
	t.equal(parseSize(4096), 4096);
	t.equal(parseSize("4096"), 4096);
	t.equal(parseSize("1B"), 1);
	t.equal(parseSize("10MB"), 10_000_000);
	t.equal(parseSize("64 KiB"), 65_536);
	t.equal(parseSize("5kB"), 5000);
	t.equal(parseSize("5KB"), 5000);
	t.equal(parseSize("2GiB"), 2_147_483_648);
});

t.test("anything else is no size", async (t) => {
	for (const bad of ["", "MB", "10M", "10mb", "-1", "1.5MB", "1e9", true])
		t.equal(
			parseSize(bad),
			`bad size '${bad}': give bytes, or a number with kB, MB, GB, KiB, MiB or GiB`,
		);
	t.match(parseSize("999999999999999GiB"), /^bad size/);
});
