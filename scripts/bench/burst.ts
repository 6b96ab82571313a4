/** wait: 100,000 connects from 20,000 addresses, none lost, little memory. */
import { readFileSync } from "node:fs";
import { type Peer, startRsyslog } from "../../test/system/harness.ts";
import type { Plan } from "./client.ts";
import { count, type Row, ratio } from "./table.ts";
import {
	childOf,
	dismiss,
	finalTally,
	klaxonLine,
	openInetd,
	stage,
	total,
	touch,
} from "./trap.ts";

const PORT = 7001;
const CONNECTS = 100_000;
const SOURCES = 20_000;
const MOST_MB = 90;
/** ms between looks at a process; its peak only ever grows, so little is missed at its end. */
const LOOK_MS = 2;

/** kB of a process's memory as proc_pid_status(5) has it; undefined when it is gone. */
export function memoryOf(
	pid: number,
	field: "VmHWM" | "VmRSS",
): number | undefined {
	try {
		const status = readFileSync(`/proc/${pid}/status`, "utf8");
		const kb = new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(status)?.[1];
		return kb === undefined ? undefined : Number(kb);
	} catch {
		return undefined;
	}
}

/** Follows the peak of a process until it is gone. */
function watchPeak(pid: number): () => number {
	let peak = 0;
	const timer = setInterval(() => {
		peak = memoryOf(pid, "VmHWM") ?? peak;
	}, LOOK_MS);
	return () => {
		clearInterval(timer);
		return peak;
	};
}

/** What the client saw, and the memory of the trap that `inetd` started. */
async function storm(inetd: Peer) {
	const plan: Plan = {
		targets: [{ port: PORT, connects: 1 }],
		rounds: 1,
		sources: { net: 50, hosts: SOURCES },
		leave: "after the trap",
	};
	await touch(plan, 10_000);
	const pid = childOf(inetd, "burst");
	const firstKb = memoryOf(pid, "VmRSS") ?? 0;
	const rest = { port: PORT, connects: CONNECTS - 1 };
	const { seconds } = await touch({ ...plan, targets: [rest] }, 80_000);
	const peak = watchPeak(pid);
	await dismiss(pid);
	return { firstKb, peakKb: peak(), seconds: seconds[0]?.[0] ?? 0 };
}

export function burst(): Promise<Row[]> {
	return stage(async (keep) => {
		const syslog = await keep(startRsyslog());
		const inetd = await keep(openInetd(klaxonLine(PORT, "burst")));
		const { firstKb, peakKb, seconds } = await storm(inetd);
		const told = await finalTally(syslog, "burst", CONNECTS);
		const { singles, folded } = told;
		const mb = peakKb / 1024;
		const rate = count(Math.round(CONNECTS / seconds));
		return [
			{
				what: `${count(CONNECTS)} connects from ${count(SOURCES)} sources in wait mode, alerts + folded encounters`,
				measured: `${count(singles.length)} + ${count(folded)} = ${count(total(told))} (${rate}/s)`,
				target: count(CONNECTS),
				met: total(told) === CONNECTS,
			},
			{
				what: "the same, peak RSS",
				measured: `${mb.toFixed(1)} MB, ${ratio(peakKb / firstKb)} its own after the first`,
				target: `<= ${MOST_MB} MB`,
				met: peakKb > 0 && mb <= MOST_MB,
			},
		];
	});
}
