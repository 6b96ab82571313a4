import { createIntake } from "../../src/capture/intake.ts";
import type { OnRecord } from "../../src/capture/record.ts";

/** A record as it was told, its data copied. */
export interface Told {
	data: string;
	length: number;
	time: number;
	linktype: number;
	iface: number;
}

/** An `OnRecord` that writes down what it is told, in `told`. */
export function recorder(): { told: Told[]; onRecord: OnRecord } {
	const told: Told[] = [];
	const onRecord: OnRecord = (
		bytes,
		offset,
		captured,
		length,
		time,
		linktype,
		iface,
	) => {
		if (offset + captured > bytes.length) throw new Error("outside the buffer");
		const data = Buffer.from(bytes.slice(offset, offset + captured));
		told.push({ data: data.toString("hex"), length, time, linktype, iface });
	};
	return { told, onRecord };
}

/** Reads a capture in pieces of the given sizes, again and again; all at once without. */
export function read(
	capture: Buffer,
	sizes: number[] = [capture.length],
): { told: Told[]; verdict: string | undefined } {
	const { told, onRecord } = recorder();
	const intake = createIntake(onRecord);
	for (let [at, i] = [0, 0]; at < capture.length; i++) {
		const room = intake.buffer.length - intake.filled;
		const size = Math.min(Math.max(1, sizes[i % sizes.length] ?? 1), room);
		const count = capture.copy(intake.buffer, intake.filled, at, at + size);
		if (!intake.take(count)) break;
		at += count;
	}
	return { told, verdict: intake.verdict() };
}

/** Numbers as bytes: each is [bits, value]. */
export function pack(
	littleEndian: boolean,
	...fields: [bits: 8 | 16 | 32, value: number][]
): Buffer {
	return Buffer.concat(
		fields.map(([bits, value]) => {
			const field = Buffer.alloc(bits / 8);
			if (littleEndian) field.writeUIntLE(value, 0, bits / 8);
			else field.writeUIntBE(value, 0, bits / 8);
			return field;
		}),
	);
}

export interface Header {
	magic?: number;
	littleEndian?: boolean;
	version?: [major: number, minor: number];
	linktype?: number;
}

/** The header of a classic capture. */
export function pcapHeader(header: Header = {}): Buffer {
	const { magic = 0xa1b2c3d4, littleEndian = true, linktype = 1 } = header;
	const [major, minor] = header.version ?? [2, 4];
	return pack(
		littleEndian,
		[32, magic],
		[16, major],
		[16, minor],
		[32, 0],
		[32, 0],
		[32, 65535],
		[32, linktype],
	);
}

/** A record of a classic capture: seconds, fraction, data, and its length on the wire. */
export function pcapRecord(
	seconds: number,
	fraction: number,
	data: string,
	length = data.length / 2,
	littleEndian = true,
): Buffer {
	const bytes = Buffer.from(data, "hex");
	const head = pack(
		littleEndian,
		[32, seconds],
		[32, fraction],
		[32, bytes.length],
		[32, length],
	);
	return Buffer.concat([head, bytes]);
}

/** A block of pcapng, padded, with its two lengths. */
export function block(
	type: number,
	body: Buffer,
	littleEndian = true,
	after: Buffer = Buffer.alloc(0),
): Buffer {
	const padded = Buffer.concat([body, Buffer.alloc(-body.length & 3), after]);
	const total = padded.length + 12;
	return Buffer.concat([
		pack(littleEndian, [32, type], [32, total]),
		padded,
		pack(littleEndian, [32, total]),
	]);
}

/** A section header of unknown length. */
export function section(littleEndian = true, minor = 0): Buffer {
	const unknown: [32, number] = [32, 0xffffffff];
	const body = pack(
		littleEndian,
		[32, 0x1a2b3c4d],
		[16, 1],
		[16, minor],
		unknown,
		unknown,
	);
	return block(0x0a0d0d0a, body, littleEndian);
}

/** An interface's description; options are [code, hex]. */
export function iface(
	linktype: number,
	options: [code: number, value: string][] = [],
	snaplen = 0,
	littleEndian = true,
): Buffer {
	const body = options.flatMap(([code, value]) => {
		const bytes = Buffer.from(value, "hex");
		const head = pack(littleEndian, [16, code], [16, bytes.length]);
		return [head, bytes, Buffer.alloc(-bytes.length & 3)];
	});
	const head = pack(littleEndian, [16, linktype], [16, 0], [32, snaplen]);
	return block(1, Buffer.concat([head, ...body]), littleEndian);
}

/** An enhanced packet of interface `id` at `ticks` of its clock. */
export function enhanced(
	id: number,
	ticks: bigint,
	data: string,
	length = data.length / 2,
	littleEndian = true,
	options: Buffer = Buffer.alloc(0),
): Buffer {
	const bytes = Buffer.from(data, "hex");
	const head = pack(
		littleEndian,
		[32, id],
		[32, Number(ticks >> 32n)],
		[32, Number(ticks & 0xffffffffn)],
		[32, bytes.length],
		[32, length],
	);
	return block(6, Buffer.concat([head, bytes]), littleEndian, options);
}
