import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { basename } from "node:path";
import type { Interface } from "./handle.ts";

/** sysfs(5) */
const SYS = "/sys/class/net";

/** Kinds of masters that hear all that their ports hear; others (VRFs, mesh networks) only a part of it. */
const HEARS_PORTS: readonly unknown[] = ["bridge", "bond", undefined]; // no kind: team, netvsc
/** Kinds made of a part of what their parent hears; others (tunnels) unpack what it can't read. */
const PART_OF_PARENT: readonly unknown[] = ["vlan", "ipvlan", undefined]; // no kind: macvlan

/** Names of the network interfaces in this namespace, by proc_pid_net(5). */
export function interfaceNames(): string[] {
	const text = readFileSync("/proc/self/net/dev", "latin1");
	return [...text.matchAll(/^\s*([^\s:]+):/gm)].map(
		([, name]) => name as string,
	);
}

/** What `read` reads, or undefined where there is no such file. */
function ifThere<T>(read: () => T): T | undefined {
	try {
		return read();
	} catch {
		return undefined;
	}
}

/** How interfaces stand to each other, by sysfs. */
function createKinship(sys: string) {
	const kind = (name: string): string | undefined => {
		const text = ifThere(() => readFileSync(`${sys}/${name}/uevent`, "latin1"));
		return /^DEVTYPE=(.+)$/m.exec(text ?? "")?.[1];
	};
	return {
		/** The bridge, bond or team that hears all of this port. */
		master(name: string): string | undefined {
			const link = `${sys}/${name}/master`;
			if (!lstatSync(link, { throwIfNoEntry: false })) return undefined;
			const master = basename(ifThere(() => readlinkSync(link)) ?? "");
			return HEARS_PORTS.includes(kind(master)) ? master : undefined;
		},
		/** The interfaces that a VLAN or its like is a part of. */
		parents(name: string): string[] {
			const lower = (ifThere(() => readdirSync(`${sys}/${name}`)) ?? [])
				.filter((entry) => entry.startsWith("lower_"))
				.map((entry) => entry.slice("lower_".length));
			return lower.length > 0 && PART_OF_PARENT.includes(kind(name))
				? lower
				: [];
		},
	};
}

/** Interfaces that stand for themselves: none of a bridge's or bond's ports, whose addresses that has. */
export function withoutPorts<T extends { name: string }>(
	found: readonly T[],
	sys = SYS,
): T[] {
	const kin = createKinship(sys);
	return found.filter(({ name }) => kin.master(name) === undefined);
}

/**
 * Which interfaces to watch so that each packet is seen once: of a bridge and its ports the bridge, of a
 * VLAN and its parent the parent, which sees the tagged frames, where those are up and wanted. What is
 * named by a pattern is watched in any case. Where sysfs is another namespace's, all are watched: better
 * twice than never.
 */
export function chooseInterfaces(
	found: readonly Interface[],
	wants: (name: string) => boolean,
	isNamed: boolean,
	sys = SYS,
): Interface[] {
	const wanted = found.filter(({ name }) => wants(name));
	if (isNamed) return wanted;
	const listed = new Set(ifThere(() => readdirSync(sys)));
	if (found.some(({ name }) => !listed.has(name))) return wanted;
	const kin = createKinship(sys);
	const up = new Set(wanted.flatMap(({ name, isUp }) => (isUp ? [name] : [])));
	const heardByMaster = (name: string) => up.has(kin.master(name) ?? "");
	return wanted.filter(
		({ name }) =>
			!heardByMaster(name) &&
			!kin
				.parents(name)
				.some((parent) => up.has(parent) && !heardByMaster(parent)),
	);
}
