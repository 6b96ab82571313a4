import { readFileSync } from "node:fs";
import type { Words } from "../config/cidr.ts";

/** ms for which what was read is believed. */
const FRESH = 1_000;
/** <net/tcp_states.h>: TCP_LISTEN; UDP sockets that are not connected stand as TCP_CLOSE. */
export const TCP_LISTEN = "0A";
export const UDP_OPEN = "07";

const isLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

type Transport = "tcp" | "udp";
/** Whether a socket takes what comes to a port of an own address; undefined where nobody can tell. */
export type IsBound = (
	transport: Transport,
	port: number,
	address: Words,
) => boolean | undefined;

/** A word as proc_net_tcp(5) prints it: the address's bytes, read as the machine reads a number. */
function hexWord(word: number): string {
	const swapped =
		((word & 0xff) << 24) |
		((word & 0xff00) << 8) |
		((word >>> 8) & 0xff00) |
		(word >>> 24);
	const bits = isLittleEndian ? swapped : word;
	return (bits >>> 0).toString(16).toUpperCase().padStart(8, "0");
}

/** The local addresses that take what comes to an address: it itself, and those that stand for all. */
function takers(address: Words): string[] {
	const text = address.map(hexWord);
	const any6 = "0".repeat(32);
	const isIpv4 = address[0] === 0 && address[1] === 0 && address[2] === 0xffff;
	return isIpv4
		? [text[3] as string, text.join(""), "0".repeat(8), any6]
		: [text.join(""), any6];
}

/** Local `ADDRESS:PORT`s of the sockets in a /proc/net/{tcp,udp}{,6} file that are in `state`. */
export function boundSockets(file: string, state: string): Set<string> {
	const sockets = new Set<string>();
	for (const line of file.split("\n")) {
		const [, local, of] =
			/^\s*\d+: ([\dA-F]+:[\dA-F]{4}) [\dA-F]+:[\dA-F]{4} ([\dA-F]{2})/.exec(
				line,
			) ?? [];
		if (local && of === state) sockets.add(local);
	}
	return sockets;
}

/** Whether one of the sockets takes what comes to a port of an address. */
export function takes(
	sockets: ReadonlySet<string>,
	port: number,
	address: Words,
): boolean {
	const hex = port.toString(16).toUpperCase().padStart(4, "0");
	return takers(address).some((taker) => sockets.has(`${taker}:${hex}`));
}

/** A file of this network namespace's. */
const readNet = (name: string) =>
	readFileSync(`/proc/self/net/${name}`, "latin1");

/**
 * Whether this host has a socket that takes what comes to a port, as proc_net_tcp(5) tells: a service
 * that never answers (syslog, tftp from its own port) is no closed port. Undefined where /proc is silent.
 */
export function createBound(
	now: () => number,
	readFile: (name: string) => string = readNet,
): IsBound {
	const known = new Map<Transport, { at: number; sockets?: Set<string> }>();

	function read(transport: Transport): Set<string> | undefined {
		const state = transport === "tcp" ? TCP_LISTEN : UDP_OPEN;
		const files = [transport, `${transport}6`].flatMap((name) => {
			try {
				return [readFile(name)];
			} catch {
				return []; // a kernel without IPv6 has no tcp6
			}
		});
		if (files.length === 0) return undefined;
		return new Set(files.flatMap((file) => [...boundSockets(file, state)]));
	}

	return (transport, port, address) => {
		let last = known.get(transport);
		if (!last || now() - last.at >= FRESH) {
			const sockets = read(transport);
			last = { at: now(), ...(sockets && { sockets }) };
			known.set(transport, last);
		}
		return last.sockets && takes(last.sockets, port, address);
	};
}
