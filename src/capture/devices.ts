import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { Interface } from "./libpcap.ts";

const SYS = "/sys/class/net";

/** Names of the network interfaces in this namespace; libpcap lists much else (usbmon, nflog, any). */
function networkInterfaces(): Set<string> {
	const text = readFileSync("/proc/self/net/dev", "latin1");
	return new Set(
		[...text.matchAll(/^\s*([^\s:]+):/gm)].map(([, name]) => name as string),
	);
}

/** The interfaces that `name` is made of: a VLAN's parent, but not a bridge's ports, which it has as masters. */
function parents(name: string): string[] {
	try {
		return readdirSync(`${SYS}/${name}`)
			.filter((entry) => entry.startsWith("lower_"))
			.map((entry) => entry.slice("lower_".length))
			.filter((lower) => !existsSync(`${SYS}/${lower}/master`));
	} catch {
		return [];
	}
}

/**
 * Which interfaces to watch so that each packet is seen once: of a bridge and its ports the bridge, of a
 * VLAN and its parent the parent, which sees the tagged frames. What is named by a pattern is watched in
 * any case.
 */
export function chooseInterfaces(
	found: readonly Interface[],
	wants: (name: string) => boolean,
	isNamed: boolean,
): Interface[] {
	const real = networkInterfaces();
	const wanted = found.filter(({ name }) => real.has(name) && wants(name));
	if (isNamed) return wanted;
	const names = new Set(wanted.map(({ name }) => name));
	return wanted.filter(
		({ name }) =>
			!existsSync(`${SYS}/${name}/master`) &&
			!parents(name).some((parent) => names.has(parent)),
	);
}
