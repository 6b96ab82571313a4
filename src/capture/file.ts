import {
	closeSync,
	createReadStream,
	openSync,
	readSync,
	statSync,
} from "node:fs";
import { setImmediate } from "node:timers/promises";
import { createIntake, type Intake, MAGIC } from "./intake.ts";
import type { OnRecord } from "./record.ts";
import { packingOf, unpack } from "./unpack.ts";

/** Bytes read at a time: they stay in a processor's second-level cache beside the detectors' tables. */
const PIECE = 65_536;

/** What came of a file: the records that were told, and a sentence where that isn't all of it. */
export interface Reading {
	records: number;
	error?: string;
}

/** What the common errors of open(2) and read(2) mean, to follow the file's name. */
const REASONS: Record<string, string> = {
	ENOENT: "doesn't exist",
	ENOTDIR: "doesn't exist: a part of its path is no directory",
	EACCES: "can't be read: permission denied",
	EISDIR: "is a directory; name a capture file in it",
	Z_BUF_ERROR: "ends in the middle of its packed data",
	FRAMES: "has several zstd frames; unpack it with zstd -d first",
};

/** An error of the system's or of node:zlib's, which have codes, in words. Others are our own bugs and go on. */
function reasonOf(error: unknown): string {
	const { code, message } = error as NodeJS.ErrnoException;
	if (code === undefined) throw error;
	if (REASONS[code] !== undefined) return REASONS[code];
	return /^Z_|^ZSTD_/.test(code)
		? `has corrupt packed data: ${message}`
		: `can't be read: ${message}`;
}

/** Hands the pieces of a stream to the intake until it wants no more. */
async function pour(
	pieces: AsyncIterable<Buffer>,
	intake: Intake,
): Promise<void> {
	for await (const piece of pieces)
		for (let from = 0; from < piece.length; ) {
			const count = piece.copy(intake.buffer, intake.filled, from);
			if (!intake.take(count)) return;
			from += count;
		}
}

/** Takes pieces until there is enough to tell what they are; gives them back in front of the others. */
async function peek(
	stream: AsyncIterable<Buffer>,
): Promise<{ head: Buffer; all: AsyncIterable<Buffer> }> {
	const iterator = stream[Symbol.asyncIterator]();
	let head = Buffer.alloc(0);
	while (head.length < MAGIC) {
		const { done, value } = await iterator.next();
		if (done) break;
		head = Buffer.concat([head, value]);
	}
	const rest = { [Symbol.asyncIterator]: () => iterator };
	async function* all() {
		try {
			yield head;
			yield* rest;
		} finally {
			await iterator.return?.();
		}
	}
	return { head, all: all() };
}

/** Reads a stream, packed or not. */
async function readStream(
	stream: AsyncIterable<Buffer>,
	intake: Intake,
): Promise<void> {
	const { head, all } = await peek(stream);
	const packing = packingOf(head);
	if (packing === "plain") return pour(all, intake);
	return unpack(all, packing, (unpacked) => pour(unpacked, intake));
}

/** Reads a plain file straight into the intake's buffer; lets signals and timers through now and then. */
async function readPlain(fd: number, intake: Intake): Promise<void> {
	for (let reads = 1; ; reads++) {
		const { buffer, filled } = intake;
		const room = Math.min(buffer.length - filled, PIECE);
		const count = readSync(fd, buffer, filled, room, null);
		if (count === 0 || !intake.take(count)) return;
		if (reads % 16 === 0) await setImmediate();
	}
}

/** Reads a plain file; false when it is packed. */
async function readUnpacked(path: string, intake: Intake): Promise<boolean> {
	const fd = openSync(path, "r");
	try {
		const head = Buffer.alloc(MAGIC);
		readSync(fd, head, 0, MAGIC, 0);
		if (packingOf(head) !== "plain") return false;
		await readPlain(fd, intake);
		return true;
	} finally {
		closeSync(fd);
	}
}

/** Reads what the path names; what isn't a regular file (a FIFO's open waits for its writer) goes through a stream. */
async function readFile(path: string, intake: Intake): Promise<void> {
	if (!statSync(path).isFile() || !(await readUnpacked(path, intake)))
		await readStream(createReadStream(path), intake);
}

/**
 * Tells every record of a capture file, or of standard input ("-"): pcap or pcapng, plain or in gzip or
 * zstd, by magic. Memory is constant. `error` is a sentence that names the file, and the byte of the (unpacked)
 * capture where it is cut off or corrupt; the records before it were told. Throws only what `onRecord` throws.
 */
export async function readCapture(
	path: string,
	onRecord: OnRecord,
): Promise<Reading> {
	const intake = createIntake(onRecord);
	const name = path === "-" ? "standard input" : path;
	let trouble: string | undefined;
	try {
		if (path === "-") await readStream(process.stdin, intake);
		else await readFile(path, intake);
	} catch (error) {
		trouble = reasonOf(error);
	}
	// Where the intake wanted no more, the stream's complaint is only that it was left.
	if (trouble === undefined || intake.stopped) trouble = intake.verdict();
	else if (intake.records > 0)
		trouble += `; records up to byte ${intake.position}: ${intake.records}`;
	return {
		records: intake.records,
		...(trouble !== undefined && { error: `${name} ${trouble}` }),
	};
}
