import { readdirSync, readFileSync } from "node:fs";
import type { Peer } from "./process.ts";
import { waitFor } from "./wait.ts";

/** A super-server whose `stop` also ends what it started, which would hold its ports for the next one. */
export function withChildren(server: Peer): Peer {
	const stop = async (signal?: NodeJS.Signals) => {
		const children = childrenOf(server.pid);
		await server.stop(signal);
		await Promise.all(children.map(end));
	};
	return { ...server, stop };
}

/** The processes that this one started and that still run. */
export function childrenOf(pid: number): number[] {
	return readdirSync("/proc")
		.filter((name) => /^\d+$/.test(name))
		.map(Number)
		.filter((child) => statusOf(child)?.parent === pid && isAlive(child));
}

export function isAlive(pid: number): boolean {
	const state = statusOf(pid)?.state;
	return state !== undefined && state !== "Z";
}

/** SIGTERM, and SIGKILL where that changes nothing for 3 s. */
async function end(pid: number): Promise<void> {
	signal(pid, "SIGTERM");
	const gone = () => !isAlive(pid);
	await waitFor(`${pid} to end`, gone, 3000).catch(() =>
		signal(pid, "SIGKILL"),
	);
	await waitFor(`${pid} to die`, gone);
}

function signal(pid: number, name: NodeJS.Signals): void {
	try {
		process.kill(pid, name);
	} catch {
		// It has ended by itself.
	}
}

function statusOf(pid: number): { state: string; parent: number } | undefined {
	try {
		// The name before these may itself contain blanks and parentheses.
		const [state = "", parent] = readFileSync(`/proc/${pid}/stat`, "utf8")
			.replace(/^.*\) /s, "")
			.split(" ");
		return { state, parent: Number(parent) };
	} catch {
		return undefined;
	}
}
