import {
	chmodSync,
	mkdirSync,
	readFileSync,
	statSync,
	symlinkSync,
	truncateSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import t from "tap";
import { fallbackFile } from "../../src/delivery/fallback.ts";
import { timestamp } from "../../src/delivery/time.ts";

const sender = { facility: "auth", tag: "klaxon", pid: 7 };
const entry = {
	time: Date.UTC(2026, 10, 22, 2),
	level: "notice",
	line: "ALERT: x",
};

t.test("time has an explicit offset", async (t) => {
	const zone = process.env.TZ;
	t.teardown(() => {
		if (zone === undefined) delete process.env.TZ;
		else process.env.TZ = zone;
	});
	for (const [name, text] of [
		["UTC", "2026-11-22T02:00:00.000+00:00"],
		["Asia/Kolkata", "2026-11-22T07:30:00.000+05:30"],
		["America/St_Johns", "2026-11-21T22:30:00.000-03:30"],
	] as const) {
		process.env.TZ = name;
		t.equal(timestamp(entry.time), text);
	}
});

t.test("lines are appended, readable by owner and group", async (t) => {
	const path = join(t.testdir(), "klaxon.log");
	const file = fallbackFile(path, sender);
	t.equal(file.write([entry]), true);
	t.equal(file.write([entry, entry]), true);
	const line = `${timestamp(entry.time)} ${hostname()} klaxon[7]: ALERT: x\n`;
	t.equal(readFileSync(path, "utf8"), line.repeat(3));
	t.equal(statSync(path).mode & 0o137, 0);
});

t.test("what can't be written is said", async (t) => {
	const folder = t.testdir({ log: "" });
	mkdirSync(join(folder, "folder"));
	symlinkSync(join(folder, "log"), join(folder, "link"));
	for (const name of ["folder", "link", "missing/log"])
		t.equal(
			fallbackFile(join(folder, name), sender).write([entry]),
			false,
			name,
		);
	t.equal(fallbackFile("/dev/full", sender).write([entry]), false);
});

t.test("the file never outgrows 100 MiB", async (t) => {
	const path = join(t.testdir({ log: "" }), "log");
	truncateSync(path, (100 << 20) - 10);
	t.equal(fallbackFile(path, sender).write([entry]), false);
	t.equal(statSync(path).size, (100 << 20) - 10);
	chmodSync(path, 0o600);
});
