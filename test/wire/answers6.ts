/** DHCPv6 messages and router advertisements for tests, written independently of src/wire. */
import { address, hex, join, number } from "./frames.ts";

export const option6 = (code: number, ...body: Parameters<typeof join>) => {
	const bytes = join(...body);
	return join([code, 2], [bytes.length, 2], bytes);
};

export const serverId = (duid: string): Buffer => option6(2, hex(duid));
export const clientId = (duid: string): Buffer => option6(1, hex(duid));
export const dnsServers = (...list: string[]): Buffer =>
	option6(23, ...list.map(address));
export const domainList = (...names: string[]): Buffer =>
	option6(24, ...names.map(domain));

/** `example.org` in the wire's form. */
export const domain = (name: string): Buffer =>
	join(
		...name
			.split(".")
			.map((label) => join([label.length, 1], Buffer.from(label, "latin1"))),
		[0, 1],
	);

export const iaAddress = (
	ip: string,
	preferred: number,
	valid: number,
): Buffer => option6(5, address(ip), [preferred, 4], [valid, 4]);

export const iaNa = (
	iaid: number,
	t1: number,
	t2: number,
	...options: Buffer[]
): Buffer => option6(3, [iaid, 4], [t1, 4], [t2, 4], ...options);

export const dhcp6 = (type: number, ...options: Buffer[]): Buffer =>
	join([type, 1], [0xabcdef, 3], ...options);

/** RELAY-REPLY around a message, or around what a relay holds. */
export const relayed = (message: Buffer, hops = 0): Buffer =>
	join(
		[13, 1],
		[hops, 1],
		address("2001:db8::1"),
		address("fe80::2"),
		option6(9, message),
	);

export interface Advertised {
	hopLimit?: number;
	/** M 0x80, O 0x40, preference high 0x08, low 0x18. */
	flags?: number;
	lifetime?: number;
	code?: number;
}

export const ra = (
	{ hopLimit = 64, flags = 0, lifetime = 1800, code = 0 }: Advertised,
	...options: Buffer[]
): Buffer =>
	join(
		[134, 1],
		[code, 1],
		[0, 2],
		[hopLimit, 1],
		[flags, 1],
		[lifetime, 2],
		number(0, 8),
		...options,
	);

export const sourceMac = (mac: string): Buffer =>
	join([1, 1], [1, 1], hex(mac));

export const mtu = (bytes: number): Buffer =>
	join([5, 1], [1, 1], [0, 2], [bytes, 4]);

/** On-link and autonomous. */
export const prefix = (ip: string, bits: number, valid = 86_400): Buffer =>
	join(
		[3, 1],
		[4, 1],
		[bits, 1],
		[0xc0, 1],
		[valid, 4],
		[14_400, 4],
		[0, 4],
		address(ip),
	);

export const rdnss = (lifetime: number, ...list: string[]): Buffer =>
	join(
		[25, 1],
		[1 + 2 * list.length, 1],
		[0, 2],
		[lifetime, 4],
		...list.map(address),
	);

/** A list of names, padded. */
export function dnssl(lifetime: number, ...names: string[]): Buffer {
	const body = join(...names.map(domain));
	const padding = Buffer.alloc((8 - (body.length % 8)) % 8);
	const units = 1 + (body.length + padding.length) / 8;
	return join([31, 1], [units, 1], [0, 2], [lifetime, 4], body, padding);
}
