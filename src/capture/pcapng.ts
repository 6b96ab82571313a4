import { type CaptureParser, MAX_CAPTURED, type OnRecord } from "./record.ts";
import {
	parseSection,
	SECTION_HEAD,
	type Section,
	type Taken,
	TRAILER,
	takeInterface,
} from "./section.ts";

// Section numbers are those of the PCAP Next Generation draft (draft-ietf-opsawg-pcapng).

/** Block types (section 11.1). */
const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE = 1;
const OBSOLETE_PACKET = 2;
const SIMPLE_PACKET = 3;
const ENHANCED_PACKET = 6;

/** Bytes of the least block: type, length and length again. */
const MIN_BLOCK = 12;
/** Bytes before an enhanced packet's data, and before a simple one's. */
const ENHANCED_HEAD = 28;
const SIMPLE_HEAD = 12;

/** Whether `bytes` (four at least) begin a pcapng capture; the type is the same in either byte order. */
export function isPcapng(bytes: Uint8Array): boolean {
	const view = new DataView(bytes.buffer, bytes.byteOffset);
	return view.getUint32(0) === SECTION_HEADER;
}

/** What is wrong with a record of `captured` bytes in a block that has room for `room`, which may be negative. */
function faultOf(captured: number, room: number): string | undefined {
	if (captured > MAX_CAPTURED)
		return `a record claims ${captured} bytes, more than ${MAX_CAPTURED}`;
	return captured > room
		? `a record claims ${captured} bytes in a block with room for ${Math.max(0, room)}`
		: undefined;
}

/** Takes an enhanced packet (section 4.3) or an obsolete one (appendix A), which has a drop count beside a short interface number. */
function takeEnhanced(
	bytes: Uint8Array,
	view: DataView,
	at: number,
	to: number,
	section: Section,
	onRecord: OnRecord,
): Taken {
	if (to - at < ENHANCED_HEAD) return 0;
	const { littleEndian, interfaces, before } = section;
	const id =
		view.getUint32(at, littleEndian) === OBSOLETE_PACKET
			? view.getUint16(at + 8, littleEndian)
			: view.getUint32(at + 8, littleEndian);
	const from = interfaces[id];
	if (!from) return `a record is of interface ${id}, which isn't described`;
	const total = view.getUint32(at + 4, littleEndian);
	const captured = view.getUint32(at + 20, littleEndian);
	const room = total - ENHANCED_HEAD - TRAILER;
	const data = at + ENHANCED_HEAD;
	const fault = faultOf(captured, room);
	if (fault !== undefined) return fault;
	if (captured > to - data) return 0;
	const high = view.getUint32(at + 12, littleEndian);
	const low = view.getUint32(at + 16, littleEndian);
	const length = view.getUint32(at + 24, littleEndian);
	const time = from.clock(high, low);
	onRecord(bytes, data, captured, length, time, from.linktype, before + id);
	return ENHANCED_HEAD + captured;
}

/**
 * Tells the enhanced packets that follow one another whole from `at` on: the usual capture's every block, in
 * half the time. Returns where it stopped, at whatever is another block, cut off or wrong.
 */
function walkEnhanced(
	bytes: Uint8Array,
	view: DataView,
	from: number,
	to: number,
	section: Section,
	onRecord: OnRecord,
): number {
	const { littleEndian, interfaces, before } = section;
	let at = from;
	while (to - at >= ENHANCED_HEAD + TRAILER) {
		if (view.getUint32(at, littleEndian) !== ENHANCED_PACKET) break;
		const total = view.getUint32(at + 4, littleEndian);
		const captured = view.getUint32(at + 20, littleEndian);
		const next = at + total;
		if (total % 4 !== 0 || next > to || captured > MAX_CAPTURED) break;
		if (captured > total - ENHANCED_HEAD - TRAILER) break;
		const id = view.getUint32(at + 8, littleEndian);
		const iface = interfaces[id];
		if (!iface || view.getUint32(next - TRAILER, littleEndian) !== total) break;
		const high = view.getUint32(at + 12, littleEndian);
		const low = view.getUint32(at + 16, littleEndian);
		onRecord(
			bytes,
			at + ENHANCED_HEAD,
			captured,
			view.getUint32(at + 24, littleEndian),
			iface.clock(high, low),
			iface.linktype,
			before + id,
		);
		at = next;
	}
	return at;
}

