/** An installation that lacks something, a command line with a mistake, a bug: told, and never to the peer. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, cpSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { dirname } from "node:path";
import t, { type Test } from "tap";
import { connectAndReset, enterSandbox } from "./harness.ts";
import { KLAXON, startLog, sum } from "./klaxon.ts";
import {
	brokenCopy,
	edit,
	MODES,
	type Mode,
	NODE,
	openFallback,
	trial,
} from "./trial.ts";

enterSandbox(import.meta.url);

const log = await startLog();
const BUG = "klaxon: a bug: ";

/** What syslog was told: how many encounters, and the sentences about klaxon itself. */
async function told(): Promise<[encounters: number, complaints: string[]]> {
	const messages = await log.messages();
	const complaints = messages.filter((text) => !text.startsWith("ALERT: "));
	return [sum(messages), complaints];
}

/** The program without a part, or with one that throws. */
const without = (part: string) =>
	brokenCopy((folder) =>
		rmSync(`${folder}/klaxon.d/${part}`, { recursive: true }),
	);
const withThrowing = (part: string) =>
	brokenCopy((folder) =>
		writeFileSync(`${folder}/klaxon.d/${part}`, "throw new Error('boom');"),
	);

/** The encounter is logged as far as it can be, then the bug. */
async function confesses(t: Test, mode: Mode, program: string, args = "-n") {
	openFallback();
	const { said, code, lines } = await trial({ mode, program, args });
	t.equal(said, "", `${mode}: nothing for the peer`);
	t.equal(code, 70, `${mode}: EX_SOFTWARE`);
	t.strictSame(lines, [], "nothing for the fallback file");
	const [encounters, complaints] = await told();
	t.ok(complaints[0]?.startsWith(BUG), `${complaints}`);
	return encounters;
}

t.test("no parts at all", async (t) => {
	const program = without("");
	const { said, code } = await trial({ program });
	t.strictSame([said, code], ["", 0], "nowait: the usual path needs none");
	t.strictSame(await told(), [1, []]);
	await confesses(t, "wait", program);
});

for (const [part, args] of [
	["ident.js", "-n -i"],
	["reverse.js", ""],
	["identify.js", "-n --read 4"],
] as const)
	for (const [what, program] of [
		["missing", without(part)],
		["throwing", withThrowing(part)],
	] as const)
		t.test(`a ${what} ${part} costs a fact, not the alert`, async (t) => {
			t.equal(await confesses(t, "nowait", program, args), 1);
		});

t.test("a bug in wait mode", async (t) => {
	for (const part of ["wait.js", "identify.js"])
		await confesses(t, "wait", withThrowing(part));
	const program = withThrowing("ident.js");
	t.equal(
		await confesses(t, "wait", program, "-n -i"),
		1,
		"the alert comes first",
	);
});

t.test(
	"neither logger nor the part that writes the fallback file",
	async (t) => {
		const program = brokenCopy((folder) => {
			rmSync(`${folder}/klaxon.d/fallback.js`);
			for (const file of ["klaxon", "klaxon.d/local.js"])
				edit(`${folder}/${file}`, "/usr/bin/logger", "/none/logger");
		});
		for (const mode of MODES) {
			const { said, code } = await trial({ mode, program });
			t.strictSame([said, code], ["", 73], `${mode}: EX_CANTCREAT`);
		}
		t.strictSame(await told(), [0, []]);
	},
);

/** A connection that was reset before klaxon looked, on its descriptors 0, 1 and 2. */
async function afterReset(program: string, args: string[]): Promise<number> {
	const server = createServer({ pauseOnConnect: true }).listen(0, "127.0.0.1");
	await once(server, "listening");
	const { port } = server.address() as AddressInfo;
	const accepted = once(server, "connection");
	await connectAndReset("127.0.0.1", port);
	const [socket] = await accepted;
	const { fd } = socket._handle;
	const klaxon = spawn(program, args, { stdio: [fd, fd, fd] });
	const [code] = await once(klaxon, "exit");
	socket.destroy();
	server.close();
	return code;
}

