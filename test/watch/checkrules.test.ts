import t from "tap";
import { checkRules } from "../../src/watch/checkrules.ts";

const NONE = { ignore: [], limit: [], route: [] };

t.test("what is ignored, and what no longer is", async (t) => {
	const until = Date.UTC(2027, 0, 31);
	const ignore = [{ kind: ["ping"] }, { kind: ["scan"], until, why: "backup" }];
	t.same(checkRules({ ...NONE, ignore }, until - 1), [
		{ what: "ignore rule 1" },
		{ what: "ignore rule 2 (backup): until 2027-01-31T00:00:00.000Z" },
	]);
	t.same(checkRules({ ...NONE, ignore }, until)[1], {
		what: "ignore rule 2 (backup)",
		problem: {
			code: 78,
			why: "void since 2027-01-31T00:00:00.000Z: remove it, or give a later 'until'",
		},
	});
});

t.test("what is folded and routed", async (t) => {
	const limit = [{ window: 0, burst: 1, why: "the lab" }];
	const route = [{ to: ["mail"], until: 5 }];
	t.same(checkRules({ ...NONE, limit, route }, 5), [
		{ what: "limit rule 1 (the lab)" },
		{
			what: "route rule 1",
			problem: {
				code: 78,
				why: "void since 1970-01-01T00:00:00.005Z: remove it, or give a later 'until'",
			},
		},
	]);
});
