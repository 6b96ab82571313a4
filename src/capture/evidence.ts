import {
	closeSync,
	fstatSync,
	ftruncateSync,
	openSync,
	renameSync,
	writeSync,
} from "node:fs";
import { SNAPLEN } from "./record.ts";

/** Packets a second that are kept: a flood is evidence enough by its beginning. */
const PACKETS_A_SECOND = 1_000;
/** Bytes gathered before they are written. */
const BUFFER = 65_536;

/** pcapng (draft-ietf-opsawg-pcapng): blocks in the machine's byte order, which the section header tells. */
const SECTION = 0x0a0d0d0a;
const INTERFACE = 1;
const PACKET = 6;
const BYTE_ORDER = 0x1a2b3c4d;
const IF_NAME = 2;

const pad = (length: number) => (length + 3) & ~3;

/** A block: its type, its length before and behind the body, whose size is a multiple of four. */
function block(type: number, body: Uint8Array): Buffer {
	const length = body.length + 12;
	const out = Buffer.alloc(length);
	const words = new DataView(out.buffer, out.byteOffset);
	words.setUint32(0, type, true);
	words.setUint32(4, length, true);
	out.set(body, 8);
	words.setUint32(length - 4, length, true);
	return out;
}

/** Section header: byte order, version 1.0, length unknown. */
function section(): Buffer {
	const body = Buffer.alloc(16, 0xff);
	body.writeUInt32LE(BYTE_ORDER, 0);
	body.writeUInt16LE(1, 4);
	body.writeUInt16LE(0, 6);
	return block(SECTION, body);
}

/** Interface description with its name; times are in microseconds by default. */
function description(linktype: number, name: string): Buffer {
	const text = Buffer.from(name);
	const body = Buffer.alloc(8 + 4 + pad(text.length) + 4);
	body.writeUInt16LE(linktype, 0);
	body.writeUInt32LE(SNAPLEN, 4);
	body.writeUInt16LE(IF_NAME, 8);
	body.writeUInt16LE(text.length, 10);
	body.set(text, 12);
	return block(INTERFACE, body);
}

function packetBlock(
	id: number,
	time: number,
	data: Uint8Array,
	length: number,
): Buffer {
	const body = Buffer.alloc(20 + pad(data.length));
	const microseconds = BigInt(Math.round(time * 1000));
	body.writeUInt32LE(id, 0);
	body.writeUInt32LE(Number(microseconds >> 32n), 4);
	body.writeUInt32LE(Number(microseconds & 0xffffffffn), 8);
	body.writeUInt32LE(data.length, 12);
	body.writeUInt32LE(length, 16);
	body.set(data, 20);
	return block(PACKET, body);
}

/** A capture of the packets behind the alerts. */
export interface Evidence {
	/** Keeps a packet of `length` bytes on the wire, heard at `time` (ms since the epoch) on an interface. */
	keep(
		data: Uint8Array,
		length: number,
		time: number,
		linktype: number,
		name: string,
	): void;
	/** Writes what was gathered. */
	flush(): void;
	close(): void;
}

/**
 * A pcapng file of at most `max` bytes, appended to as a new section; when it is full it becomes FILE.1
 * and a new one begins. `complain` gets a sentence, once, when it can't be written: what follows is lost.
 * Throws where the file can't be opened.
 */
export function createEvidence(
	path: string,
	max: number,
	complain: (sentence: string) => void,
): Evidence {
	let fd = openSync(path, "a", 0o640);
	let size = fstatSync(fd).size;
	let waiting: Buffer[] = [section()];
	let bytes = 0;
	let interfaces = new Map<string, number>();
	let second = 0;
	let count = 0;
	let isBroken = false;

	function rotate(): void {
		closeSync(fd);
		renameSync(path, `${path}.1`);
		fd = openSync(path, "a", 0o640);
		ftruncateSync(fd);
		size = 0;
		interfaces = new Map();
		waiting = [section(), ...waiting];
	}

	function flush(): void {
		if (isBroken || bytes === 0) return;
		try {
			const all = Buffer.concat(waiting);
			writeSync(fd, all);
			size += all.length;
			waiting = [];
			bytes = 0;
			if (size >= max) rotate();
		} catch (error) {
			isBroken = true;
			complain(`no evidence is kept any more: ${(error as Error).message}`);
		}
	}

	function idOf(linktype: number, name: string): number {
		const key = `${name} ${linktype}`;
		const known = interfaces.get(key);
		if (known !== undefined) return known;
		waiting.push(description(linktype, name));
		interfaces.set(key, interfaces.size);
		return interfaces.size - 1;
	}

	return {
		keep(data, length, time, linktype, name) {
			const current = Math.floor(time / 1000);
			if (current !== second) {
				second = current;
				count = 0;
			}
			if (isBroken || ++count > PACKETS_A_SECOND) return;
			waiting.push(packetBlock(idOf(linktype, name), time, data, length));
			bytes += data.length;
			if (bytes >= BUFFER) flush();
		},
		flush,
		close() {
			flush();
			closeSync(fd);
		},
	};
}