t.test("no koffi.node: a peer that resets is unknown", async (t) => {
	const program = without("koffi.node");
	for (const args of [["-n"], ["-n", "--read", "9"], ["-n", "-i"]]) {
		t.equal(await afterReset(program, args), 0);
		const [line] = await log.messages();
		t.match(line, /^ALERT: host unknown accessing port \d+ kind=/, `${args}`);
	}
	t.equal(await afterReset(KLAXON, ["-n"]), 0);
	const [line] = await log.messages();
	t.match(
		line,
		/^ALERT: host 127\.0\.0\.1 accessing/,
		"with it, it has a name",
	);
	for (const mode of MODES) {
		const { said, code } = await trial({ mode, program });
		t.strictSame([said, code], ["", 0], `${mode} works without`);
		t.strictSame(await told(), [1, []]);
	}
});

/** A command line with a mistake, and what is said about it. */
const MISTAKES: Record<string, RegExp> = {
	"--bogus": /^unknown option '--bogus'/,
	"--syslog http://log": /^bad syslog URL 'http:\/\/log'/,
	"--facility beer": /^unknown facility 'beer'/,
	"--level loud": /^unknown level 'loud'/,
	"--read lots": /^bad value 'lots' for --read/,
	"--fallback here": /^bad fallback 'here'/,
	"70000": /^bad port '70000'/,
	"--json": /^--json: never under a super-server$/,
	"--syslog stdout:": /^--syslog stdout: never under a super-server$/,
	"--config /none.toml": /^can't read the configuration: .*\/none\.toml/,
};

for (const [args, complaint] of Object.entries(MISTAKES))
	t.test(`${args}: told in syslog, and the trap rings`, async (t) => {
		for (const mode of MODES) {
			const { said, code } = await trial({ mode, args: `-n ${args}` });
			t.equal(said, "", `${mode}: nothing for the peer`);
			t.equal(code, 64, `${mode}: EX_USAGE`);
			const [encounters, [sentence = "", ...more]] = await told();
			t.equal(encounters, 1, "the alert");
			t.match(sentence.replace(/^klaxon: /, ""), complaint);
			t.strictSame(more, []);
		}
	});

t.test("--help and --version are for people", async (t) => {
	for (const args of ["--help", "--version"])
		for (const mode of MODES) {
			const { said, code } = await trial({ mode, args: `-n ${args}` });
			t.strictSame([said, code], ["", 0], `${mode} ${args}`);
			t.strictSame(await told(), [1, []]);
		}
});

for (const [what, spoil] of [
	["missing", (node: string) => rmSync(node)],
	["not executable", (node: string) => chmodSync(node, 0o644)],
] as const)
	t.test(`a Node that is ${what}`, async (t) => {
		const program = brokenCopy((folder) => {
			cpSync("/bin/true", `${folder}/node`);
			edit(`${folder}/klaxon`, NODE, `${folder}/node`);
			spoil(`${folder}/node`);
		});
		for (const mode of MODES) {
			openFallback();
			const { said, code, lines } = await trial({ mode, program });
			t.equal(said, "", `${mode}: nothing for the peer`);
			t.equal(code, 71, `${mode}: EX_OSERR`);
			const failed = `klaxon: cannot start ${dirname(program)}/node: an encounter is not logged: `;
			t.ok(lines[0]?.startsWith(failed), `${lines}`);
			const [encounters, [complaint = ""]] = await told();
			t.equal(encounters, 0);
			t.ok(complaint.startsWith(failed), complaint);
		}
	});

t.test("a Node that is not one", async (t) => {
	const program = brokenCopy((folder) => {
		writeFileSync(`${folder}/node`, "\x7fELF", { mode: 0o755 });
		edit(`${folder}/klaxon`, NODE, `${folder}/node`);
	});
	openFallback();
	const { said, code, lines } = await trial({ program });
	t.strictSame([said, code], ["", 71]);
	t.match(`${lines}`, /klaxon: cannot start /);
});
