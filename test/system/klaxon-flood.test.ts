/** Peers that pour, drip or say nothing, behind a real inetd: little memory, few descriptors, an end in time. */
import { once } from "node:events";
import {
	chmodSync,
	cpSync,
	readdirSync,
	readFileSync,
	writeFileSync,
} from "node:fs";
import { connect, createServer } from "node:net";
import { setInterval } from "node:timers/promises";
import t from "tap";
import {
	enterSandbox,
	isAlive,
	must,
	type SyslogLine,
	startInetd,
	waitFor,
} from "./harness.ts";
import { inetdLine, klaxonsOf, startLog, sum, touch } from "./klaxon.ts";

enterSandbox(import.meta.url);

const PORT = 7001;
const LOGGER = "/usr/bin/logger";
const CHUNK = Buffer.alloc(1 << 20, "x");
const MEGABYTES = 100;
/** kB that the peak may grow by, however much is sent. */
const GROWTH = 10_000;

const log = await startLog();

const peakIn = (status: string): number =>
	Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1]);
const peak = (pid: number) =>
	peakIn(readFileSync(`/proc/${pid}/status`, "utf8"));

/** Sends 100 MB as fast as the trap takes it; how much that was, what was answered, and for how long it took. */
async function pour(from = "127.0.0.1") {
	const begun = performance.now();
	const socket = connect({ port: PORT, host: "127.0.0.1", localAddress: from });
	let said = 0;
	let isOpen = true;
	socket.on("error", () => {}); // to hang up on us is its right
	socket.on("data", ({ length }) => {
		said += length;
	});
	// Not by events.once(), for which an error is the end of the test.
	const happens = (event: string) =>
		new Promise<void>((resolve) => socket.once(event, resolve));
	const closed = happens("close").then(() => {
		isOpen = false;
	});
	for (let i = 0; i < MEGABYTES && isOpen; i++)
		if (!socket.write(CHUNK)) await Promise.race([happens("drain"), closed]);
	await closed;
	return { sent: socket.bytesWritten, said, ms: performance.now() - begun };
}

const serve = (args: string, wait: "wait" | "nowait.1000" = "nowait.1000") =>
	startInetd(
		"openbsd",
		inetdLine(PORT, args, { proto: "tcp4", wait, user: "root" }),
	);

t.test("nowait: 100 MB cost no memory", async (t) => {
	// klaxon waits for its logger, which can tell how much memory it took until then.
	cpSync(LOGGER, "/tmp/own-logger");
	const script = `#!/bin/sh\ncat /proc/$PPID/status >/tmp/status\nexec /tmp/own-logger "$@"\n`;
	writeFileSync("/tmp/logger", script);
	chmodSync("/tmp/logger", 0o755);
	await must("/usr/bin/mount", ["--bind", "/tmp/logger", LOGGER]);
	t.teardown(() => must("/usr/bin/umount", [LOGGER]));
	const silent = createServer(() => {}).listen(113, "127.0.0.1");
	t.teardown(() => silent.close());
	const taken = async () => {
		const status = readFileSync("/tmp/status", "utf8");
		t.equal(sum(await log.messages()), 1, "one alert");
		return peakIn(status);
	};
	for (const args of ["-n", "-n --read 64", "-n --read 1500 --ident=1"]) {
		const inetd = await serve(args);
		t.teardown(() => inetd.stop());
		await touch("127.0.0.1", PORT, { send: "x".repeat(2000) });
		const before = await taken();
		const { sent, said } = await pour();
		const grown = (await taken()) - before;
		t.equal(said, 0, `${args}: nothing is answered to ${sent} bytes`);
		t.ok(grown < GROWTH, `${args}: ${before} kB, and ${grown} kB more`);
		await inetd.stop();
	}
});

