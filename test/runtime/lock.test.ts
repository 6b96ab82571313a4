import { closeSync, lstatSync, symlinkSync } from "node:fs";
import t from "tap";
import { lockFile } from "../../src/runtime/lock.ts";

t.test("one at a time, until it is closed", async (t) => {
	const path = `${t.testdir()}/lock`;
	const lock = lockFile(path);
	t.type(lock, "number");
	t.equal(lstatSync(path).mode & 0o7777, 0o600);
	t.equal(lockFile(path), undefined);
	closeSync(lock ?? -1);
	const next = lockFile(path);
	t.type(next, "number");
	closeSync(next ?? -1);
});

t.test("where there can be none, it throws", async (t) => {
	const folder = t.testdir();
	t.throws(() => lockFile(`${folder}/none/lock`), { code: "ENOENT" });
	symlinkSync(`${folder}/elsewhere`, `${folder}/link`);
	t.throws(() => lockFile(`${folder}/link`), { code: "ELOOP" });
});
