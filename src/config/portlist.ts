import type { Transport } from "../alert/alert.ts";
import { portOf } from "../trap/services.ts";
import { addRange, MAX_PORT, type PortSets } from "./portset.ts";
import { written } from "./written.ts";

const BOUNDS = `ports are 0 to ${MAX_PORT}`;

/** The first and last port of `22` or `6000-6063`, or what is wrong with it; undefined for a name. */
function parseRange(item: string): [number, number] | string | undefined {
	const [, from, to = from] = /^(\d+)(?:-(\d+))?$/.exec(item) ?? [];
	if (from === undefined)
		return /^[\d.-]+$/.test(item) ? `bad port '${item}': ${BOUNDS}` : undefined;
	const [first, last] = [Number(from), Number(to)];
	if (Math.max(first, last) > MAX_PORT) return `bad port '${item}': ${BOUNDS}`;
	return first <= last
		? [first, last]
		: `bad range '${item}': the lower port comes first`;
}

/**
 * Adds one item of a list of ports to the set of each of `transports`: a number, a range `6000-6063`,
 * `all`, or a name of services(5), which goes to those transports that have it. Answers a sentence
 * where the item can't be used, and adds nothing then. `services` is the text of a services(5) file.
 */
export function addPorts(
	sets: PortSets,
	item: unknown,
	transports: readonly Transport[],
	services?: string,
): string | undefined {
	if (typeof item !== "string" && typeof item !== "number")
		return `bad port ${written(item)}: give a number, "6000-6063", a service name or "all"`;
	const text = String(item);
	const range = text === "all" ? [0, MAX_PORT] : parseRange(text);
	if (typeof range === "string") return range;
	const found = transports.flatMap((transport) => {
		const port = range ? undefined : portOf(text, transport, services);
		const [first, last = first] = range ?? [port];
		return first === undefined ? [] : [{ transport, first, last }];
	});
	if (found.length === 0)
		return `unknown service '${text}': it is not in /etc/services for ${transports.join(" or ")}; give its port number`;
	for (const { transport, first, last } of found)
		addRange(sets[transport], first, last);
	return undefined;
}
