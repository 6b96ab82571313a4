import type { NetworkInterfaceInfo } from "node:os";
import { type Cidr, parseAddress, type Words } from "../config/cidr.ts";

/** What os.networkInterfaces() answers. */
export type InterfaceTable = NodeJS.Dict<NetworkInterfaceInfo[]>;

/** This host's own addresses, all interfaces together. */
export function ownAddresses(table: InterfaceTable): Words[] {
	const infos = Object.values(table).flatMap((list) => list ?? []);
	return infos.flatMap(({ address }) => {
		const words = parseAddress(address);
		return words ? [words] : [];
	});
}

/** The MAC addresses of the interfaces that have an address. */
export function ownMacs(table: InterfaceTable): string[] {
	const infos = Object.values(table).flatMap((list) => list ?? []);
	return [...new Set(infos.map(({ mac }) => mac))];
}

/** The networks the interfaces are in, but for the loopback's. */
export function ownNetworks(table: InterfaceTable): Cidr[] {
	const infos = Object.values(table).flatMap((list) => list ?? []);
	return infos.flatMap(({ cidr, internal, family }) => {
		const [address = "", length] = cidr?.split("/") ?? [];
		const words = parseAddress(address);
		if (!words || internal) return [];
		const version = family === "IPv4" ? 4 : 6;
		const bits = Number(length) + (version === 4 ? 96 : 0);
		return [{ words, bits, version } as const];
	});
}
