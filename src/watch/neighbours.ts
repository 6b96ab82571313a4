import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";

/** Where ip(8) of iproute2 is, for it alone tells of IPv6's neighbours. */
const IP = "/sbin/ip";
/** ms it may take. */
const DEADLINE_MS = 1000;

/** MAC addresses by IP address, by proc_pid_net(5)'s arp: what is not complete has none. */
export function parseArp(text: string): Map<string, string> {
	const rows = text.split("\n").slice(1);
	return new Map(
		rows.flatMap((row) => {
			const [ip = "", , , mac = "00:00:00:00:00:00"] = row.split(/\s+/);
			return mac === "00:00:00:00:00:00" ? [] : [[ip, mac] as const];
		}),
	);
}

/** The same by `ip neigh`: `fe80::2 dev eth0 lladdr 02:00:00:00:00:02 STALE`. */
export function parseNeighbours(text: string): Map<string, string> {
	const rows = text.matchAll(/^(\S+) dev \S+ lladdr ([\da-f:]{17})(?= |$)/gm);
	return new Map([...rows].map(([, ip = "", mac = ""]) => [ip, mac]));
}

/**
 * What this host's neighbour tables know: who answers us by unicast stands there, unless he never asked for
 * our MAC address. Nothing where they can't be read; never rejects.
 */
export async function neighbours(): Promise<Map<string, string>> {
	const known = new Map<string, string>();
	try {
		for (const entry of parseArp(readFileSync("/proc/net/arp", "latin1")))
			known.set(...entry);
		const options = { timeout: DEADLINE_MS, encoding: "latin1" } as const;
		const args = ["-6", "neigh", "show"];
		const { stdout } = await promisify(execFile)(IP, args, options);
		for (const entry of parseNeighbours(stdout)) known.set(...entry);
	} catch {} // without iproute2: IPv4's alone
	return known;
}
