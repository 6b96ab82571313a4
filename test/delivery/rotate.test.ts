import {
	mkdirSync,
	readdirSync,
	readFileSync,
	readlinkSync,
	symlinkSync,
	writeFileSync,
} from "node:fs";
import { join } from "node:path";
import t from "tap";
import { rotate } from "../../src/delivery/rotate.ts";

const contents = (folder: string) =>
	Object.fromEntries(
		readdirSync(folder).map((name) => [
			name,
			readFileSync(join(folder, name), "utf8"),
		]),
	);

t.test("old files move up, and the oldest goes", async (t) => {
	const folder = t.testdir({
		log: "now",
		"log.1": "one",
		"log.2": "two",
		"log.3": "three",
	});
	t.equal(rotate(join(folder, "log"), 3), undefined);
	t.strictSame(contents(folder), {
		"log.1": "now",
		"log.2": "one",
		"log.3": "two",
	});
});

t.test("gaps are fine, and so is nothing at all", async (t) => {
	const folder = t.testdir({ log: "now", "log.2": "two" });
	t.equal(rotate(join(folder, "log"), 3), undefined);
	t.strictSame(contents(folder), { "log.1": "now", "log.3": "two" });
	t.equal(rotate(join(folder, "other"), 3), undefined);
});

t.test("keeping none removes it", async (t) => {
	const folder = t.testdir({ log: "now" });
	t.equal(rotate(join(folder, "log"), 0), undefined);
	t.strictSame(contents(folder), {});
});

t.test("links are moved, not followed", async (t) => {
	const folder = t.testdir({ log: "now", victim: "precious" });
	symlinkSync(join(folder, "victim"), join(folder, "log.1"));
	t.equal(rotate(join(folder, "log"), 2), undefined);
	t.equal(readFileSync(join(folder, "victim"), "utf8"), "precious");
	t.equal(readFileSync(join(folder, "log.1"), "utf8"), "now");
	t.equal(readlinkSync(join(folder, "log.2")), join(folder, "victim"));
});

t.test("what stands in the way is told, and nothing is lost", async (t) => {
	const folder = t.testdir({ log: "now", "log.1": "one" });
	mkdirSync(join(folder, "log.2", "full"), { recursive: true });
	t.match(rotate(join(folder, "log"), 2), /EISDIR.*log\.1.*log\.2/);
	t.equal(readFileSync(join(folder, "log"), "utf8"), "now");
	t.equal(readFileSync(join(folder, "log.1"), "utf8"), "one");
	writeFileSync(join(folder, "log.2", "full", "x"), "");
});
