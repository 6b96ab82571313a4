/** klaxon started by a person: one helpful sentence, and an exit code. */
import { createServer } from "node:net";
import t, { type Test } from "tap";
import { enterSandbox, type Result, run } from "./harness.ts";
import { KLAXON } from "./klaxon.ts";

enterSandbox(import.meta.url);

const NO_SOCKET =
	/^klaxon: no socket on standard input: .* klaxon --listen 127\.0\.0\.1:7001 --syslog stdout:\n$/;

/** One sentence on standard error, and 64. */
function isTurnedAway(t: Test, result: Result, sentence: RegExp, code = 64) {
	const { stdout, stderr } = result;
	t.strictSame([result.code, result.signal], [code, null], stderr);
	t.equal(stdout, "");
	t.match(stderr, sentence);
	t.equal(stderr.split("\n").length, 2, "one line");
}

const shell = (script: string, env: NodeJS.ProcessEnv = {}) =>
	run("/bin/sh", ["-c", script], { env });

for (const [what, script] of [
	["/dev/null", `exec ${KLAXON} </dev/null`],
	["a file", `exec ${KLAXON} </etc/services`],
	["a pipe that stays silent", `mkfifo /tmp/fifo; exec ${KLAXON} <>/tmp/fifo`],
	["nothing", `exec ${KLAXON} <&-`],
	["nothing, nor an output", `exec ${KLAXON} <&- >&-`],
] as const)
	t.test(`standard input is ${what}`, async (t) => {
		isTurnedAway(t, await shell(script), NO_SOCKET);
	});

t.test("standard input is one end of a socket pair", async (t) => {
	isTurnedAway(t, await run(KLAXON, [], { keepOpen: true }), NO_SOCKET);
});

t.test("standard input is a terminal", async (t) => {
	for (const [args, sentence] of [
		["", NO_SOCKET],
		["--bogus", /^klaxon: unknown option '--bogus'/],
	] as const) {
		const command = `${KLAXON} ${args}`;
		const result = await run("/usr/bin/script", ["-qec", command, "/dev/null"]);
		t.equal(result.code, 64);
		t.match(result.stdout.replaceAll("\r", ""), sentence);
	}
});

t.test("systemd's sockets were for another process", async (t) => {
	const env = { LISTEN_FDS: "1", LISTEN_PID: "1" };
	isTurnedAway(t, await shell(`exec ${KLAXON} </dev/null`, env), NO_SOCKET);
});

/** Each sentence names what is wrong. */
const MISTAKES: [args: string[], sentence: RegExp][] = [
	[["--bogus"], /^klaxon: unknown option '--bogus'/],
	[["-x"], /^klaxon: unknown option '-x'/],
	[["--idle"], /^klaxon: option --idle needs a value/],
	[
		["--numeric=yes"],
		/^klaxon: option --numeric takes no value, but got 'yes'/,
	],
	[["--read", "-1"], /^klaxon: bad value '-1' for --read/],
	[["--ident=never"], /^klaxon: bad value 'never' for --ident/],
	[["70000"], /^klaxon: bad port '70000'/],
	[["no such"], /^klaxon: bad service 'no such'/],
	[["one", "two"], /^klaxon: .*'two'/],
	[["-l", "nosuch"], /^klaxon: unknown service 'nosuch'/],
	[["-l", "0"], /^klaxon: bad port '0'/],
	[["-l", "70000"], /^klaxon: bad port '70000'/],
	[["-l", "9-7"], /^klaxon: bad port '9-7'/],
	[["-l", "1-1000"], /^klaxon: too many ports in '1-1000'/],
	[["-l", "300.1.1.1:7001"], /^klaxon: bad address '300\.1\.1\.1'/],
	[["-l", "[::zz]:7001"], /^klaxon: .*::zz/],
	[["-l", "[1:2:3]:7001"], /^klaxon: bad address '1:2:3'/],
	[["-l", "7001", "--syslog", "smtp://x"], /^klaxon: bad syslog URL 'smtp:/],
	[["-l", "7001", "-c", "/none.toml"], /^klaxon: .*\/none\.toml/],
];

for (const [args, sentence] of MISTAKES)
	t.test(args.join(" "), async (t) =>
		isTurnedAway(t, await run(KLAXON, args), sentence),
	);

t.test("a trap that can't be opened", async (t) => {
	const taken = createServer().listen(7001, "127.0.0.1");
	t.teardown(() => taken.close());
	const listen = (...args: string[]) =>
		run(KLAXON, ["--syslog", "stdout:", "--user", "root", "-l", ...args]);
	isTurnedAway(
		t,
		await listen("127.0.0.1:7001"),
		/^klaxon: tcp port 7001 on 127\.0\.0\.1 is in use/,
		71,
	);
	isTurnedAway(t, await listen("192.0.2.1:7002"), /192\.0\.2\.1/, 71);
	isTurnedAway(
		t,
		await listen("7002", "--user", "nosuch"),
		/^klaxon: unknown user 'nosuch'/,
		77,
	);
});

t.test("--help and --version", async (t) => {
	const help = await run(KLAXON, ["--help"]);
	t.match(help, { code: 0, stderr: "" });
	t.match(help.stdout, /^klaxon \[options\] \[SERVICE\]\n/);
	for (const args of [["-h"], ["-nh"], ["smtp", "--help"]])
		t.match(await run(KLAXON, args), { code: 0, stdout: help.stdout });
	for (const args of [["-V"], ["--version"]])
		t.match(await run(KLAXON, args), {
			...{ code: 0, stderr: "" },
			stdout: /^klaxon \d+\.\d+\.\d+\n$/,
		});
	const lines = help.stdout.split("\n");
	t.ok(
		lines.every((line) => line.length <= 100),
		"fits a terminal",
	);
});
