import { i32, u16 } from "./bytes.ts";

/** Values of `op` (RFC 951 section 3). */
export const BOOTREQUEST = 1;
export const BOOTREPLY = 2;

/** Values of option 53 (RFC 2132 section 9.6; 9 is RFC 3203's). */
export const DhcpType = {
	Discover: 1,
	Offer: 2,
	Request: 3,
	Ack: 5,
	Nak: 6,
	Inform: 8,
	ForceRenew: 9,
} as const;

/** Codes of options that are read or written here (RFC 2132; 252 is WPAD's). */
export const DhcpOption = {
	Mask: 1,
	Router: 3,
	Dns: 6,
	HostName: 12,
	Domain: 15,
	Requested: 50,
	Lease: 51,
	Overload: 52,
	Type: 53,
	Server: 54,
	Parameters: 55,
	MaxSize: 57,
	Class: 60,
	Client: 61,
	BootFile: 67,
	Wpad: 252,
} as const;

export const NO_ADDRESS = "0.0.0.0";

/** Offsets and sizes of RFC 2131 section 2's fields. */
const CHADDR = 28;
const SNAME = 44;
const SNAME_SIZE = 64;
const FILE = SNAME + SNAME_SIZE;
const FILE_SIZE = 128;
const FIXED = FILE + FILE_SIZE;
/** RFC 2131 section 3: the first four bytes behind them. */
const COOKIE = 0x63825363;
const OPTIONS = FIXED + 4;
/** RFC 1542 section 2.1: relays may drop what is shorter. */
const MIN_SIZE = 300;

const PAD = 0;
const END = 255;
const BROADCAST = 0x8000;
/** RFC 2131 section 4.1: bits of option 52, what else holds options. */
const IN_FILE = 1;
const IN_SNAME = 2;

/** What stands in front of the options: addresses as text, `chaddr` as a MAC address. */
interface DhcpFields {
	op: number;
	/** 32 bits, unsigned. */
	xid: number;
	/** Seconds since the client began. */
	secs: number;
	/** The client wants answers broadcast. */
	broadcast: boolean;
	ciaddr: string;
	yiaddr: string;
	siaddr: string;
	giaddr: string;
	chaddr: string;
	/** At most 64 and 128 bytes, up to the first zero; empty where they hold options. */
	sname: Uint8Array;
	file: Uint8Array;
}

export interface DhcpMessage extends DhcpFields {
	/** By code, those that came in parts put together (RFC 3396). */
	options: ReadonlyMap<number, Uint8Array>;
	/** Shorter than its fields, options past the end, or of a size that means nothing. */
	malformed: boolean;
}

/** A message to be written: options in the order given, the rest zero unless told. */
export type DhcpDraft = Pick<DhcpFields, "op" | "xid" | "chaddr"> &
	Partial<DhcpFields> & { options: readonly DhcpEntry[] };

export type DhcpEntry = readonly [code: number, value: Uint8Array];

type Parts = Map<number, Uint8Array[]>;

/** Gathers a field's options; false where one runs past the end. A missing END is forgiven. */
function gather(field: Uint8Array, into: Parts): boolean {
	for (let o = 0; o < field.length; ) {
		const code = field[o++] as number;
		if (code === PAD) continue;
		if (code === END) return true;
		const length = field[o++];
		if (length === undefined || o + length > field.length) return false;
		const parts = into.get(code);
		const part = field.subarray(o, o + length);
		if (parts) parts.push(part);
		else into.set(code, [part]);
		o += length;
	}
	return true;
}

/** Sizes that RFC 2132 demands, of options whose value is used. */
function isSized(code: number, size: number): boolean {
	switch (code) {
		case DhcpOption.Mask:
		case DhcpOption.Requested:
		case DhcpOption.Lease:
		case DhcpOption.Server:
			return size === 4;
		case DhcpOption.Overload:
		case DhcpOption.Type:
			return size === 1;
		case DhcpOption.Router:
		case DhcpOption.Dns:
			return size > 0 && size % 4 === 0;
		default:
			return true;
	}
}

/** Concatenates (RFC 3396 section 7); every byte of the message is copied at most once. */
function joined(parts: Parts): Map<number, Uint8Array> {
	const options = new Map<number, Uint8Array>();
	for (const [code, values] of parts)
		options.set(
			code,
			values.length === 1
				? (values[0] as Uint8Array)
				: new Uint8Array(Buffer.concat(values)),
		);
	return options;
}

const textField = (field: Uint8Array): Uint8Array => {
	const end = field.indexOf(0);
	return end < 0 ? field : field.subarray(0, end);
};

const macText = (bytes: Uint8Array) =>
	Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(":");

