/** A set of ports: 8,192 bytes, one bit a port, the lowest port in the lowest bit. */
export type PortSet = Uint8Array;

/** A watch needs one for each. */
export type PortSets = Record<"tcp" | "udp", PortSet>;

/** Ports of TCP and UDP are 16 bits (RFC 9293 section 3.1, RFC 768). */
export const MAX_PORT = 65535;

export const emptyPorts = (): PortSet => new Uint8Array((MAX_PORT + 1) / 8);

export const allPorts = (): PortSet => emptyPorts().fill(0xff);

export const emptySets = (): PortSets => ({
	tcp: emptyPorts(),
	udp: emptyPorts(),
});

/** Whether a port (0-65535) is in the set; asked for each packet. */
export const hasPort = (set: PortSet, port: number): boolean =>
	((set[port >> 3] as number) & (1 << (port & 7))) !== 0;

/** Adds `first` to `last` (0-65535), both included. */
export function addRange(set: PortSet, first: number, last = first): void {
	for (let port = first; port <= last; port++)
		set[port >> 3] = (set[port >> 3] as number) | (1 << (port & 7));
}

/** These ports as a set of their own. */
export function portsOf(ports: Iterable<number>): PortSet {
	const set = emptyPorts();
	for (const port of ports) addRange(set, port);
	return set;
}

/** What is in either. */
export const union = (a: PortSet, b: PortSet): PortSet =>
	a.map((byte, i) => byte | (b[i] as number));

/** What is in `a` and not in `b`. */
export const without = (a: PortSet, b: PortSet): PortSet =>
	a.map((byte, i) => byte & ~(b[i] as number));

/** The set as the fewest ranges [first, last], ascending. */
export function toRanges(set: PortSet): [first: number, last: number][] {
	const ranges: [number, number][] = [];
	for (let port = 0; port <= MAX_PORT; port++) {
		if (!hasPort(set, port)) continue;
		const last = ranges.at(-1);
		if (last?.[1] === port - 1) last[1] = port;
		else ranges.push([port, port]);
	}
	return ranges;
}
