import { ADDRESS6, addressAt, addressList } from "./address6.ts";
import { i32, u16 } from "./bytes.ts";
import { domainList } from "./domains.ts";

/** ICMPv6 types: RFC 4861 sections 4.1 and 4.2. */
export const ROUTER_SOLICITATION = 133;
export const ROUTER_ADVERTISEMENT = 134;

/** Bytes before the options. */
const HEADER = 16;
const SOLICITATION = 8;
/** Options of RFC 4861 section 4.6, RFC 4191, RFC 8106 and RFC 8910. */
const SOURCE_ADDRESS = 1;
const PREFIX = 3;
const MTU = 5;
const ROUTE = 24;
const RDNSS = 25;
const DNSSL = 31;
const CAPTIVE_PORTAL = 37;
/** Options are counted in units of 8 bytes. */
const UNIT = 8;
/** Prefixes and routes that are read. */
const MAX_LIST = 16;
/** Characters of a captive portal's address that are kept. */
const MAX_PORTAL = 256;

/** RFC 4191 section 2.1; the fourth value, which nobody may send, stands for medium. */
const PREFERENCES = ["medium", "high", "medium", "low"] as const;
export type Preference = (typeof PREFERENCES)[number];

/** Lifetimes in seconds, 0xffffffff for ever. */
export interface Prefix {
	address: string;
	bits: number;
	onLink: boolean;
	/** Hosts make addresses of it (RFC 4862). */
	autonomous: boolean;
	valid: number;
	preferred: number;
}

export interface RouteInformation {
	address: string;
	bits: number;
	preference: Preference;
	lifetime: number;
}

/** What is read of a router advertisement; options that tell of one thing may come several times. */
export interface RouterAdvertisement {
	code: number;
	/** What hosts are to write into their packets; 0: not told. */
	hopLimit: number;
	/** Addresses, and other things, are to be had by DHCPv6. */
	managed: boolean;
	other: boolean;
	preference: Preference;
	/** Seconds that it serves as default router; 0: it doesn't. */
	lifetime: number;
	/** The link-layer address it names as its own. */
	mac?: string;
	mtu?: number;
	prefixes: Prefix[];
	routes: RouteInformation[];
	/** DNS servers, and names to search in, each with its lifetime in seconds; 0: no longer. */
	dns: { address: string; lifetime: number }[];
	domains: { name: string; lifetime: number }[];
	/** A character for each byte, whatever it is. */
	portal?: string;
	/** Too short, or an option has no length, runs past the end or is not as long as its kind must be. */
	malformed: boolean;
}

const u32 = (b: Uint8Array, o: number): number => i32(b, o) >>> 0;

const preferenceOf = (flags: number): Preference =>
	PREFERENCES[(flags >> 3) & 3] as Preference;

const macAt = (b: Uint8Array, o: number): string =>
	Array.from(b.subarray(o, o + 6), (byte) =>
		byte.toString(16).padStart(2, "0"),
	).join(":");

/** RFC 4861 section 4.6.2. */
const prefixAt = (b: Uint8Array, o: number): Prefix => ({
	address: addressAt(b, o + 16),
	bits: b[o + 2] as number,
	onLink: ((b[o + 3] as number) & 0x80) !== 0,
	autonomous: ((b[o + 3] as number) & 0x40) !== 0,
	valid: u32(b, o + 4),
	preferred: u32(b, o + 8),
});

/** RFC 4191 section 2.3: the prefix has no more bytes than it needs. */
function routeAt(b: Uint8Array, o: number, end: number): RouteInformation {
	const prefix = new Uint8Array(ADDRESS6);
	prefix.set(b.subarray(o + 8, Math.min(end, o + 8 + ADDRESS6)));
	return {
		address: addressAt(prefix, 0),
		bits: b[o + 2] as number,
		preference: preferenceOf(b[o + 3] as number),
		lifetime: u32(b, o + 4),
	};
}

