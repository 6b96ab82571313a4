import t from "tap";
import { allowedOf, uidsOf } from "../../src/handover/allowed.ts";

const PASSWD = `root:x:0:0:root:/root:/bin/sh
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
joe:x:1000:1000::/home/joe:/bin/sh
`;

t.test("users by name", async (t) => {
	t.same(uidsOf([], PASSWD), new Set());
	t.same(uidsOf(["joe", "nobody"], PASSWD), new Set([1000, 65_534]));
	t.equal(
		uidsOf(["joe", "jo"], PASSWD),
		"unknown user 'jo': it is not in /etc/passwd",
	);
});

t.test("whose alerts are taken", async (t) => {
	const { handover } = allowedOf(999, new Set([65_534]), new Set());
	const taken = [0, 999, 61_184, 63_000, 65_519, 65_534];
	const refused = [1, 998, 1000, 61_183, 65_520, 65_533, 2 ** 32 - 1, -1];
	t.same(taken.filter(handover), taken);
	t.same(refused.filter(handover), []);
});

t.test("whose desktop is told", async (t) => {
	t.equal(allowedOf(999, new Set(), new Set()).subscribe(1000), true);
	const { subscribe } = allowedOf(999, new Set(), new Set([1000]));
	t.equal(subscribe(1000), true);
	t.equal(subscribe(1001), false);
	t.equal(subscribe(0), false);
});
