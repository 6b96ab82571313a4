import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { basename } from "node:path";
import type { Interface } from "./libpcap.ts";

/** Where the kernel tells of its interfaces: sysfs(5), and proc_pid_net(5) of this network namespace. */
export interface DeviceFiles {
	sys: string;
	dev: string;
}
const FILES: DeviceFiles = {
	sys: "/sys/class/net",
	dev: "/proc/self/net/dev",
};

/** Kinds of masters that hear all that their ports hear; others (VRFs, mesh networks) only a part of it. */
const HEARS_PORTS: readonly unknown[] = ["bridge", "bond", undefined]; // no kind: team, netvsc
/** Kinds made of a part of what their parent hears; others (tunnels) unpack what it can't read. */
const PART_OF_PARENT: readonly unknown[] = ["vlan", "ipvlan", undefined]; // no kind: macvlan

/** Names of the network interfaces in this namespace; libpcap lists much else (usbmon, nflog, any). */
function networkInterfaces(file: string): Set<string> {
	const text = readFileSync(file, "latin1");
	return new Set(
		[...text.matchAll(/^\s*([^\s:]+):/gm)].map(([, name]) => name as string),
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
			const link = ifThere(() => readlinkSync(`${sys}/${name}/master`));
			const master = link && basename(link);
			return master && HEARS_PORTS.includes(kind(master)) ? master : undefined;
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
	{ sys, dev }: DeviceFiles = FILES,
): Interface[] {
	const real = networkInterfaces(dev);
	const wanted = found.filter(({ name }) => real.has(name) && wants(name));
	if (isNamed) return wanted;
	const listed = new Set(ifThere(() => readdirSync(sys)));
	if ([...real].some((name) => !listed.has(name))) return wanted;
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