/** RFC 8106 section 5.2. */
function readDomains(
	b: Uint8Array,
	o: number,
	end: number,
	ra: RouterAdvertisement,
): void {
	const lifetime = u32(b, o + 4);
	const { names, malformed } = domainList(b, o + 8, end);
	for (const name of names)
		if (ra.domains.length < MAX_LIST) ra.domains.push({ name, lifetime });
	if (malformed) ra.malformed = true;
}

/** RFC 8106 section 5.1. */
function readServers(
	b: Uint8Array,
	o: number,
	end: number,
	ra: RouterAdvertisement,
): void {
	const lifetime = u32(b, o + 4);
	for (const address of addressList(b, o + 8, end))
		if (ra.dns.length < MAX_LIST) ra.dns.push({ address, lifetime });
	if ((end - o - 8) % ADDRESS6 !== 0) ra.malformed = true;
}

/** RFC 8910 section 2.3: padded with zeros. */
const portalAt = (b: Uint8Array, o: number, end: number): string =>
	String.fromCharCode(
		...b.subarray(o + 2, Math.min(end, o + 2 + MAX_PORTAL)),
	).replace(/\0+$/, "");

/** Bytes that an option has at least, type and length included. */
const SIZES: Record<number, number> = {
	[PREFIX]: 32,
	[RDNSS]: 24,
	[DNSSL]: 16,
};

/** Reads the option from `o` to below `end` into the advertisement. */
function readOption(
	b: Uint8Array,
	o: number,
	end: number,
	ra: RouterAdvertisement,
): void {
	const type = b[o] as number;
	if (end - o < (SIZES[type] ?? UNIT)) ra.malformed = true;
	else if (type === SOURCE_ADDRESS) ra.mac ??= macAt(b, o + 2);
	else if (type === MTU) ra.mtu ??= u32(b, o + 4);
	else if (type === PREFIX) {
		if (ra.prefixes.length < MAX_LIST) ra.prefixes.push(prefixAt(b, o));
	} else if (type === ROUTE) {
		if (ra.routes.length < MAX_LIST) ra.routes.push(routeAt(b, o, end));
	} else if (type === RDNSS) readServers(b, o, end, ra);
	else if (type === DNSSL) readDomains(b, o, end, ra);
	else if (type === CAPTIVE_PORTAL) ra.portal ??= portalAt(b, o, end);
}

/**
 * Reads a router advertisement from its ICMPv6 type on (RFC 4861 section 4.2), whatever the type says.
 * Never throws: what is malformed yields what could be read.
 */
export function decodeRa(b: Uint8Array): RouterAdvertisement {
	const flags = b[5] ?? 0;
	const ra: RouterAdvertisement = {
		code: b[1] ?? 0,
		hopLimit: b[4] ?? 0,
		managed: (flags & 0x80) !== 0,
		other: (flags & 0x40) !== 0,
		preference: preferenceOf(flags),
		lifetime: b.length >= 8 ? u16(b, 6) : 0,
		prefixes: [],
		routes: [],
		dns: [],
		domains: [],
		malformed: b.length < HEADER,
	};
	for (let o = HEADER; o < b.length; ) {
		const size = (b[o + 1] ?? 0) * UNIT;
		if (size === 0 || o + size > b.length) {
			ra.malformed = true;
			break;
		}
		readOption(b, o, o + size, ra);
		o += size;
	}
	return ra;
}

/**
 * A router solicitation (RFC 4861 section 4.1), its checksum left to the frame; `mac` is the sender's
 * link-layer address, six bytes, where it is to be told.
 */
export function encodeSolicitation(mac?: Uint8Array): Uint8Array {
	const message = new Uint8Array(SOLICITATION + (mac ? UNIT : 0));
	message[0] = ROUTER_SOLICITATION;
	if (mac) {
		message.set([SOURCE_ADDRESS, 1], SOLICITATION);
		message.set(mac, SOLICITATION + 2);
	}
	return message;
}
