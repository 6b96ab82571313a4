import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { MAX_SECRET, readSecret } from "../../src/config/secret.ts";

const dir = t.testdir();

function file(name: string, text: string | Buffer, mode = 0o600): string {
	const path = join(dir, name);
	writeFileSync(path, text);
	chmodSync(path, mode);
	return path;
}

const fromFile = (path: string) => readSecret({ from: "file", path }, {});

t.test("where it may stand", async (t) => {
	t.same(readSecret({ from: "value", value: "s3cret" }, {}), {
		value: "s3cret",
	});
	t.same(readSecret({ from: "env", name: "PW" }, { PW: "s3cret" }), {
		value: "s3cret",
	});
	t.same(fromFile(file("plain", "s3cret")), { value: "s3cret" });
	t.same(fromFile(file("newline", "s3 cret\n", 0o640)), { value: "s3 cret" });
	t.same(fromFile(file("crlf", "s3cret\r\n")), { value: "s3cret" });
	file("smtp", "s3cret\n", 0o400);
	t.same(
		readSecret(
			{ from: "credential", name: "smtp" },
			{ CREDENTIALS_DIRECTORY: dir },
		),
		{ value: "s3cret" },
	);
	symlinkSync(join(dir, "plain"), join(dir, "link"));
	t.same(fromFile(join(dir, "link")), { value: "s3cret" });
	t.same(fromFile(file("large", "x".repeat(MAX_SECRET))), {
		value: "x".repeat(4096),
	});
});

t.test("why there is none, and never what it is", async (t) => {
	const open = file("open", "s3cret", 0o644);
	t.same(fromFile(open), {
		error: `others may read ${open}: chmod o= ${open}`,
	});
	for (const mode of [0o601, 0o602, 0o604])
		t.match(fromFile(file("o", "s3cret", mode)), { error: /^others may read/ });
	const none = join(dir, "none");
	t.same(fromFile(none), { error: `can't read ${none}: ENOENT` });
	mkdirSync(join(dir, "folder"), 0o700);
	t.same(fromFile(join(dir, "folder")), {
		error: `${dir}/folder is no regular file`,
	});
	const large = file("larger", "x".repeat(4097));
	t.same(fromFile(large), { error: `${large} is larger than 4096 bytes` });
	const empty = file("empty", "\n");
	t.same(fromFile(empty), {
		error: `${empty} is empty: write the secret there`,
	});
	for (const text of [
		"s3cret\r\nX: y",
		"s3cret\0",
		Buffer.from([0xff, 0x73]),
	]) {
		const path = file("lines", text);
		t.same(fromFile(path), { error: `${path} is not one line of text` });
	}
	t.same(readSecret({ from: "env", name: "PW" }, {}), {
		error: "$PW is not set in tocsin's environment",
	});
	t.same(readSecret({ from: "env", name: "PW" }, { PW: "s3\ncret" }), {
		error: "$PW is not one line of text",
	});
	t.same(readSecret({ from: "value", value: "s3\ncret" }, {}), {
		error: "the secret is not one line of text",
	});
	t.match(readSecret({ from: "credential", name: "smtp" }, {}), {
		error:
			/^no credential 'smtp': \$CREDENTIALS_DIRECTORY is not set; .*LoadCredential=smtp:FILE$/,
	});
});

t.test("a FIFO does not hold it up", async (t) => {
	const path = join(dir, "fifo");
	execFileSync("mkfifo", ["-m", "600", path]);
	t.same(fromFile(path), { error: `${path} is no regular file` });
});
