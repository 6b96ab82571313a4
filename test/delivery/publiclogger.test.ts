import t from "tap";
import { publicLogger } from "../../src/delivery/publiclogger.ts";

t.test("it ends as the inner module says: code and complaint", async (t) => {
	const good = publicLogger(["--version"]);
	t.match(good, { status: 0, error: undefined });
	t.equal(String(good.output?.[2]), "");
	const bad = publicLogger(["--no-such-option"]);
	t.equal(bad.status, 1);
	t.match(String(bad.output?.[2]), /no-such-option/);
});