/** Takes a simple packet (section 4.4): of interface 0, without a time, as long as the snapshot length lets it be. */
function takeSimple(
	bytes: Uint8Array,
	view: DataView,
	at: number,
	to: number,
	section: Section,
	onRecord: OnRecord,
): Taken {
	const { littleEndian, interfaces, before } = section;
	const from = interfaces[0];
	if (!from) return "a record is of interface 0, which isn't described";
	const room = view.getUint32(at + 4, littleEndian) - SIMPLE_HEAD - TRAILER;
	const length = view.getUint32(at + 8, littleEndian);
	const captured = Math.min(length, from.snaplen || MAX_CAPTURED);
	const fault = faultOf(captured, room);
	if (fault !== undefined) return fault;
	const data = at + SIMPLE_HEAD;
	if (captured > to - data) return 0;
	onRecord(bytes, data, captured, length, 0, from.linktype, before);
	return SIMPLE_HEAD + captured;
}

/** A parser of pcapng captures: any number of sections, in either byte order, and interfaces; unknown blocks are skipped. */
export function createPcapngParser(onRecord: OnRecord): CaptureParser {
	let section: Section | undefined;
	let [records, position] = [0, 0];
	let fault: string | undefined;
	/** The open block's length, and how many bytes of it are still to come; 0 between blocks. */
	let [total, left] = [0, 0];
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

	/** Takes what must be read of the block at `at`, of which at least `MIN_BLOCK` bytes are there. */
	function take(
		bytes: Uint8Array,
		view: DataView,
		at: number,
		to: number,
	): Taken {
		if (view.getUint32(at) === SECTION_HEADER) {
			if (to - at < SECTION_HEAD) return 0;
			const before = section ? section.before + section.interfaces.length : 0;
			const parsed = parseSection(view, at, before);
			if (typeof parsed === "string") return parsed;
			section = parsed;
		}
		if (!section) return "this begins no pcapng file";
		total = view.getUint32(at + 4, section.littleEndian);
		if (total < MIN_BLOCK || total % 4 !== 0)
			return `a block claims a length of ${total} bytes`;
		switch (view.getUint32(at, section.littleEndian)) {
			case SECTION_HEADER:
				return total < SECTION_HEAD + TRAILER
					? `a section header claims a length of ${total} bytes`
					: SECTION_HEAD;
			case INTERFACE:
				return takeInterface(view, at, to, section);
			case ENHANCED_PACKET:
			case OBSOLETE_PACKET:
				return takeEnhanced(bytes, view, at, to, section, counted);
			case SIMPLE_PACKET:
				return takeSimple(bytes, view, at, to, section, counted);
			default:
				return MIN_BLOCK - TRAILER;
		}
	}

	/** Skips what is there of the open block's rest, and closes it when its closing length is there and right. */
	function close(view: DataView, at: number, to: number): number {
		const skipped = Math.min(left - TRAILER, to - at);
		left -= skipped;
		const trailer = at + skipped;
		if (left > TRAILER || to - trailer < TRAILER) return trailer;
		const closing = view.getUint32(trailer, section?.littleEndian);
		if (closing !== total) {
			fault = `a block claims ${total} bytes at its head and ${closing} at its end`;
			return trailer;
		}
		left = 0;
		return trailer + TRAILER;
	}

	function walk(bytes: Uint8Array, from: number, to: number): number {
		const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
		let at = from;
		for (;;) {
			if (left > 0) {
				at = close(view, at, to);
				if (left > 0) return at;
			}
			if (section) at = walkEnhanced(bytes, view, at, to, section, counted);
			if (to - at < MIN_BLOCK) return at;
			const taken = take(bytes, view, at, to);
			if (typeof taken === "string") fault = taken;
			if (typeof taken === "string" || taken === 0) return at;
			at += taken;
			left = total - taken;
		}
	}

	return {
		feed(bytes, from, to) {
			if (fault !== undefined) return from;
			const at = walk(bytes, from, Math.min(to, bytes.byteLength));
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
			return section !== undefined && left === 0;
		},
	};
}