/** Options of the field named so, then of `file` and `sname` (RFC 3396 section 5's order). */
function readOptions(bytes: Uint8Array, sname: Uint8Array, file: Uint8Array) {
	const parts: Parts = new Map();
	const hasCookie =
		bytes.length >= OPTIONS && i32(bytes, FIXED) >>> 0 === COOKIE;
	// without the cookie it is BOOTP, whose vendors have the field to themselves
	let isSound = !hasCookie || gather(bytes.subarray(OPTIONS), parts);
	const overload = parts.get(DhcpOption.Overload)?.[0]?.[0] ?? 0;
	if (overload > (IN_FILE | IN_SNAME)) isSound = false;
	const inFile = (overload & IN_FILE) !== 0;
	const inSname = (overload & IN_SNAME) !== 0;
	if (inFile) isSound = gather(file, parts) && isSound;
	if (inSname) isSound = gather(sname, parts) && isSound;
	const options = joined(parts);
	for (const [code, { length }] of options)
		if (!isSized(code, length)) isSound = false;
	return { options, isSound, inFile, inSname };
}

/**
 * Reads a DHCP or BOOTP message (RFC 2131, RFC 951), a UDP payload of any size. Never fails: fields that
 * aren't there are zero, an option that runs past the end is left out, and `malformed` says so.
 */
export function decodeDhcp(bytes: Uint8Array): DhcpMessage {
	const fixed = new Uint8Array(FIXED);
	fixed.set(bytes.subarray(0, FIXED));
	const sname = fixed.subarray(SNAME, FILE);
	const file = fixed.subarray(FILE, FIXED);
	const { options, isSound, inFile, inSname } = readOptions(bytes, sname, file);
	const address = (o: number) => fixed.subarray(o, o + 4).join(".");
	const none = new Uint8Array(0);
	return {
		op: fixed[0] as number,
		xid: i32(fixed, 4) >>> 0,
		secs: u16(fixed, 8),
		broadcast: (u16(fixed, 10) & BROADCAST) !== 0,
		ciaddr: address(12),
		yiaddr: address(16),
		siaddr: address(20),
		giaddr: address(24),
		chaddr: macText(fixed.subarray(CHADDR, CHADDR + 6)),
		sname: inSname ? none : textField(sname),
		file: inFile ? none : textField(file),
		options,
		malformed: bytes.length < FIXED || !isSound,
	};
}

/** Option 53, where there is one. */
export function typeOf({ options }: DhcpMessage): number | undefined {
	const value = options.get(DhcpOption.Type);
	return value?.length === 1 ? value[0] : undefined;
}

/** The addresses an option lists, whole ones, at most `max`. */
export function addressesOf(
	{ options }: DhcpMessage,
	code: number,
	max: number,
): string[] {
	const value = options.get(code) ?? new Uint8Array(0);
	const count = Math.min(Math.floor(value.length / 4), max);
	return Array.from({ length: count }, (_, i) =>
		value.subarray(4 * i, 4 * i + 4).join("."),
	);
}

/** An option of one address. */
export function addressOf(
	message: DhcpMessage,
	code: number,
): string | undefined {
	return message.options.get(code)?.length === 4
		? addressesOf(message, code, 1)[0]
		: undefined;
}

/** An option of 32 bits, unsigned. */
export function numberOf(
	{ options }: DhcpMessage,
	code: number,
): number | undefined {
	const value = options.get(code);
	return value?.length === 4 ? i32(value, 0) >>> 0 : undefined;
}

/** `192.0.2.1` as four bytes. */
export const ipv4Bytes = (text: string): Uint8Array =>
	Uint8Array.from(text.split("."), Number);

/** Options as bytes; what is longer than 255 goes in parts (RFC 3396 section 6). */
function optionBytes(options: readonly DhcpEntry[]): Uint8Array {
	const parts: Uint8Array[] = [];
	for (const [code, value] of options)
		for (let o = 0; o === 0 || o < value.length; o += 255) {
			const part = value.subarray(o, o + 255);
			parts.push(Uint8Array.of(code, part.length), part);
		}
	return Buffer.concat([...parts, Uint8Array.of(END)]);
}

/** Writes a message as a UDP payload of at least 300 bytes, for Ethernet (htype 1, hlen 6). */
export function encodeDhcp(draft: DhcpDraft): Uint8Array {
	const options = optionBytes(draft.options);
	const bytes = new Uint8Array(Math.max(MIN_SIZE, OPTIONS + options.length));
	const view = new DataView(bytes.buffer);
	bytes.set([draft.op, 1, 6, 0]);
	view.setUint32(4, draft.xid);
	view.setUint16(8, draft.secs ?? 0);
	view.setUint16(10, draft.broadcast ? BROADCAST : 0);
	const { ciaddr, yiaddr, siaddr, giaddr } = draft;
	for (const [i, address] of [ciaddr, yiaddr, siaddr, giaddr].entries())
		bytes.set(ipv4Bytes(address ?? NO_ADDRESS), 12 + 4 * i);
	bytes.set(
		draft.chaddr.split(":").map((byte) => Number.parseInt(byte, 16)),
		CHADDR,
	);
	bytes.set(draft.sname?.subarray(0, SNAME_SIZE) ?? [], SNAME);
	bytes.set(draft.file?.subarray(0, FILE_SIZE) ?? [], FILE);
	view.setUint32(FIXED, COOKIE);
	bytes.set(options, OPTIONS);
	return bytes;
}
