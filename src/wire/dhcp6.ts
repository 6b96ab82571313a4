import { ADDRESS6, addressAt, addressList } from "./address6.ts";
import { i32, u16 } from "./bytes.ts";
import { domainList } from "./domains.ts";

/** Message types: RFC 8415 section 7.3. */
export const SOLICIT = 1;
export const ADVERTISE = 2;
export const REPLY = 7;
export const RECONFIGURE = 10;
export const INFORMATION_REQUEST = 11;
export const RELAY_REPLY = 13;

/** Options: RFC 8415 section 21, RFC 3646 section 3 and 4. */
const CLIENT_ID = 1;
const SERVER_ID = 2;
const IA_NA = 3;
const IA_TA = 4;
const IA_ADDRESS = 5;
const PREFERENCE = 7;
const RELAY_MESSAGE = 9;
const STATUS_CODE = 13;
const DNS_SERVERS = 23;
const DOMAIN_LIST = 24;
const IA_PD = 25;
const IA_PREFIX = 26;

/** Bytes of a message's header (section 8) and of a relay's (section 9). */
const HEADER = 4;
const RELAY_HEADER = 34;
/** HOP_COUNT_LIMIT (section 7.6): a message is never wrapped more often. */
const MAX_RELAYS = 8;
/** Bytes of a DUID (section 11.1): two of its type and 128 more. */
const MAX_DUID = 130;
/** Leases, and associations, that are read: as many as a frame of 1,500 bytes holds. */
const MAX_LEASES = 64;
/** DNS servers and domains that are read. */
const MAX_LIST = 16;

/** An address or, where `bits` are told, a prefix; lifetimes in seconds, 0xffffffff for ever. */
export interface Lease {
	address: string;
	bits?: number;
	preferred: number;
	valid: number;
}

/** IA_NA, IA_TA (which has no times) or IA_PD; `t1` and `t2` in seconds. */
export interface Association {
	type: "na" | "ta" | "pd";
	iaid: number;
	t1?: number;
	t2?: number;
	leases: Lease[];
	/** Section 21.13. */
	status?: number;
}

/** What is read of a message; of an option that may come once, the first. */
export interface Dhcp6Message {
	/** Of the innermost message; 0 where there is none. */
	type: number;
	/** Relays that it is wrapped for. */
	relays: number;
	/** 24 bits. */
	transaction: number;
	/** DUIDs in lower-case hexadecimal. */
	client?: string;
	server?: string;
	preference?: number;
	status?: number;
	associations: Association[];
	dns: string[];
	/** A character for each byte, whatever it is. */
	domains: string[];
	/** A length runs past the end, or is not one the option may have. */
	malformed: boolean;
}

type OnOption = (code: number, from: number, to: number) => void;

/** Tells each option (section 21.1) between `from` and `to`; false when the last runs past the end. */
export function eachOption(
	b: Uint8Array,
	from: number,
	to: number,
	on: OnOption,
): boolean {
	let o = from;
	while (o + 4 <= to) {
		const end = o + 4 + u16(b, o + 2);
		if (end > to) return false;
		on(u16(b, o), o + 4, end);
		o = end;
	}
	return o === to;
}

const u32 = (b: Uint8Array, o: number): number => i32(b, o) >>> 0;

const hex = (b: Uint8Array, from: number, to: number): string =>
	Buffer.from(b.subarray(from, to)).toString("hex");

/** Sections 21.6 and 21.22. */
function leaseAt(b: Uint8Array, code: number, o: number): Lease {
	if (code === IA_ADDRESS)
		return {
			address: addressAt(b, o),
			preferred: u32(b, o + ADDRESS6),
			valid: u32(b, o + ADDRESS6 + 4),
		};
	return {
		address: addressAt(b, o + 9),
		bits: b[o + 8] as number,
		preferred: u32(b, o),
		valid: u32(b, o + 4),
	};
}

/** Bytes that an option has at least. */
const SIZES: Record<number, number> = {
	[CLIENT_ID]: 1,
	[SERVER_ID]: 1,
	[IA_NA]: 12,
	[IA_TA]: 4,
	[IA_ADDRESS]: 24,
	[PREFERENCE]: 1,
	[STATUS_CODE]: 2,
	[DNS_SERVERS]: ADDRESS6,
	[IA_PD]: 12,
	[IA_PREFIX]: 25,
};

