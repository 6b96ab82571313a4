import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import t from "tap";
import { enterSandbox, must, peer, root, run } from "../system/harness.ts";

enterSandbox(import.meta.url);

/** The highest exposure, of 0 to 10, that systemd-analyze may see. Debian 12's says 1.7; each version has its own idea. */
const EXPOSURE = 2.1;

const text = readFileSync(`${root}/inetd/systemd/tocsin.service`, "utf8");

// What the unit starts must exist where it says; the sandbox's /usr/local/sbin is its own.
await must("mount", ["-t", "tmpfs", "sbin", "/usr/local/sbin"]);
writeFileSync("/usr/local/sbin/tocsin", "#!/bin/sh\n", { mode: 0o755 });
const unit = "/tmp/units/tocsin.service";
mkdirSync("/tmp/units");
writeFileSync(unit, text);

/** All values of a directive, in order. */
const values = (key: string) =>
	[...text.matchAll(new RegExp(`^${key}=(.*)$`, "gm"))].map(([, v]) => v);

t.test("systemd has nothing against the unit", async (t) => {
	const { code, stdout, stderr } = await run(peer("systemd-analyze"), [
		"verify",
		unit,
	]);
	t.strictSame([code, stdout + stderr], [0, ""]);
});

t.test("it is well fenced", async (t) => {
	const { stdout } = await run(peer("systemd-analyze"), [
		"security",
		"--offline=true",
		unit,
	]);
	const [, level] = /exposure level for \S+: ([\d.]+)/.exec(stdout) ?? [];
	t.ok(Number(level) <= EXPOSURE, `exposure ${level}`);
	t.strictSame(values("MemoryDenyWriteExecute"), [], "V8 compiles");
	t.strictSame(values("PrivateUsers"), [], "its capability would not count");
});

t.test("one right, and no number of starts switches it off", async (t) => {
	t.strictSame(values("CapabilityBoundingSet"), ["CAP_NET_RAW"]);
	t.strictSame(values("AmbientCapabilities"), ["CAP_NET_RAW"]);
	t.strictSame(values("StartLimitIntervalSec"), ["0"]);
	t.strictSame(values("Restart"), ["on-failure"]);
});

t.test("tocsin knows the options of its command line", async (t) => {
	const [command = ""] = values("ExecStart");
	const [program, ...args] = command.split(" ");
	t.equal(program, "/usr/local/sbin/tocsin");
	const { code, stderr } = await run(`${root}/dist/tocsin`, args, {
		env: { TOCSIN_LIBPCAP: "/nonexistent" },
	});
	t.match(
		[code, stderr],
		[69, /libpcap is missing/],
		"and gets as far as that",
	);
});
