import { isLittleEndian } from "../wire/bytes.ts";
import type { Handle } from "./handle.ts";
import { type CaptureParser, MAX_CAPTURED, type OnRecord } from "./record.ts";

/** How the records of a classic capture are written. */
export interface RecordFormat {
	littleEndian: boolean;
	/** Fractions of a second are nanoseconds, not microseconds. */
	nanoseconds: boolean;
	linktype: number;
	/** Index to tell with each record. */
	iface: number;
	/** Bytes before the data: 16, or 24 in Kuznetzov's format. */
	headerSize?: number;
	/** Before version 2.4 the two lengths could stand the other way round (libpcap, sf-pcap.c). */
	mayBeSwapped?: boolean;
}

/** Bytes of the file's header and of a record's (pcap-savefile(5)). */
const FILE_HEADER = 24;
const RECORD_HEADER = 16;
/** struct pcap_sf_patched_pkthdr of libpcap's sf-pcap.h: interface, protocol and packet type behind the usual fields. */
const PATCHED_RECORD_HEADER = 24;

/** Big-endian values of the first four bytes; libpcap's sf-pcap.c. */
const MICROSECONDS = 0xa1b2c3d4;
const NANOSECONDS = 0xa1b23c4d;
const KUZNETZOV = 0xa1b2cd34;

/** The upper six bits tell of the frame check sequence (pcap-savefile(5)). */
const LINKTYPE_MASK = 0x03ffffff;

/**
 * Tells the records of 16 bytes of header (seconds, fraction, captured, length) and their data that are
 * whole in `bytes` from `from` to `to`, as pcap_dump(3) and capture files have them. Returns where it stopped:
 * at the end, at a record that is cut off, or at one that claims more than `MAX_CAPTURED` bytes.
 */
export function walkRecords(
	bytes: Uint8Array,
	from: number,
	to: number,
	format: RecordFormat,
	onRecord: OnRecord,
): number {
	const { littleEndian, nanoseconds, linktype, iface } = format;
	const { headerSize = RECORD_HEADER, mayBeSwapped = false } = format;
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const end = Math.min(to, bytes.byteLength);
	let at = from;
	while (at + headerSize <= end) {
		let captured = view.getUint32(at + 8, littleEndian);
		let length = view.getUint32(at + 12, littleEndian);
		if (mayBeSwapped && captured > length)
			[captured, length] = [length, captured];
		const data = at + headerSize;
		if (captured > MAX_CAPTURED || captured > end - data) break;
		const seconds = view.getUint32(at, littleEndian);
		const fraction = view.getUint32(at + 4, littleEndian);
		const micros = nanoseconds ? Math.floor(fraction / 1000) : fraction;
		// Whole microseconds fit a double until 2255; one rounding, so that all formats give the same time.
		const time = (seconds * 1e6 + micros) / 1000;
		onRecord(bytes, data, captured, length, time, linktype, iface);
		at = data + captured;
	}
	return at;
}

/** Tells the records of a batch that a live capture has left in its handle's buffer (pcap_dump(3)). */
export function walkBatch(
	{ buffer, linktype }: Pick<Handle, "buffer" | "linktype">,
	iface: number,
	bytes: number,
	onRecord: OnRecord,
): void {
	const format = {
		littleEndian: isLittleEndian,
		nanoseconds: false,
		linktype,
		iface,
	};
	walkRecords(buffer, 0, bytes, format, onRecord);
}

/** Byte order and precision by the first four bytes, undefined when they begin no classic capture. */
function orderOf(
	view: DataView,
	at: number,
):
	| Pick<RecordFormat, "littleEndian" | "nanoseconds" | "headerSize">
	| undefined {
	for (const littleEndian of [true, false])
		switch (view.getUint32(at, littleEndian)) {
			case MICROSECONDS:
				return { littleEndian, nanoseconds: false };
			case NANOSECONDS:
				return { littleEndian, nanoseconds: true };
			case KUZNETZOV:
				return {
					littleEndian,
					nanoseconds: false,
					headerSize: PATCHED_RECORD_HEADER,
				};
		}
	return undefined;
}

/** Whether `bytes` (four at least) begin a classic capture. */
export function isPcap(bytes: Uint8Array): boolean {
	return orderOf(new DataView(bytes.buffer, bytes.byteOffset), 0) !== undefined;
}

/** Reads the file's header of 24 bytes: the format of its records, or what is wrong. */
function parseHeader(bytes: Uint8Array, at: number): RecordFormat | string {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const order = orderOf(view, at);
	if (!order) return "this begins no pcap file";
	const major = view.getUint16(at + 4, order.littleEndian);
	const minor = view.getUint16(at + 6, order.littleEndian);
	// libpcap reads 2.0 to 2.4, and 543.0 of DG/UX, written as before 2.3.
	if (!(major === 2 && minor <= 4) && !(major === 543 && minor === 0))
		return `it is of pcap version ${major}.${minor}, and only 2.0 to 2.4 are known`;
	return {
		...order,
		linktype: view.getUint32(at + 20, order.littleEndian) & LINKTYPE_MASK,
		iface: 0,
		mayBeSwapped: major !== 2 || minor < 4,
	};
}

/** What is wrong with the record at `at`, where the walk stopped; undefined when there is only not enough of it. */
function faultOf(
	bytes: Uint8Array,
	at: number,
	to: number,
	format: RecordFormat,
): string | undefined {
	if (to - at < RECORD_HEADER) return undefined;
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const first = view.getUint32(at + 8, format.littleEndian);
	const second = view.getUint32(at + 12, format.littleEndian);
	const claimed = format.mayBeSwapped ? Math.min(first, second) : first;
	return claimed > MAX_CAPTURED
		? `a record claims ${claimed} bytes, more than ${MAX_CAPTURED}`
		: undefined;
}

/** A parser of classic captures: either byte order, micro- or nanoseconds, Kuznetzov's records. */
export function createPcapParser(onRecord: OnRecord): CaptureParser {
	let format: RecordFormat | undefined;
	let [records, position] = [0, 0];
	let fault: string | undefined;
	const counted: OnRecord = (
		bytes,
		offset,
		captured,
		length,
		time,
		type,
		i,
	) => {
		records++;
		onRecord(bytes, offset, captured, length, time, type, i);
	};

	function walk(bytes: Uint8Array, from: number, to: number): number {
		let at = from;
		if (!format) {
			if (to - at < FILE_HEADER) return at;
			const header = parseHeader(bytes, at);
			if (typeof header === "string") {
				fault = header;
				return at;
			}
			format = header;
			at += FILE_HEADER;
		}
		at = walkRecords(bytes, at, to, format, counted);
		fault = faultOf(bytes, at, to, format);
		return at;
	}

	return {
		feed(bytes, from, to) {
			if (fault !== undefined) return from;
			const at = walk(bytes, from, to);
			position += at - from;
			return at;
		},
		get records() {
			return records;
		},
		get position() {
			return position;
		},
		get fault() {
			return fault;
		},
		get complete() {
			return format !== undefined;
		},
	};
}
