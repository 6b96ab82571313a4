/** Syslog can't be reached, nor perhaps the fallback file: a defined exit code, and never a byte to the peer. */
import {
	chmodSync,
	lstatSync,
	mkdirSync,
	readFileSync,
	rmSync,
	statSync,
	symlinkSync,
	truncateSync,
	writeFileSync,
} from "node:fs";
import t, { type Test } from "tap";
import { enterSandbox, must, privileged, run } from "./harness.ts";
import { startLog, sum } from "./klaxon.ts";
import {
	FALLBACK,
	fallbackLines,
	MODES,
	type Mode,
	openFallback,
	STAMP,
	type Trial,
	trial,
} from "./trial.ts";

enterSandbox(import.meta.url);

const LOGGER = "/usr/bin/logger";
const REASON = "klaxon: the lines above were not delivered: ";

/** The alert and why it is in this file, both with time and place; and a silent end. */
function isRescued(t: Test, { said, code, lines }: Trial, why: RegExp) {
	t.equal(said, "", "nothing for the peer");
	t.equal(code, 69, "EX_UNAVAILABLE");
	for (const line of lines) t.match(line, STAMP);
	const [alert = "", reason = "", ...more] = lines.map((line) =>
		line.replace(STAMP, ""),
	);
	t.match(
		alert,
		/^ALERT: host 127\.0\.0\.1 accessing port \d+ kind=connection /,
	);
	t.ok(reason.startsWith(REASON), reason);
	t.match(reason.slice(REASON.length), why);
	t.strictSame(more, []);
}

/** Puts a script in logger(1)'s place for as long as `work` takes. */
async function withLogger(script: string, mode: number, work: () => unknown) {
	writeFileSync("/tmp/logger", script);
	chmodSync("/tmp/logger", mode);
	await must("/usr/bin/mount", ["--bind", "/tmp/logger", LOGGER]);
	try {
		await work();
	} finally {
		await must("/usr/bin/umount", [LOGGER]);
		rmSync("/tmp/logger");
	}
}

/** One trial a mode, at the same time, as a logger that hangs takes its five seconds. */
const inBothModes = (
	work: (mode: Mode, fallback: string) => Promise<unknown>,
) => Promise.all(MODES.map((mode) => work(mode, `/tmp/fallback-${mode}`)));

async function rescue(t: Test, why: RegExp) {
	await inBothModes(async (mode, fallback) => {
		rmSync(fallback, { force: true });
		const result = await trial({ mode, fallback });
		isRescued(t, result, why);
		t.equal(statSync(fallback).mode & 0o777, 0o640, "not for everybody");
	});
}

t.test("no /dev/log", (t) => rescue(t, /\/dev\/log|exit 1$/));

for (const [what, script, mode, why] of [
	["is not executable", "", 0o644, /logger: .*(-13|EACCES)$/],
	["is not there", "#!/none\n", 0o755, /logger: .*(-2|ENOENT)$/],
	["fails", "#!/bin/sh\nexit 3\n", 0o755, /logger: exit 3$/],
	["dies", "#!/bin/sh\nkill -9 $$\n", 0o755, /logger: exit (-\d+|null)$/],
	["hangs", "#!/bin/sh\nexec sleep 60\n", 0o755, /logger: .*(-110|null)$/],
] as const)
	t.test(`a logger that ${what}`, async (t) => {
		const begun = performance.now();
		await withLogger(script, mode, () => rescue(t, why));
		t.ok(performance.now() - begun < 9000, "no peer is held for long");
	});

t.test("a syslog daemon that hangs, is killed, and comes again", async (t) => {
	const hanging = await startLog();
	await trial();
	t.equal(sum(await hanging.messages()), 1, "at first it works");
	process.kill(hanging.pid, "SIGSTOP");
	writeFileSync("/tmp/many", "to fill the queue of /dev/log\n".repeat(3000));
	await run(LOGGER, ["-f", "/tmp/many"], { timeout: 1000 });
	await rescue(t, /logger: .*(-110|null)$/);
	await hanging.stop("SIGKILL");
	t.ok(lstatSync("/dev/log").isSocket(), "its socket is left behind");
	await rescue(t, /refused|exit 1$/);
	rmSync("/dev/log");
	const back = await startLog();
	for (const mode of MODES) {
		rmSync(FALLBACK, { force: true });
		const { said, code, lines } = await trial({ mode });
		t.strictSame([said, code, lines], ["", 0, []]);
		t.equal(sum(await back.messages()), 1, "and works again");
	}
	await back.stop();
});

/** What can be in the way of the fallback file, and how it is removed. */
const OBSTACLES: Record<string, () => Promise<(t: Test) => unknown>> = {
	"a directory": async () => {
		mkdirSync(FALLBACK);
		return () => {};
	},
	"a symbolic link": async () => {
		writeFileSync("/tmp/victim", "");
		symlinkSync("/tmp/victim", FALLBACK);
		return (t) => t.equal(readFileSync("/tmp/victim", "utf8"), "");
	},
	"a symbolic link to nowhere": async () => {
		symlinkSync("/tmp/nowhere", FALLBACK);
		return (t) => t.throws(() => statSync("/tmp/nowhere"), { code: "ENOENT" });
	},
	"a FIFO that nobody reads": async () => {
		await must("/usr/bin/mkfifo", [FALLBACK]);
		return () => {};
	},
	"100 MiB": async () => {
		openFallback();
		truncateSync(FALLBACK, (100 << 20) - 10);
		return (t) => t.equal(statSync(FALLBACK).size, (100 << 20) - 10);
	},
	"a read-only disk": () => mounted("ro,size=1m"),
	"a full disk": async () => {
		const unmount = await mounted("size=4k");
		writeFileSync("/var/log/other", "x".repeat(4096));
		return unmount;
	},
};

async function mounted(options: string): Promise<() => unknown> {
	const args = ["-t", "tmpfs", "-o", options, "full", "/var/log"];
	await must("/usr/bin/mount", args);
	return () => must("/usr/bin/umount", ["/var/log"]);
}

for (const [what, prepare] of Object.entries(OBSTACLES))
	t.test(`${what} in place of the fallback file`, async (t) => {
		rmSync("/dev/log", { force: true });
		rmSync(FALLBACK, { force: true, recursive: true });
		const check = await prepare();
		await inBothModes(async (mode) => {
			const { said, code } = await trial({ mode });
			t.equal(said, "", `${mode}: nothing for the peer`);
			t.equal(code, 73, `${mode}: EX_CANTCREAT`);
		});
		await check(t);
		rmSync(FALLBACK, { force: true, recursive: true });
	});

t.test("no folder for the fallback file", async (t) => {
	await inBothModes(async (mode) => {
		const { said, code } = await trial({ mode, fallback: "/none/klaxon.log" });
		t.strictSame([said, code], ["", 73]);
	});
});

if (privileged)
	t.test("nobody may write what make install leaves for it", async (t) => {
		openFallback();
		isRescued(t, await trial({ user: "nobody" }), /./);
		rmSync(FALLBACK);
		const { said, code } = await trial({ user: "nobody" });
		t.strictSame([said, code, fallbackLines()], ["", 73, []]);
	});
