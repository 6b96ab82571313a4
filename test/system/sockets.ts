import { readdirSync, readFileSync, readlinkSync } from "node:fs";

const LISTENING = { tcp: "0A", tcp6: "0A", udp: "07", udp6: "07" } as const;

/**
 * The ports a process waits on, one for each socket, read from /proc:
 * to ask by connecting would set off the trap.
 */
export function listeningPorts(pid: number): number[] {
	const inodes = socketsOf(pid);
	return Object.entries(LISTENING).flatMap(([table, state]) =>
		readFileSync(`/proc/${pid}/net/${table}`, "utf8")
			.split("\n")
			.slice(1)
			.map((line) => line.trim().split(/\s+/))
			.filter((row) => row[3] === state && inodes.has(row[9] ?? ""))
			.map((row) => Number.parseInt(row[1]?.split(":")[1] ?? "", 16)),
	);
}

/**
 * A probe for "ready": the process waits on all these services ("7001", "exec", "127.0.0.1:exec"),
 * and has opened no socket since the last look, as it may open a second one for IPv6.
 * Names that nobody knows are left out; the server leaves them out as well.
 */
export function listensOn(
	services: readonly (string | number)[],
): (pid: number) => boolean {
	const wanted = services.map(portOf).filter((port) => port !== undefined);
	let before = "";
	return (pid) => {
		const ports = peek(pid);
		const now = ports.join();
		const same = now === before;
		before = now;
		return same && wanted.every((port) => ports.includes(port));
	};
}

function portOf(service: string | number): number | undefined {
	const name = `${service}`.replace(/^.*:/, "");
	if (/^\d+$/.test(name)) return Number(name);
	const line = readFileSync("/etc/services", "utf8")
		.split("\n")
		.find((line) => line.replace(/#.*/, "").split(/\s+/).includes(name));
	return line === undefined
		? undefined
		: Number.parseInt(line.split(/\s+/)[1] ?? "", 10);
}

function peek(pid: number): number[] {
	try {
		return listeningPorts(pid);
	} catch {
		return []; // it has just ended, which its starter finds out
	}
}

function socketsOf(pid: number): Set<string> {
	const folder = `/proc/${pid}/fd`;
	const inodes = readdirSync(folder).map((fd) => {
		try {
			return /^socket:\[(\d+)\]$/.exec(readlinkSync(`${folder}/${fd}`))?.[1];
		} catch {
			return undefined; // closed since the folder was read
		}
	});
	return new Set(inodes.filter((inode) => inode !== undefined));
}
