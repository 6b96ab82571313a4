import { MAX_CAPTURED } from "./record.ts";
import { type Clock, clockOf, MICROSECONDS } from "./ticks.ts";

// Section numbers are those of the PCAP Next Generation draft (draft-ietf-opsawg-pcapng).

/** Bytes that close a block: its length once more. */
export const TRAILER = 4;
/** Bytes of a section header that are read: up to its version. */
export const SECTION_HEAD = 16;

const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const INTERFACE_HEAD = 16;
/** Bytes of an interface's description, which must be whole to be read; its options seldom reach 200. */
const MAX_INTERFACE = MAX_CAPTURED;
/** Interfaces of a section, as many as a 16-bit number could name: a bound of memory. */
const MAX_INTERFACES = 65_536;

/** Options of an interface (section 4.2) and their end (section 3.5). */
const OPT_END = 0;
const IF_TSRESOL = 9;
const IF_TSOFFSET = 14;

/** One interface as its section describes it. */
export interface Interface {
	linktype: number;
	/** Bytes kept of a packet, 0 for all. */
	snaplen: number;
	clock: Clock;
}

/** What the blocks of a section need of those before them. */
export interface Section {
	littleEndian: boolean;
	interfaces: Interface[];
	/** Interfaces of the sections before, so that an index names one interface of the file. */
	before: number;
}

/** Bytes of a block that were read; 0 when more must come first, a clause when it can't be. */
export type Taken = number | string;

/** Reads a section header (section 4.1): byte order and version. */
export function parseSection(
	view: DataView,
	at: number,
	before: number,
): Section | string {
	const littleEndian = view.getUint32(at + 8, true) === BYTE_ORDER_MAGIC;
	if (!littleEndian && view.getUint32(at + 8) !== BYTE_ORDER_MAGIC)
		return "a section's byte-order magic is wrong";
	const major = view.getUint16(at + 12, littleEndian);
	const minor = view.getUint16(at + 14, littleEndian);
	// 1.2 is written by some and means 1.0 (libpcap, sf-pcapng.c).
	if (major !== 1 || (minor !== 0 && minor !== 2))
		return `a section is of pcapng version ${major}.${minor}, and only 1.0 is known`;
	return { littleEndian, interfaces: [], before };
}

/** Reads an interface's description (section 4.2) that ends before `end`; options that overrun it are left. */
function parseInterface(
	view: DataView,
	at: number,
	end: number,
	littleEndian: boolean,
): Interface {
	const resolution = { ...MICROSECONDS };
	let option = at + INTERFACE_HEAD;
	while (option + 4 <= end) {
		const code = view.getUint16(option, littleEndian);
		const length = view.getUint16(option + 2, littleEndian);
		const value = option + 4;
		if (code === OPT_END || value + length > end) break;
		if (code === IF_TSRESOL && length === 1) {
			const byte = view.getUint8(value);
			resolution.binary = byte >= 128;
			resolution.exponent = byte & 127;
		}
		if (code === IF_TSOFFSET && length === 8)
			resolution.offset = Number(view.getBigInt64(value, littleEndian));
		option = value + ((length + 3) & ~3);
	}
	return {
		linktype: view.getUint16(at + 8, littleEndian),
		snaplen: view.getUint32(at + 12, littleEndian),
		clock: clockOf(resolution),
	};
}

/** Takes an interface's description into the section; a fault where it is too short, too long or one too many. */
export function takeInterface(
	view: DataView,
	at: number,
	to: number,
	section: Section,
): Taken {
	const { littleEndian, interfaces } = section;
	const total = view.getUint32(at + 4, littleEndian);
	if (total < INTERFACE_HEAD + TRAILER || total > MAX_INTERFACE)
		return `an interface's description claims ${total} bytes`;
	if (interfaces.length >= MAX_INTERFACES)
		return `a section has more than ${MAX_INTERFACES} interfaces`;
	const end = at + total - TRAILER;
	if (end > to) return 0;
	interfaces.push(parseInterface(view, at, end, littleEndian));
	return total - TRAILER;
}
