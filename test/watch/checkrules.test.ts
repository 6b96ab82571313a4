import t from "tap";
import { checkRules } from "../../src/watch/checkrules.ts";

t.test("what is ignored, and what no longer is", async (t) => {
	const until = Date.UTC(2027, 0, 31);
	const ignore = [{ kind: ["ping"] }, { kind: ["scan"], until, why: "backup" }];
	t.same(checkRules({ ignore }, until - 1), [
		{ what: "ignore rule 1" },
		{ what: "ignore rule 2 (backup): until 2027-01-31T00:00:00.000Z" },
	]);
	t.same(checkRules({ ignore }, until)[1], {
		what: "ignore rule 2 (backup)",
		problem: {
			code: 78,
			why: "void since 2027-01-31T00:00:00.000Z: remove it, or give a later 'until'",
		},
	});
});
