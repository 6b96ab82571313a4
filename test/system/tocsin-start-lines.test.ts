/** A way out that fails silences nobody. */
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import t from "tap";
import { enterSandbox, peer, run, start, waitFor } from "./harness.ts";
import { environment as env, TOCSIN } from "./tocsin.ts";

enterSandbox(import.meta.url);

/** What a touch of port 23 is told as. */
const LINE = /ALERT: host 127\.0\.0\.1 probing port telnet of 127\.0\.0\.1 /;
const touch = () =>
	run(peer("nmap"), ["-sT", "-n", "-Pn", "-p", "23", "127.0.0.1"]);

t.test("without syslog lines go to the fallback file", async (t) => {
	writeFileSync("/var/log/tocsin.log", "");
	chmodSync("/var/log/tocsin.log", 0o666);
	const lines = () => readFileSync("/var/log/tocsin.log", "latin1");
	const program = await start(
		TOCSIN,
		[],
		() => lines().includes("sensor start"),
		{ env },
	);
	await touch();
	await program.stop();
	t.equal(await program.ended, 69);
	t.match(lines(), LINE);
	t.match(
		lines(),
		/tocsin: the lines above were not delivered: logger: socket \/dev\/log/,
	);
	t.match(lines(), /sensor stop/);
	t.equal(program.output(), "");
});

t.test("what not even that takes is said on standard error", async (t) => {
	for (const args of [[], ["--json"]]) {
		const script = `exec ${TOCSIN} --fallback /none/file ${args.join(" ")}${args.length > 0 ? " >/dev/full" : ""}`;
		const program = await start(
			"/bin/sh",
			["-c", script],
			(_, output) => output.includes("sensor start"),
			{ env },
		);
		await touch();
		await program.stop();
		t.equal(await program.ended, 73);
		t.match(program.output(), LINE);
		t.match(program.output(), /tocsin: \/none\/file can't be written either/);
		t.match(program.output(), /sensor stop/);
	}
});

t.test("standard output that nobody reads any more", async (t) => {
	writeFileSync("/var/log/tocsin.log", "");
	chmodSync("/var/log/tocsin.log", 0o666);
	const lines = () => readFileSync("/var/log/tocsin.log", "latin1");
	const script = `${TOCSIN} --json & echo $! >/run/pid; wait $!; echo $? >/run/code`;
	const reader = `(${script}) | head -n 1`;
	const shell = await start(
		"/bin/sh",
		["-c", reader],
		(_, output) => output.includes("start"),
		{ env },
	);
	await touch();
	const pid = Number(readFileSync("/run/pid", "latin1"));
	await waitFor("a line in the fallback file", () => LINE.test(lines()));
	process.kill(pid, "SIGTERM");
	const code = () =>
		existsSync("/run/code") && readFileSync("/run/code", "latin1");
	t.equal(await waitFor("its end", code), "69\n");
	t.match(lines(), /standard output: write EPIPE/);
	await shell.stop();
});
