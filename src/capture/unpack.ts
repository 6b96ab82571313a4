import type { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createZstdDecompress } from "node:zlib";

/** Bytes unpacked at a time. */
const CHUNK = 1 << 18;

/** How a file may be packed. */
export type Packing = "gzip" | "zstd";

/** How a file that begins with `head` (four bytes at least, or it's "plain") is packed: RFC 1952 section 2.3.1, RFC 8878 section 3.1.1. */
export function packingOf(head: Uint8Array): Packing | "plain" {
	const [a, b, c, d] = head;
	if (a === 0x1f && b === 0x8b) return "gzip";
	if (a === 0x28 && b === 0xb5 && c === 0x2f && d === 0xfd) return "zstd";
	return "plain";
}

/** An unpacker that takes one piece at a time: all that came before an error is handed out first. */
function engineOf(packing: Packing): Transform & { bytesWritten: number } {
	const options = { chunkSize: CHUNK, writableHighWaterMark: 1 };
	return packing === "gzip"
		? createGunzip(options)
		: createZstdDecompress(options);
}

/**
 * Unpacks `packed` into `sink` in constant memory, several gzip members included; ends early when `sink`
 * does. Rejects with a coded error where the data is corrupt, cut off, or goes on behind its first zstd
 * frame, which node:zlib drops.
 */
export async function unpack(
	packed: AsyncIterable<Uint8Array>,
	packing: Packing,
	sink: (unpacked: AsyncIterable<Buffer>) => Promise<void>,
): Promise<void> {
	const engine = engineOf(packing);
	let size = 0;
	async function* sized() {
		for await (const piece of packed) {
			size += piece.length;
			yield piece;
		}
	}
	await pipeline(sized, engine, sink);
	if (packing === "zstd" && engine.bytesWritten < size)
		throw Object.assign(new Error("more than one frame"), { code: "FRAMES" });
}
