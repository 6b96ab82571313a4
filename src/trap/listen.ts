import type { Transport } from "../alert/alert.ts";
import { portOf } from "./services.ts";

/** A socket that `--listen` opens; without an address on all of them, IPv6 and IPv4. */
export interface Listen {
	transport: Transport;
	address: string | undefined;
	port: number;
}

/** Sockets of one klaxon; a default open-files limit is 1,024. */
export const MAX_LISTEN = 512;

function parsePorts(item: string, transport: Transport): number[] | string {
	const [, from, to] = /^(\d+)(?:-(\d+))?$/.exec(item) ?? [];
	if (from === undefined) {
		const port = portOf(item, transport);
		return port === undefined
			? `unknown service '${item}': it is not in /etc/services for ${transport}; give its port number`
			: [port];
	}
	const first = Number(from);
	const last = Number(to ?? from);
	if (first < 1 || last > 65535 || last < first)
		return `bad port '${item}': ports are 1 to 65535`;
	if (last - first >= MAX_LISTEN)
		return `too many ports in '${item}': at most ${MAX_LISTEN}`;
	return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

/** Literal, so that no name is ever looked up; a link-local one may have its zone. */
const isAddress = (text: string): boolean =>
	text.includes(":")
		? URL.canParse(`tcp://[${text.replace(/%.+$/, "")}]`)
		: text.split(".").every((byte) => Number(byte) < 256);

/**
 * Reads one `--listen [udp:][ADDR:]PORT[-PORT|,PORT...]`: an IPv4 address, or an IPv6 one in
 * brackets; ports by number or by service name. Answers a sentence where it can't be used.
 */
export function parseListen(text: string): Listen[] | string {
	const [, proto, v6, v4, list = ""] =
		/^(?:(tcp|udp):)?(?:\[([\da-fA-F:.%\w]+)\]:|(\d+\.\d+\.\d+\.\d+):)?(.*)$/.exec(
			text,
		) ?? [];
	const address = v6 ?? v4;
	if (address !== undefined && !isAddress(address))
		return `bad address '${address}' in '${text}'`;
	const sockets: Listen[] = [];
	for (const item of list.split(",")) {
		const [, own, ports = ""] = /^(?:(tcp|udp):)?(.*)$/.exec(item) ?? [];
		const transport = (own ?? proto ?? "tcp") as Transport;
		const numbers = parsePorts(ports, transport);
		if (typeof numbers === "string") return numbers;
		for (const port of numbers) sockets.push({ transport, address, port });
	}
	return sockets;
}
