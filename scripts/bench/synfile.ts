/** Capture files of spoofed SYNs, as a flood would leave them. */
import { closeSync, openSync, writeSync } from "node:fs";

const FRAME = 54;
const RECORD = 16 + FRAME;
const BATCH = 10_000;
const PACKETS_A_SECOND = 500_000;
const START = 1_700_000_000;
export const TARGET = "10.77.0.1";

/** Ethernet, IPv4 and TCP of a SYN to TARGET; what differs is filled in. */
const TEMPLATE = Buffer.from(
	"020000000001020000000002080045000028000040003206000000000000" +
		"0a4d000100000000000000000000000050022000" +
		"00000000",
	"hex",
);

/** Marsaglia's xorshift (2003): the same file each time. */
function createRandom(): () => number {
	let x = 123_456_789;
	return () => {
		x ^= x << 13;
		x ^= x >>> 17;
		x ^= x << 5;
		return x >>> 0;
	};
}

/** Writes `packets` SYNs from `sources` addresses, to one port or to random ones; classic pcap, microseconds. */
export function writeSyns(
	path: string,
	packets: number,
	sources: number,
	port?: number,
): void {
	const random = createRandom();
	const fd = openSync(path, "w");
	const header = Buffer.alloc(24);
	header.writeUInt32LE(0xa1b2c3d4, 0);
	header.writeUInt16LE(2, 4);
	header.writeUInt16LE(4, 6);
	header.writeUInt32LE(65_535, 16);
	header.writeUInt32LE(1, 20);
	writeSync(fd, header);
	const batch = Buffer.alloc(RECORD * BATCH);
	for (let i = 0; i < packets; ) {
		const count = Math.min(BATCH, packets - i);
		for (let j = 0; j < count; j++, i++) {
			const o = j * RECORD;
			const us = Math.floor((i * 1_000_000) / PACKETS_A_SECOND);
			batch.writeUInt32LE(START + Math.floor(us / 1_000_000), o);
			batch.writeUInt32LE(us % 1_000_000, o + 4);
			batch.writeUInt32LE(FRAME, o + 8);
			batch.writeUInt32LE(FRAME, o + 12);
			batch.set(TEMPLATE, o + 16);
			batch.writeUInt16BE(random() & 0xffff, o + 34);
			batch.writeUInt32BE(0x0b000000 + (random() % sources) * 7, o + 42);
			batch.writeUInt16BE(1024 + (random() % 60_000), o + 50);
			batch.writeUInt16BE(port ?? 1 + (random() % 65_000), o + 52);
			batch.writeUInt32BE(random(), o + 54);
		}
		writeSync(fd, batch, 0, count * RECORD);
	}
	closeSync(fd);
}
