/** An address as a packet has it: four signed 32-bit words; IPv4 is mapped (RFC 4291 section 2.5.5.2). */
export type Words = readonly [number, number, number, number];

/** A network. `bits` count from the front of the 128, so an IPv4 /24 has 120. */
export interface Cidr {
	words: Words;
	bits: number;
	version: 4 | 6;
}

/** The second word but one of a mapped IPv4 address. */
const MAPPED = 0xffff;
const MAPPED_BITS = 96;

/** Four decimal bytes; a leading zero is octal to some (RFC 6943 section 3.1.1), so nobody's. */
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

const isMapped = (w0: number, w1: number, w2: number): boolean =>
	w0 === 0 && w1 === 0 && w2 === MAPPED;

/** The bits of word `i` (0-3) that a prefix of `bits` covers. */
export function mask(bits: number, i: number): number {
	const n = Math.min(Math.max(bits - 32 * i, 0), 32);
	return n === 0 ? 0 : -1 << (32 - n);
}

function parseIpv4(text: string): number {
	const [a = 0, b = 0, c = 0, d = 0] = text.split(".").map(Number);
	return (a << 24) | (b << 16) | (c << 8) | d;
}

/** Groups of an IPv6 address (RFC 4291 section 2.2), without `::`; its last four bytes may be dotted. */
function groups(text: string): number[] {
	if (text === "") return [];
	return text.split(":").flatMap((group) => {
		if (!group.includes(".")) return [Number.parseInt(group, 16)];
		const word = parseIpv4(group);
		return [word >>> 16, word & 0xffff];
	});
}

/** An address's words, or undefined where the text is none. Zones (`%eth0`) are not part of an address. */
export function parseAddress(text: string): Words | undefined {
	if (IPV4.test(text)) return [0, 0, MAPPED, parseIpv4(text)];
	// node:net knows as well, but loading it takes a tenth of klaxon's start.
	if (!/^[\da-f:.]+$/i.test(text) || !URL.canParse(`tcp://[${text}]`))
		return undefined;
	const [head = "", tail] = text.split("::");
	const [front, back] = [groups(head), groups(tail ?? "")];
	const gap = new Array<number>(8 - front.length - back.length).fill(0);
	const all = [...front, ...gap, ...back];
	const word = (i: number) => ((all[i] ?? 0) << 16) | (all[i + 1] ?? 0);
	return [word(0), word(2), word(4), word(6)];
}

/** An address's usual text; IPv6 shortened as RFC 5952 section 4 says, which is how URLs print it. */
export function formatAddress([w0, w1, w2, w3]: Words): string {
	if (isMapped(w0, w1, w2))
		return [w3 >>> 24, (w3 >>> 16) & 255, (w3 >>> 8) & 255, w3 & 255].join(".");
	const hex = [w0, w1, w2, w3].flatMap((word) => [word >>> 16, word & 0xffff]);
	const text = hex.map((group) => group.toString(16)).join(":");
	return new URL(`tcp://[${text}]`).hostname.slice(1, -1);
}

/** `10.0.0.0/8`, `2001:db8::/32`: as pcap-filter(7) takes it behind `net`. */
export function formatCidr({ words, bits, version }: Cidr): string {
	return `${formatAddress(words)}/${version === 4 ? bits - MAPPED_BITS : bits}`;
}

/** Whether a network holds an address. IPv6 networks, `::/0` among them, hold no IPv4 address. */
export function contains(
	{ words, bits, version }: Cidr,
	w0: number,
	w1: number,
	w2: number,
	w3: number,
): boolean {
	if (version === 6 && isMapped(w0, w1, w2)) return false;
	return (
		((w0 ^ words[0]) & mask(bits, 0)) === 0 &&
		((w1 ^ words[1]) & mask(bits, 1)) === 0 &&
		((w2 ^ words[2]) & mask(bits, 2)) === 0 &&
		((w3 ^ words[3]) & mask(bits, 3)) === 0
	);
}

/**
 * Reads `ADDRESS` or `ADDRESS/BITS`. Bits set behind the prefix are an error, since nobody can tell
 * whether the address or the network was meant. Answers a sentence where it can't be used.
 */
export function parseCidr(text: string): Cidr | string {
	const [, address = "", prefix] =
		/^([^/]+)(?:\/(0|[1-9]\d{0,2}))?$/.exec(text) ?? [];
	const words = parseAddress(address);
	if (!words)
		return `bad network '${text}': give ADDRESS or ADDRESS/BITS, as 192.0.2.0/24 or 2001:db8::/32`;
	const dotted = !address.includes(":");
	const max = dotted ? 32 : 128;
	const own = Number(prefix ?? max);
	if (own > max)
		return `bad network '${text}': an IPv${dotted ? 4 : 6} prefix has 0 to ${max} bits`;
	const bits = own + (dotted ? MAPPED_BITS : 0);
	const base = words.map((word, i) => word & mask(bits, i)) as [
		number,
		number,
		number,
		number,
	];
	const mapped = bits >= MAPPED_BITS && isMapped(words[0], words[1], words[2]);
	const cidr: Cidr = { words: base, bits, version: mapped ? 4 : 6 };
	if (base.some((word, i) => word !== words[i]))
		return `bad network '${text}': bits are set behind its prefix; the network is ${formatCidr(cidr)}, the address alone ${formatAddress(words)}`;
	return cidr;
}
