import { createPcapParser, isPcap } from "./pcap.ts";
import { createPcapngParser, isPcapng } from "./pcapng.ts";
import { type CaptureParser, MIN_ROOM, type OnRecord } from "./record.ts";

/** Bytes of the one buffer that a capture is read through, of any size. */
const BUFFER = 4 * MIN_ROOM;
/** Bytes that tell what a file is. */
export const MAGIC = 4;

/** Where the bytes of one capture go: put them into `buffer` from `filled` on, then `take` them. */
export interface Intake {
	readonly buffer: Buffer;
	/** Bytes of the buffer that still wait for more behind them; there is always room left. */
	readonly filled: number;
	/** Takes `count` bytes that were put in; false when no more are wanted, for `verdict` says why. */
	take(count: number): boolean;
	readonly records: number;
	/** Bytes of the capture that were taken. */
	readonly position: number;
	/** Whether a fault ended it, whatever follows. */
	readonly stopped: boolean;
	/** What is wrong with a capture that ends here, to follow its name in a sentence; undefined when it is whole. */
	verdict(): string | undefined;
}

function parserFor(
	head: Uint8Array,
	onRecord: OnRecord,
): CaptureParser | undefined {
	if (isPcap(head)) return createPcapParser(onRecord);
	return isPcapng(head) ? createPcapngParser(onRecord) : undefined;
}

/** An intake that finds out by the first bytes which format it gets. */
export function createIntake(onRecord: OnRecord): Intake {
	const buffer = Buffer.allocUnsafeSlow(BUFFER);
	let filled = 0;
	let parser: CaptureParser | undefined;
	let alien = false;

	function verdict(): string | undefined {
		if (!parser && filled === 0) return "is empty";
		if (!parser)
			return `is no capture: it begins with ${buffer.toString("hex", 0, Math.min(filled, MAGIC))}, neither pcap nor pcapng nor one of them in gzip or zstd`;
		const { position, records, fault, complete } = parser;
		const before = `records before it: ${records}`;
		if (fault !== undefined)
			return `can't be read beyond byte ${position}: ${fault}; ${before}`;
		return complete && filled === 0
			? undefined
			: `is cut off inside the record or block at byte ${position}; ${before}`;
	}

	return {
		buffer,
		take(count) {
			filled += count;
			if (!parser) {
				if (filled < MAGIC) return true;
				parser = parserFor(buffer, onRecord);
				alien = !parser;
			}
			if (!parser) return false;
			const at = parser.feed(buffer, 0, filled);
			buffer.copyWithin(0, at, filled);
			filled -= at;
			return parser.fault === undefined;
		},
		get filled() {
			return filled;
		},
		get records() {
			return parser?.records ?? 0;
		},
		get position() {
			return parser?.position ?? 0;
		},
		get stopped() {
			return alien || parser?.fault !== undefined;
		},
		verdict,
	};
}
