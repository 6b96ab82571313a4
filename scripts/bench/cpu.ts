import { readdirSync, readFileSync } from "node:fs";

/** ms of CPU so far, all threads: proc_pid_schedstat counts nanoseconds, where stat has ticks of 10 ms. */
export function cpuMs(pid: number): number {
	const tasks = `/proc/${pid}/task`;
	const times = readdirSync(tasks).map((task) =>
		Number(readFileSync(`${tasks}/${task}/schedstat`, "utf8").split(" ")[0]),
	);
	return times.reduce((sum, ns) => sum + ns, 0) / 1e6;
}
