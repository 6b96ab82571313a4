import { readFileSync } from "node:fs";
import type { Transport } from "../alert/alert.ts";

/** Bytes of /etc/services that are read; Debian's is 13 kB. */
const MAX_FILE = 1 << 20;

/** services(5): the lines that name a service, as [names, port, transport]. */
function* entries(
	file: string,
): Generator<[names: string[], port: number, transport: string]> {
	for (const line of file.slice(0, MAX_FILE).split("\n")) {
		const [name, where, ...aliases] =
			line.split("#", 1)[0]?.trim().split(/\s+/) ?? [];
		const [, port, transport] = /^(\d+)\/(\w+)$/.exec(where ?? "") ?? [];
		if (name && port && transport)
			yield [[name, ...aliases], Number(port), transport];
	}
}

function servicesFile(): string {
	try {
		return readFileSync("/etc/services", "latin1");
	} catch {
		return ""; // a machine without netbase has numbers only
	}
}

/** The port of a service name or alias, or undefined. `file` is the text of a services(5) file. */
export function portOf(
	name: string,
	transport: Transport,
	file = servicesFile(),
): number | undefined {
	for (const [names, port, of] of entries(file))
		if (of === transport && names.includes(name)) return port;
	return undefined;
}

/** The name of a port's service, or the port's number as text. */
export function serviceOf(
	port: number,
	transport: Transport,
	file = servicesFile(),
): string {
	for (const [names, of, over] of entries(file))
		if (of === port && over === transport) return names[0] ?? String(port);
	return String(port);
}
