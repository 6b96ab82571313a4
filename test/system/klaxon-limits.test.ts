/** Less memory, fewer descriptors, less of anything than Node needs: nothing for the peer, and the log tells. */
import { readFileSync } from "node:fs";
import t from "tap";
import { enterSandbox, startXinetd, waitFor } from "./harness.ts";
import {
	type Log,
	startLog,
	sum,
	touch,
	XINETD_LOG,
	xinetdService,
} from "./klaxon.ts";
import {
	brokenCopy,
	edit,
	fallbackLines,
	MODES,
	openFallback,
	trial,
} from "./trial.ts";

enterSandbox(import.meta.url);

const MB = 1_000_000;
// KILLED: by the watchdog, where Node takes longer than that to start.
const [ABORT, TRAP, KILLED, SEGMENT] = [134, 133, 137, 139];
const NOT_LOGGED = /^klaxon: cannot start \S+: an encounter is not logged: /;

const log: Log = await startLog();
/** With a watchdog that doesn't wait for long. */
const program = brokenCopy((folder) =>
	edit(`${folder}/klaxon`, "for s in 1 29", "for s in 0.1 0.1"),
);
const isTold = (lines: string[]) => lines.some((line) => NOT_LOGGED.test(line));

/** Where Node dies before our code runs: by its own hand, and the shell's watchdog tells. */
for (const [limit, ...codes] of [
	["--as=10000000", SEGMENT],
	[`--as=${100 * MB}`, SEGMENT],
	[`--as=${500 * MB}`, TRAP, ABORT],
	[`--data=${20 * MB}`, TRAP, ABORT],
	["--stack=16384", SEGMENT],
	["--nofile=14", ABORT],
	["--nofile=18", SEGMENT],
] as const)
	t.test(`prlimit ${limit}: Node can't start`, async (t) => {
		for (const mode of MODES) {
			openFallback();
			await log.messages();
			const under = ["/usr/bin/prlimit", limit];
			const { said, code } = await trial({ mode, program, under });
			t.equal(said, "", `${mode}: nothing for the peer`);
			t.ok(
				[...codes, KILLED].some((known) => known === code),
				`${mode}: exit code ${code}`,
			);
			await waitFor("the fallback file", () => isTold(fallbackLines()));
			const told = async () => isTold(await log.messages());
			await waitFor("syslog", told);
		}
	});

t.test(
	"with any number of descriptors that the shell can start with",
	async (t) => {
		const seen = new Set<number>();
		for (let files = 12; files <= 40; files++) {
			openFallback();
			const under = ["/usr/bin/prlimit", `--nofile=${files}`];
			const { said, code, lines } = await trial({ program, under });
			t.equal(said, "", `${files}: nothing for the peer`);
			seen.add(code);
			if (code !== 0 && code !== 69) continue;
			const alerts = sum(await log.messages());
			const rescued = lines.filter((line) => line.includes(" ALERT: "));
			t.equal(alerts + rescued.length, 1, `${files}: the alert is logged`);
			t.equal(alerts, code === 0 ? 1 : 0);
		}
		// 2: the shell's own, 1: Node's own, before any of our code.
		const known = [0, 1, 2, 69, 73, ABORT, KILLED, SEGMENT];
		t.strictSame(
			[...seen].filter((code) => !known.includes(code)),
			[],
		);
		t.ok(seen.has(0), "with 40 it works");
	},
);

t.test("xinetd's rlimit_as", async (t) => {
	openFallback();
	const service = (name: string, port: number, wait: boolean) =>
		xinetdService(name, port, "-n", {
			wait,
			program,
			more: "rlimit_as = 200M",
		});
	const xinetd = await startXinetd(
		service("poor", 7101, false) + service("poor-wait", 7102, true),
	);
	const { said } = await touch("127.0.0.1", 7101);
	t.equal(said, "");
	const ends = () => readFileSync(XINETD_LOG, "latin1");
	await waitFor("its end", () => / EXIT: poor signal=\d+/.test(ends()));
	await waitFor("the fallback file", () => isTold(fallbackLines()));
	const waiting = touch("127.0.0.1", 7102);
	await waitFor("its end", () => / EXIT: poor-wait signal=\d+/.test(ends()));
	await xinetd.stop();
	t.equal((await waiting).said, "");
});
