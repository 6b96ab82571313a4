/** wait: how long until the first alert is out, and what the trap costs while nobody comes. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { type Peer, startRsyslog } from "../../test/system/harness.ts";
import { memoryOf } from "./burst.ts";
import {
	close,
	connect,
	connectedPair,
	datagramsAt,
	ipAddress,
	limitWait,
	receive,
	runOn,
} from "./libc.ts";
import { median, type Row, ratio } from "./table.ts";
import {
	childOf,
	dismiss,
	finalTally,
	inetdLine,
	klaxonLine,
	openInetd,
	stage,
} from "./trap.ts";

const PORT = 7001;
const BARE_PORT = 7002;
const STARTS = 15;
const IDLE_MS = 5000;
const EMPTY = "/tmp/empty.cjs";

function poke(port: number): void {
	const fd = connect(ipAddress("127.0.0.1", 0), ipAddress("127.0.0.1", port));
	limitWait(fd);
	receive(fd);
	close(fd);
}

function bareRun(): number {
	const [client, server] = connectedPair("127.0.0.1");
	const start = performance.now();
	runOn(server, [process.execPath, EMPTY], []);
	const ms = performance.now() - start;
	close(server);
	close(client);
	return ms;
}

/** From the connect that makes inetd start the trap to the line on /dev/log, where we listen ourselves. */
function firstAlert(): Promise<Row[]> {
	writeFileSync(EMPTY, "");
	const log = datagramsAt("/dev/log");
	return stage(async (keep) => {
		const inetd = await keep(openInetd(klaxonLine(PORT, "first")));
		const ratios: number[] = [];
		while (ratios.length < STARTS) {
			const bareMs = bareRun();
			const start = performance.now();
			poke(PORT);
			if (receive(log) === 0) throw new Error("no alert on /dev/log");
			ratios.push((performance.now() - start) / bareMs);
			await dismiss(childOf(inetd, "first"));
		}
		return [
			{
				what: "wait, from the connect that starts it to its first alert on /dev/log",
				measured: `${ratio(median(ratios))} the bare runtime on an empty file`,
			},
		];
	}).finally(() => {
		close(log);
		rmSync("/dev/log");
	});
}

/** ms of CPU and how often it woke up, so far. */
function efforts(pid: number): { cpuMs: number; wakeups: number } {
	const stat = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /s, "");
	const [utime = 0, stime = 0] = stat.split(" ").slice(11, 13).map(Number);
	const status = readFileSync(`/proc/${pid}/status`, "utf8");
	const wakeups = /^voluntary_ctxt_switches:\s+(\d+)/m.exec(status)?.[1];
	return { cpuMs: (utime + stime) * 10, wakeups: Number(wakeups) };
}

async function quiet(inetd: Peer): Promise<Row[]> {
	const [pid, bare] = [childOf(inetd, "quiet"), childOf(inetd, "bare.cjs")];
	await sleep(1000); // it has loaded all it needs and told its alert
	const before = efforts(pid);
	await sleep(IDLE_MS);
	const after = efforts(pid);
	const [own = 0, reference = 1] = [pid, bare].map((each) =>
		memoryOf(each, "VmRSS"),
	);
	const wakeups = (1000 * (after.wakeups - before.wakeups)) / IDLE_MS;
	const cpu = (100 * (after.cpuMs - before.cpuMs)) / IDLE_MS;
	return [
		{
			what: "wait, RSS while idle",
			measured: `${ratio(own / reference)} a bare Node server (${(own / 1024).toFixed(1)} MB)`,
		},
		{
			what: "wait, CPU while idle, the first minute after an encounter",
			measured: `${cpu.toFixed(1)} % of a core, ${wakeups.toFixed(1)} wakeups/s`,
		},
	];
}

function atRest(): Promise<Row[]> {
	return stage(async (keep) => {
		const syslog = await keep(startRsyslog());
		const bare = `${process.execPath} node /tmp/bare.cjs`;
		const inetd = await keep(
			openInetd(klaxonLine(PORT, "quiet"), inetdLine(BARE_PORT, "wait", bare)),
		);
		poke(PORT);
		poke(BARE_PORT);
		await finalTally(syslog, "quiet", 1);
		return quiet(inetd);
	});
}

export const idle = async (): Promise<Row[]> => [
	...(await firstAlert()),
	...(await atRest()),
];
