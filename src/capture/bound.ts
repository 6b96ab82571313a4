import { readFileSync } from "node:fs";

/** ms for which what was read is believed. */
const FRESH = 1_000;
/** <net/tcp_states.h>: TCP_LISTEN; UDP sockets that are not connected stand as TCP_CLOSE. */
const TCP_LISTEN = "0A";
const UDP_OPEN = "07";

/** The local ports of the sockets in a /proc/net/tcp or udp file that are in `state`. */
export function boundPorts(file: string, state: string): Set<number> {
	const ports = new Set<number>();
	for (const line of file.split("\n")) {
		const [, port, of] =
			/^\s*\d+: [\dA-F]+:([\dA-F]{4}) [\dA-F]+:[\dA-F]{4} ([\dA-F]{2})/.exec(
				line,
			) ?? [];
		if (port && of === state) ports.add(Number.parseInt(port, 16));
	}
	return ports;
}

/**
 * Whether this host has a socket that takes what comes to a port, as proc_net_tcp(5) tells: a service
 * that never answers (syslog, tftp from its own port) is no closed port. Undefined where /proc is silent.
 */
export function createBound(
	now: () => number,
): (transport: "tcp" | "udp", port: number) => boolean | undefined {
	const known = new Map<string, { at: number; ports: Set<number> }>();

	function read(transport: "tcp" | "udp"): Set<number> {
		const state = transport === "tcp" ? TCP_LISTEN : UDP_OPEN;
		const files = [transport, `${transport}6`].flatMap((name) => {
			try {
				return [readFileSync(`/proc/self/net/${name}`, "latin1")];
			} catch {
				return [];
			}
		});
		if (files.length === 0) throw new Error("no /proc");
		return new Set(files.flatMap((file) => [...boundPorts(file, state)]));
	}

	return (transport, port) => {
		const last = known.get(transport);
		if (last && now() - last.at < FRESH) return last.ports.has(port);
		try {
			const ports = read(transport);
			known.set(transport, { at: now(), ports });
			return ports.has(port);
		} catch {
			return undefined;
		}
	};
}
