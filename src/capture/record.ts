/**
 * Takes one record: `captured` bytes at `offset` of `bytes` (valid only during the call), `length` bytes as
 * it was on the wire, `time` in ms since the epoch with microseconds behind the point (0 where the format
 * has none), the LINKTYPE number as the file has it, the interface's index within the file.
 */
export type OnRecord = (
	bytes: Uint8Array,
	offset: number,
	captured: number,
	length: number,
	time: number,
	linktype: number,
	iface: number,
) => void;

/** Bytes kept of a captured packet: headers, and what names and DHCP need of an Ethernet frame. */
export const SNAPLEN = 1600;

/** Bytes a record may claim to hold: libpcap's MAXIMUM_SNAPLEN. */
export const MAX_CAPTURED = 262_144;

/** Bytes of room that let every parser move on: a record of full size and the longest header before it. */
export const MIN_ROOM = MAX_CAPTURED + 32;

/** Takes a capture piece by piece, cut anywhere; holds no bytes itself. */
export interface CaptureParser {
	/**
	 * Tells the records that are whole in `bytes` from `from` to `to`, and returns where it stopped: the next
	 * call begins there, with more behind (`MIN_ROOM` bytes are always enough to move on). Stops for good at a `fault`.
	 */
	feed(bytes: Uint8Array, from: number, to: number): number;
	/** Records told so far. */
	readonly records: number;
	/** Bytes taken so far: the offset in the capture at which the next call begins. */
	readonly position: number;
	/** What is wrong at `position`, a clause such as "a record claims 300000 bytes, more than 262144". */
	readonly fault: string | undefined;
	/** Whether a capture may end at `position`: between records, not inside a block. */
	readonly complete: boolean;
}
