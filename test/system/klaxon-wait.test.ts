import t, { type Test } from "tap";
import {
	enterSandbox,
	type Peer,
	startInetd,
	startXinetd,
	waitFor,
} from "./harness.ts";
import {
	alertLine,
	exitRecorder,
	inetdLine,
	klaxonsOf,
	startLog,
	sum,
	touch,
	xinetdService,
} from "./klaxon.ts";
import { trial } from "./trial.ts";

enterSandbox(import.meta.url);

const log = await startLog();
const recorder = exitRecorder();
const ARGS = "-n --idle 0.5 rexec";
const HERE = "127.0.0.1";

const line = (proto: string) =>
	inetdLine(512, ARGS, { proto, wait: "wait", program: recorder.path });
const servers: Record<string, () => Promise<Peer>> = {
	"openbsd-inetd": () => startInetd("openbsd", line("tcp")),
	"inetutils-inetd": () => startInetd("inetutils", line("tcp6")),
	xinetd: () => {
		const options = { wait: true, program: recorder.path };
		return startXinetd(xinetdService("trap", 512, ARGS, options));
	},
};

/** Connects `count` times from one address; the peers read nothing. */
async function burst(t: Test, from: string, count: number) {
	const touches = await Promise.all(
		Array.from({ length: count }, () => touch(HERE, 512, { from })),
	);
	t.equal(
		touches.map(({ said }) => said).join(""),
		"",
		"the peers read nothing",
	);
	return touches;
}

const only = (server: Peer) =>
	waitFor("one klaxon", () => {
		const [pid, ...more] = klaxonsOf(server);
		return more.length === 0 ? pid : undefined;
	});
const newExit = (before: number) =>
	waitFor("its exit code", () => recorder.codes()[before]);

for (const [name, start] of Object.entries(servers))
	t.test(name, async (t) => {
		const server = await start();
		t.teardown(() => server.stop());
		t.strictSame(klaxonsOf(server), [], "nobody runs before a peer comes");

		await t.test(
			"one process serves a burst, and leaves when idle",
			async (t) => {
				const exits = recorder.codes().length;
				const began = performance.now();
				const touches = [
					...(await burst(t, "127.0.0.7", 10)),
					...(await burst(t, "127.0.0.8", 10)),
				];
				const pid = await only(server);
				t.equal(await newExit(exits), "0");
				t.ok(performance.now() - began > 500, "it stayed for --idle");
				const lines = await log.drain();
				t.strictSame(
					[...new Set(lines.map(({ tag }) => tag))],
					[`klaxon[${pid}]:`],
				);
				const wanted = touches.map(({ from, to }) =>
					alertLine({ from, to, service: "rexec" }),
				);
				t.strictSame(lines.map(({ message }) => message).sort(), wanted.sort());
			},
		);

		await t.test(
			"the next connection starts it again; SIGTERM tells the folds",
			async (t) => {
				const exits = recorder.codes().length;
				await burst(t, HERE, 25);
				const pid = await only(server);
				process.kill(pid, "SIGTERM");
				t.equal(await newExit(exits), "0");
				const messages = await log.messages();
				t.equal(messages.length, 11, "ten and a fold");
				t.equal(sum(messages), 25);
				t.match(
					messages[10],
					/^ALERT: host 127\.0\.0\.1 accessing port rexec 15 more times in \d+s kind=connection proto=tcp dport=512 count=15$/,
				);
				await touch(HERE, 512);
				const next = await only(server);
				t.not(next, pid);
				process.kill(next, "SIGTERM");
				t.equal(await newExit(exits + 1), "0");
				t.equal(sum(await log.messages()), 1);
			},
		);
	});

t.test(
	"a peer that waits is told, however late klaxon gets to it",
	async (t) => {
		const { code } = await trial({ mode: "wait", args: "-n --idle 0.001" });
		t.equal(code, 0);
		t.equal(sum(await log.messages()), 1);
	},
);