const ASSOCIATIONS: Record<number, Association["type"]> = {
	[IA_NA]: "na",
	[IA_TA]: "ta",
	[IA_PD]: "pd",
};

/** Reads what is inside an association; what is inside its leases tells nothing. */
function readAssociation(
	b: Uint8Array,
	from: number,
	to: number,
	a: Association,
	m: Dhcp6Message,
): void {
	const isWhole = eachOption(b, from, to, (code, o, end) => {
		if (end - o < (SIZES[code] ?? 0)) m.malformed = true;
		else if (code === STATUS_CODE) a.status ??= u16(b, o);
		else if (code === IA_ADDRESS || code === IA_PREFIX)
			if (a.leases.length < MAX_LEASES) a.leases.push(leaseAt(b, code, o));
	});
	if (!isWhole) m.malformed = true;
}

/** Sections 21.4, 21.5 and 21.21. */
function associate(
	b: Uint8Array,
	o: number,
	end: number,
	type: Association["type"],
	m: Dhcp6Message,
): void {
	if (m.associations.length >= MAX_LEASES) return;
	const times = type === "ta" ? 0 : 8;
	const a: Association = {
		type,
		iaid: u32(b, o),
		...(times ? { t1: u32(b, o + 4), t2: u32(b, o + 8) } : {}),
		leases: [],
	};
	m.associations.push(a);
	readAssociation(b, o + 4 + times, end, a, m);
}

function duidAt(
	b: Uint8Array,
	o: number,
	end: number,
	m: Dhcp6Message,
): string {
	if (end - o > MAX_DUID) m.malformed = true;
	return hex(b, o, Math.min(end, o + MAX_DUID));
}

/** Reads the options of a message into it. */
function readOptions(
	b: Uint8Array,
	from: number,
	to: number,
	m: Dhcp6Message,
): void {
	const isWhole = eachOption(b, from, to, (code, o, end) => {
		const association = ASSOCIATIONS[code];
		if (end - o < (SIZES[code] ?? 0)) m.malformed = true;
		else if (association) associate(b, o, end, association, m);
		else if (code === CLIENT_ID) m.client ??= duidAt(b, o, end, m);
		else if (code === SERVER_ID) m.server ??= duidAt(b, o, end, m);
		else if (code === PREFERENCE) m.preference ??= b[o] as number;
		else if (code === STATUS_CODE) m.status ??= u16(b, o);
		else if (code === DNS_SERVERS) {
			m.dns = [...m.dns, ...addressList(b, o, end)].slice(0, MAX_LIST);
			if ((end - o) % ADDRESS6 !== 0) m.malformed = true;
		} else if (code === DOMAIN_LIST) {
			const { names, malformed } = domainList(b, o, end);
			m.domains = [...m.domains, ...names].slice(0, MAX_LIST);
			if (malformed) m.malformed = true;
		}
	});
	if (!isWhole) m.malformed = true;
}

/** Where the message lies that a relay's holds (section 21.10), if it does. */
function relayed(
	b: Uint8Array,
	from: number,
	to: number,
): [from: number, to: number] | undefined {
	let inner: [number, number] | undefined;
	eachOption(b, from + RELAY_HEADER, to, (code, o, end) => {
		if (code === RELAY_MESSAGE) inner ??= [o, end];
	});
	return inner;
}

/**
 * Reads a message of RFC 8415, as a client or server sends it or as a RELAY-REPLY holds it. Never throws:
 * what is malformed yields what could be read.
 */
export function decodeDhcp6(b: Uint8Array): Dhcp6Message {
	let [from, to] = [0, b.length];
	const m: Dhcp6Message = {
		type: 0,
		relays: 0,
		transaction: 0,
		associations: [],
		dns: [],
		domains: [],
		malformed: false,
	};
	while (b[from] === RELAY_REPLY && from < to) {
		const inner = relayed(b, from, to);
		m.relays++;
		if (!inner || m.relays > MAX_RELAYS)
			return { ...m, type: RELAY_REPLY, malformed: true };
		[from, to] = inner;
	}
	if (from < to) m.type = b[from] as number;
	if (from + HEADER > to) return { ...m, malformed: true };
	m.transaction = u32(b, from) & 0xffffff;
	readOptions(b, from + HEADER, to, m);
	return m;
}