for (const args of ["-n", "-n --read 64", "-n --read 1500 --ident=1"])
	t.test(`wait ${args}: twice 100 MB cost no memory`, async (t) => {
		const silent = createServer(() => {}).listen(113, "127.0.0.1");
		t.teardown(() => silent.close());
		const inetd = await serve(`${args} --idle 30`, "wait");
		t.teardown(() => inetd.stop());
		await touch("127.0.0.1", PORT, { send: "x".repeat(2000) });
		const [klaxon = 0] = klaxonsOf(inetd);
		const before = peak(klaxon);
		const pours = await Promise.all([1, 2].map(() => pour()));
		const grown = peak(klaxon) - before;
		t.equal(
			pours.reduce((all, { said }) => all + said, 0),
			0,
		);
		t.ok(grown < GROWTH, `${before} kB, and ${grown} kB more`);
		t.ok(isAlive(klaxon));
		process.kill(klaxon, "SIGTERM");
		await waitFor("its end", () => !isAlive(klaxon));
		t.equal(sum(await log.messages()), 3);
	});

/** A byte a second, and how long the trap listens to that. */
async function drip(): Promise<number> {
	const begun = performance.now();
	const socket = connect(PORT, "127.0.0.1").on("error", () => {});
	const ended = new AbortController();
	socket.on("close", () => ended.abort()).resume();
	await once(socket, "connect");
	socket.write("x");
	const { signal } = ended;
	try {
		for await (const _ of setInterval(1000, undefined, { signal }))
			socket.write("x");
	} catch {
		// it is over
	}
	return performance.now() - begun;
}

for (const wait of ["nowait.1000", "wait"] as const)
	t.test(`${wait}: a peer that drips has two seconds`, async (t) => {
		const seen = new Set(log.lines().map(({ message }) => message));
		const inetd = await serve("-n --read 64 --idle 1", wait);
		const ms = await drip();
		t.ok(ms > 1900 && ms < 8000, `${ms} ms`);
		t.teardown(() => inetd.stop());
		const isAlert = ({ message }: SyslogLine) =>
			message.startsWith("ALERT: ") && !seen.has(message);
		const [line] = await log.waitForLines(isAlert);
		t.match(line?.message, / data="x{1,8}"$/);
	});

/** The most descriptors that a process had open until it ended. */
async function mostDescriptors(pid: number): Promise<number> {
	let most = 0;
	await waitFor(
		"its end",
		() => {
			try {
				most = Math.max(most, readdirSync(`/proc/${pid}/fd`).length);
			} catch {
				return true;
			}
			return !isAlive(pid);
		},
		15_000,
	);
	return most;
}

t.test("wait: 500 silent peers are examined 64 at a time", async (t) => {
	const PEERS = 500;
	const inetd = await serve("-n --read 64 --idle 1", "wait");
	t.teardown(() => inetd.stop());
	const before = log.lines().length;
	await touch("127.0.0.1", PORT, { send: "x".repeat(64) });
	await log.waitForLines(before + 1); // it is still there, to say it later
	await log.messages();
	const [klaxon = 0] = klaxonsOf(inetd);
	const idle = readdirSync(`/proc/${klaxon}/fd`).length;
	const most = mostDescriptors(klaxon);
	const begun = performance.now();
	const touches = await Promise.all(
		Array.from({ length: PEERS }, (_, i) =>
			touch("127.0.0.1", PORT, { from: `127.0.${1 + (i % 50)}.1` }),
		),
	);
	const ms = performance.now() - begun;
	t.equal(touches.map(({ said }) => said).join(""), "");
	t.ok(ms < 12_000, `all are let go after ${ms} ms`);
	const grown = (await most) - idle;
	t.ok(grown > 64 - 10 && grown < 64 + 20, `${grown} descriptors more`);
	const lines = await log.messages();
	t.equal(lines.length, PEERS, "one line each");
	const missing = touches.filter(
		({ from }) =>
			!lines.some(
				(line) =>
					line.includes(`host ${from.address} `) &&
					line.includes(` sport=${from.port} `),
			),
	);
	t.strictSame(missing, []);
});
