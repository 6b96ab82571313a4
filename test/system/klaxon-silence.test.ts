/** Whatever fails, the peer reads nothing, the exit code is one of sysexits(3), and the line is somewhere. */
import {
	chmodSync,
	cpSync,
	mkdirSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import t, { type Test } from "tap";
import {
	enterSandbox,
	must,
	type Peer,
	privileged,
	root,
	startInetd,
	waitFor,
} from "./harness.ts";
import { alertLine, inetdLine, KLAXON, startLog, touch } from "./klaxon.ts";

enterSandbox(import.meta.url);

/** ms by which klaxon's watchdog has ended a Node that hangs (scripts/launcher.ts: 30 s), and some. */
const WATCHDOG = 40_000;

const PORT = 7001;
const FALLBACK = "/var/log/klaxon.log";
const FOLDER = "/tmp/silence";
const CODES = `${FOLDER}/codes`;

mkdirSync(FOLDER);
chmodSync(FOLDER, 0o777);

const fallback = () => readFileSync(FALLBACK, "utf8");

/** An empty fallback file that nobody may write to. */
function newFallback(mode = 0o666) {
	rmSync(FALLBACK, { recursive: true, force: true });
	writeFileSync(FALLBACK, "");
	chmodSync(FALLBACK, mode);
}

/** Touches a nowait trap once; `before` is the command that starts klaxon, and may spoil it. */
async function failing(t: Test, args: string, program = KLAXON, before = "") {
	const path = `${FOLDER}/start`;
	writeFileSync(
		path,
		`#!/bin/sh\n${before} ${program} "$@"\necho $? >>${CODES}\n`,
	);
	writeFileSync(CODES, "");
	chmodSync(path, 0o755);
	chmodSync(CODES, 0o666);
	const inetd: Peer = await startInetd(
		"openbsd",
		inetdLine(PORT, args, { program: path }),
	);
	const { from, to, said } = await touch("127.0.0.1", PORT, {
		timeout: WATCHDOG,
	});
	t.equal(said, "", "the peer reads nothing");
	const codes = () => readFileSync(CODES, "utf8").trim();
	await waitFor("its exit code", () => codes() !== "", WATCHDOG);
	await inetd.stop();
	const facts = { from, to, service: "rexec" };
	return { code: Number(codes()), line: alertLine(facts) };
}

t.test("no syslog at all: the fallback file, 69", async (t) => {
	newFallback();
	const { code, line } = await failing(t, "-n rexec");
	t.equal(code, 69);
	t.ok(fallback().includes(` ${line}\n`));
});

t.test("no syslog, no fallback file: 73", async (t) => {
	rmSync(FALLBACK);
	mkdirSync(FALLBACK);
	t.equal((await failing(t, "-n rexec")).code, 73);
	newFallback();
});

for (const [name, script] of [
	["no logger", ""],
	["a logger that only complains", "#!/bin/sh\necho send message failed >&2\n"],
	["a logger that dies", "#!/bin/sh\nkill -9 $$\n"],
] as const)
	t.test(`${name}: the fallback file, 69`, async (t) => {
		writeFileSync(`${FOLDER}/logger`, script);
		chmodSync(`${FOLDER}/logger`, script === "" ? 0o644 : 0o755);
		await must("mount", ["--bind", `${FOLDER}/logger`, "/usr/bin/logger"]);
		t.teardown(() => must("umount", ["/usr/bin/logger"]));
		newFallback();
		const { code, line } = await failing(t, "-n rexec");
		t.equal(code, 69);
		t.ok(fallback().includes(` ${line}\n`));
	});

t.test(
	"a mistake in the command line is told, and the trap rings: 64",
	async (t) => {
		const log = await startLog();
		t.teardown(() => log.stop());
		for (const [args, complaint] of [
			[
				"-n --frobnicate rexec",
				"klaxon: unknown option '--frobnicate': klaxon --help lists the options",
			],
			["-n --facility beer rexec", /^klaxon: unknown facility 'beer'/],
			["-n --json rexec", "klaxon: --json: never under a super-server"],
			[
				"-n --syslog stdout: rexec",
				"klaxon: --syslog stdout: never under a super-server",
			],
			[
				"-n -c /etc/none.toml rexec",
				/^klaxon: can't read the configuration: ENOENT/,
			],
		] as const) {
			const { code, line } = await failing(t, args);
			t.equal(code, 64, args);
			const lines = await log.drain();
			const [mistake, alert] = [...lines].sort((a) =>
				a.message.startsWith("ALERT") ? 1 : -1,
			);
			t.match(mistake, { severity: "err" });
			t.match(mistake?.message, complaint);
			t.equal(alert?.message, line);
		}
	},
);

t.test("no Node, or none of its parts", async (t) => {
	const broken = `${FOLDER}/klaxon`;
	const text = readFileSync(KLAXON, "utf8").replace(
		/node='[^']*'/,
		"node='/no/node'",
	);
	writeFileSync(broken, text, { mode: 0o755 });
	newFallback();
	t.equal((await failing(t, "-n rexec", broken)).code, 71);
	t.match(
		fallback(),
		/klaxon: cannot start \/no\/node: an encounter is not logged: -n rexec/,
	);

	cpSync(`${root}/dist`, `${FOLDER}/dist`, { recursive: true });
	rmSync(`${FOLDER}/dist/klaxon.d`, { recursive: true });
	const { code } = await failing(
		t,
		"-n --ident rexec",
		`${FOLDER}/dist/klaxon`,
	);
	t.ok([70, 73].includes(code), `exit ${code}`);
});

t.test(
	"a full process table: never a word to the peer, never a hang",
	{ skip: !privileged && "only the one user of the sandbox" },
	async (t) => {
		const log = await startLog();
		t.teardown(() => log.stop());
		let served = false;
		for (let slots = 1; !served && slots < 40; slots++) {
			newFallback();
			const { code, line } = await failing(
				t,
				"-n rexec",
				KLAXON,
				`/usr/bin/prlimit --nproc=${slots}`,
			);
			const told = await log.messages();
			t.ok([0, 69, 71].includes(code), `${slots} processes: exit ${code}`);
			t.ok(told.includes(line) || fallback() !== "", "it is told");
			served = code === 0;
		}
		t.ok(served, "with enough of them it works");
	},
);
