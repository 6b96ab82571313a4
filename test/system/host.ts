import { must, type Place, peer, type Result, run } from "./process.ts";

/** Another machine on the sandbox's network: a network namespace of its own on the same bridge. */
export interface Host extends Place {
	readonly name: string;
	readonly ipv4: string;
	readonly ipv6: string;
	readonly mac: string;
}

/** The sandbox's own addresses on that network; its interface is `lan0`. */
export const home = { ipv4: "10.77.0.1", ipv6: "2001:db8:77::1" } as const;

let count = 1;

/** Plugs a host named `name` into the network, which the first one brings into being. */
export async function addHost(name: string): Promise<Host> {
	if (count === 1) await ip(network());
	count += 1;
	const number = count;
	const host = {
		name,
		ipv4: `10.77.0.${number}`,
		ipv6: `2001:db8:77::${number.toString(16)}`,
		mac: `02:00:00:00:00:${number.toString(16).padStart(2, "0")}`,
		enter: ["/usr/bin/nsenter", `--net=/run/netns/${name}`],
	};
	await ip([
		`netns add ${name}`,
		`link add port${number} type veth peer name eth0 address ${host.mac} netns ${name}`,
		`link set port${number} master lan0 up`,
	]);
	await ip(addresses("eth0", host), ["-n", name]);
	return host;
}

/** Runs a command on a host, or in the sandbox itself where `host` is undefined. */
export function runIn(
	host: Host | undefined,
	command: string,
	args: readonly string[] = [],
	options: Parameters<typeof run>[2] = {},
): Promise<Result> {
	return run(command, args, { ...options, at: host });
}

function network(): string[] {
	return [
		"link add lan0 address 02:00:00:00:00:01 type bridge",
		...addresses("lan0", home),
	];
}

function addresses(
	device: string,
	{ ipv4, ipv6 }: { ipv4: string; ipv6: string },
): string[] {
	return [
		`address add ${ipv4}/24 dev ${device}`,
		// Nobody else has it, and to find that out would take a second.
		`address add ${ipv6}/64 dev ${device} nodad`,
		"link set lo up",
		`link set ${device} up`,
	];
}

async function ip(lines: string[], args: string[] = []): Promise<void> {
	await must(peer("ip"), [...args, "-batch", "-"], { input: lines.join("\n") });
}
