/** A full process table: never a byte to the peer, never a hang, never silence. */
import {
	existsSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import t from "tap";
import {
	childrenOf,
	enterSandbox,
	listeningPorts,
	peer,
	privileged,
	run,
	start,
	startInetd,
	waitFor,
} from "./harness.ts";
import { inetdLine, KLAXON, startLog, sum, touch } from "./klaxon.ts";
import {
	brokenCopy,
	edit,
	fallbackLines,
	MODES,
	openFallback,
	recorder,
	STAMP,
	trial,
	withProcesses,
} from "./trial.ts";

enterSandbox(import.meta.url);

const isTrap = (pid: number) => listeningPorts(pid).includes(7003);

/** Free processes that klaxon starts with; from MODEST on it has all it needs. */
const FREE = [0, 1, 2, 3, 4, 5, 6, 7, 8];
const MODEST = 4;
/** Not at a line's start alone: dash writes "Cannot fork" and its newline one by one, and others write between. */
const NOT_LOGGED = /klaxon: cannot start \S+: an encounter is not logged: /;

const log = await startLog({ udp: 514 });
const notLogged = (lines: string[]) =>
	lines.filter((line) => NOT_LOGGED.test(line)).length;

for (const mode of MODES)
	t.test(`${mode}: with every number of free processes`, async (t) => {
		for (const free of FREE) {
			openFallback();
			const under = withProcesses(1 + free);
			const { said, code, lines } = await trial({ mode, under });
			t.equal(said, "", `${free} free: nothing for the peer`);
			const alerts = sum(await log.messages());
			if (free < MODEST) {
				t.equal(code, 71, `${free} free: EX_OSERR`);
				t.ok(notLogged(lines) > 0, "the fallback file tells");
				t.equal(alerts, 0);
			} else if (free === MODEST && code === 69) {
				// one of Node's own threads ended late: no room for logger, so the fallback file tells
				const told = lines.filter((line) => line.includes(" ALERT: "));
				t.strictSame([alerts, told.length], [0, 1]);
			} else {
				t.equal(code, 0, `${free} free: enough`);
				t.strictSame([alerts, lines], [1, []]);
			}
		}
	});

t.test("systemd, Accept=no: the journal tells", async (t) => {
	for (const free of FREE) {
		const trap = run(peer("systemd-socket-activate"), [
			...["-l", "127.0.0.1:7002", ...withProcesses(1 + free)],
			...[KLAXON, "-n", "--idle", "0.2"],
		]);
		const said = waitFor("a listener", () =>
			touch("127.0.0.1", 7002).catch(() => undefined),
		);
		const { code, stderr } = await trap;
		t.equal((await said).said, "");
		t.equal(code, free < MODEST ? 71 : 0, `${free} free: ${code}`);
		t.equal(sum(await log.messages()), free < MODEST ? 0 : 1);
		if (free < MODEST) t.match(stderr, /^klaxon: cannot start/m);
	}
});

/** Runs klaxon, fills its user's table to the last place once /tmp/fill is there, and keeps klaxon's exit code. */
const FILLER = `"$@" &
klaxon=$!
{
	until [ -e /tmp/fill ]; do sleep 0.02; done
	(while :; do sleep 100 & done)
	sleep 100 &
	: >/tmp/full
	exec sleep 100
} </dev/null >/dev/null 2>&1 &
wait $klaxon
echo $? >/tmp/code
`;

for (const [how, args, code] of [
	["by logger", [], 69],
	["by name to a server", ["--syslog", "udp://localhost:514"], 0],
] as const)
	t.test(`a table that fills up while the trap is open: ${how}`, async (t) => {
		openFallback();
		for (const file of ["fill", "full", "code"])
			rmSync(`/tmp/${file}`, { force: true });
		const [file = "", ...rest] = [
			...[...withProcesses(20), "/bin/sh", "-c", FILLER, "sh"],
			...[
				KLAXON,
				"-n",
				"--listen",
				"127.0.0.1:7003",
				"--user",
				"root",
				...args,
			],
		];
		const server = await start(file, rest, (pid) =>
			childrenOf(pid).some(isTrap),
		);
		const [klaxon = 0] = childrenOf(server.pid).filter(isTrap);
		writeFileSync("/tmp/fill", "");
		await waitFor("a full table", () => existsSync("/tmp/full"));
		const { said } = await touch("127.0.0.1", 7003);
		t.equal(said, "");
		process.kill(klaxon, "SIGTERM");
		await waitFor("its end", () => existsSync("/tmp/code"));
		t.equal(Number(readFileSync("/tmp/code", "utf8")), code);
		const alerts = sum(await log.messages());
		const [line = ""] = fallbackLines();
		t.equal(alerts, code === 0 ? 1 : 0);
		if (code === 69) t.match(line, STAMP);
		if (code === 69) t.equal(sum([line.replace(STAMP, "")]), 1);
		await server.stop();
	});

/** Enough for some of the burst's klaxons and not for all. */
const limit = () => {
	if (privileged) return withProcesses(40);
	const threads = readdirSync("/proc").map((pid) => {
		try {
			return readdirSync(`/proc/${pid}/task`).length;
		} catch {
			return 0;
		}
	});
	return [
		"/usr/bin/prlimit",
		`--nproc=${threads.reduce((a, b) => a + b) + 60}`,
	];
};

t.test(
	"a burst that fills the table: every peer is in the books",
	async (t) => {
		const PEERS = 60;
		openFallback();
		const program = brokenCopy((folder) => {
			edit(`${folder}/klaxon`, "for s in 1 29", "for s in 1 2");
		});
		const folder = mkdtempSync("/run/burst-");
		const recorded = recorder(folder, [...limit(), program]);
		const inetd = await startInetd(
			"openbsd",
			inetdLine(7004, "-n", {
				...{ proto: "tcp4", wait: "nowait.10000" },
				...{ user: "root", program: recorded },
			}),
		);
		const touches = await Promise.all(
			Array.from({ length: PEERS }, () => touch("127.0.0.1", 7004)),
		);
		t.equal(touches.map(({ said }) => said).join(""), "", "all hung up on");
		const codes = () => fallbackLines(`${folder}/codes`);
		await waitFor("the exit codes", () => codes().length === PEERS);
		const told = () =>
			fallbackLines().filter(
				(line) => / ALERT: /.test(line) || NOT_LOGGED.test(line),
			);
		let alerts = 0;
		await waitFor(
			() => `${alerts} + ${told().length} of ${PEERS}: ${codes()}`,
			async () => {
				alerts += sum(await log.messages());
				return alerts + told().length >= PEERS;
			},
		);
		// A watchdog may bite and tell while klaxon, held up until then, logs; never neither of them.
		const books = alerts + told().length;
		t.ok(books >= PEERS && books <= PEERS + 3, `${books} of ${PEERS}`);
		t.ok(alerts > 0 && told().length > 0, `${alerts} of ${PEERS} were logged`);
		// A Node that found no room aborts; one that hangs is killed.
		const other = codes().filter((code) => !/^(0|69|71|134|137)$/.test(code));
		t.strictSame(other, [], `${codes()}`);
		await inetd.stop();
	},
);
