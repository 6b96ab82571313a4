import fc from "fast-check";
import t from "tap";
import { parseAddress, type Words } from "../../src/config/cidr.ts";
import { formatMac } from "../../src/wire/address.ts";
import {
	BROADCAST_MAC,
	type Ends,
	icmp6Frame,
	macBytes,
	multicastMac,
	udpFrame,
} from "../../src/wire/frame.ts";
import { Kind } from "../../src/wire/packet.ts";
import { decoded, hex } from "./frames.ts";

const words = (text: string): Words => {
	const found = parseAddress(text);
	if (!found) throw new Error(text);
	return found;
};

const FOUR: Ends = {
	fromMac: macBytes("02:00:00:00:00:01"),
	toMac: BROADCAST_MAC,
	from: words("192.0.2.1"),
	to: words("192.0.2.255"),
	ttl: 64,
	id: 0x1234,
};
const SIX: Ends = {
	fromMac: macBytes("02:00:00:00:00:01"),
	toMac: macBytes("33:33:00:01:00:03"),
	from: words("fe80::1"),
	to: words("ff02::1:3"),
	ttl: 255,
	id: 0xabcde,
};

const written = (frame: Uint8Array) => Buffer.from(frame).toString("hex");

/** RFC 1071 as it says in its section 1, with BigInt: the sum modulo 2^16 - 1. */
function internetSum(...parts: readonly Uint8Array[]): number {
	const sum = parts
		.flatMap((part) => [...part, ...(part.length % 2 === 1 ? [0] : [])])
		.reduce((all, byte, i) => all + BigInt(i % 2 === 0 ? byte << 8 : byte), 0n);
	return Number(sum % 0xffffn);
}

/** Both checksums are right when what they cover sums up to 0 (modulo 2^16 - 1). */
function isSound(frame: Uint8Array): boolean {
	const isFour = frame[12] === 0x08;
	const payload = frame.subarray(isFour ? 34 : 54);
	const addresses = isFour ? frame.subarray(26, 34) : frame.subarray(22, 54);
	const protocol = frame[isFour ? 23 : 20] as number;
	const pseudo = Uint8Array.of(
		0,
		protocol,
		payload.length >> 8,
		payload.length & 255,
	);
	const head = isFour ? internetSum(frame.subarray(14, 34)) : 0;
	return head === 0 && internetSum(addresses, pseudo, payload) === 0;
}

t.test("UDP of IPv4, byte for byte", async (t) => {
	const frame = udpFrame(FOUR, 137, 137, Uint8Array.of(1, 2, 3));
	t.equal(
		written(frame),
		[
			"ffffffffffff0200000000010800",
			"4500001f123400004011e399c0000201c00002ff",
			"00890089000b75c3010203",
		].join(""),
	);
	t.ok(isSound(frame));
});

t.test("UDP of IPv6, byte for byte", async (t) => {
	const frame = udpFrame(SIX, 49_152, 5355, Uint8Array.of(0xca, 0xfe));
	t.equal(
		written(frame),
		[
			"33330001000302000000000186dd",
			"600abcde000a11ff",
			"fe800000000000000000000000000001",
			"ff020000000000000000000000010003",
			"c00014eb000a6267cafe",
		].join(""),
	);
	t.ok(isSound(frame));
});

t.test("ICMPv6, byte for byte: a router solicitation", async (t) => {
	const ends = {
		...SIX,
		toMac: macBytes("33:33:00:00:00:02"),
		to: words("ff02::2"),
		id: 0,
	};
	const message = hex("8500 ffff 00000000 0101 020000000001");
	const frame = icmp6Frame(ends, message);
	t.equal(
		written(frame),
		[
			"33330000000202000000000186dd",
			"6000000000103aff",
			"fe800000000000000000000000000001",
			"ff020000000000000000000000000002",
			"85007a2c00000000",
			"0101020000000001",
		].join(""),
		"whatever stood in the checksum's place",
	);
	t.ok(isSound(frame));
	t.equal(message.toString("hex").slice(4, 8), "ffff", "which stays as it was");
});

t.test("a checksum of 0 is written as ffff (RFC 768)", async (t) => {
	const plain = udpFrame(FOUR, 137, 137, new Uint8Array(2));
	const sum = Buffer.from(plain).readUInt16BE(40);
	const frame = udpFrame(FOUR, 137, 137, Uint8Array.of(sum >> 8, sum & 255));
	t.equal(Buffer.from(frame).readUInt16BE(40), 0xffff);
	t.ok(isSound(frame));
});

t.test("MAC addresses", async (t) => {
	t.strictSame(
		macBytes("02:00:00:aB:cD:ef"),
		Uint8Array.of(2, 0, 0, 0xab, 0xcd, 0xef),
	);
	t.equal(written(BROADCAST_MAC), "ffffffffffff");
	const cases: [address: string, mac: string][] = [
		["224.0.0.251", "01005e0000fb"],
		["224.0.0.252", "01005e0000fc"],
		["239.255.255.250", "01005e7ffffa"], // 23 bits of it
		["ff02::1:3", "333300010003"],
		["ff02::fb", "3333000000fb"],
		["ff02::1:ff00:1234", "3333ff001234"],
	];
	for (const [address, mac] of cases)
		t.equal(written(multicastMac(words(address))), mac, address);
});

const byte = fc.nat(255);
const mac = fc.uint8Array({ minLength: 6, maxLength: 6 });
const port = fc.nat(65_535);
const six = fc
	.tuple(fc.integer(), fc.integer(), fc.integer(), fc.integer())
	.filter(([w0, w1, w2]) => w0 !== 0 || w1 !== 0 || w2 !== 0xffff);
const four = fc
	.integer()
	.map((word) => [0, 0, 0xffff, word] as [number, number, number, number]);
const endsOf = (address: fc.Arbitrary<Words>) =>
	fc.record<Ends>({
		fromMac: mac,
		toMac: mac,
		from: address,
		to: address,
		ttl: byte,
		id: fc.nat(2 ** 20 - 1),
	});
const ends = fc.oneof(endsOf(four), endsOf(six));

const macOf = (bytes: Uint8Array) => {
	const view = new DataView(bytes.buffer, bytes.byteOffset);
	return formatMac(view.getUint16(0), view.getUint32(2));
};

/** What a frame says that was written for these ends. */
function says(frame: Uint8Array, ends: Ends) {
	const bytes = Buffer.from(frame);
	const p = decoded(bytes);
	const isFour = p.version === 4;
	return {
		p,
		payload: bytes.subarray(p.payload, p.end),
		isRight:
			isSound(frame) &&
			p.mac === macOf(ends.fromMac) &&
			p.toMac === macOf(ends.toMac) &&
			[p.s0, p.s1, p.s2, p.s3].join() === ends.from.join() &&
			[p.d0, p.d1, p.d2, p.d3].join() === ends.to.join() &&
			p.ttl === ends.ttl &&
			(isFour
				? p.id === (ends.id & 0xffff)
				: bytes.readUInt32BE(14) % 2 ** 20 === ends.id),
	};
}

t.test("a datagram is decoded to what was written", async () => {
	const payload = fc.uint8Array({ maxLength: 600 });
	fc.assert(
		fc.property(ends, port, port, payload, (ends, sport, dport, payload) => {
			const { p, isRight, ...back } = says(
				udpFrame(ends, sport, dport, payload),
				ends,
			);
			return (
				isRight &&
				p.kind === Kind.Udp &&
				p.sport === sport &&
				p.dport === dport &&
				p.length === payload.length &&
				back.payload.equals(payload)
			);
		}),
		{ numRuns: 1000 },
	);
});

t.test("an ICMPv6 message is decoded to what was written", async () => {
	// echo, neighbour discovery: what has no other packet within
	const type = fc.integer({ min: 128, max: 255 });
	const rest = fc.uint8Array({ minLength: 6, maxLength: 600 });
	fc.assert(
		fc.property(endsOf(six), type, byte, rest, (ends, type, code, rest) => {
			const frame = icmp6Frame(ends, Uint8Array.of(type, code, ...rest));
			const { p, isRight, payload } = says(frame, ends);
			return (
				isRight &&
				p.kind === Kind.Icmp6 &&
				p.sport === type &&
				p.dport === code &&
				payload.equals(Buffer.from(rest.subarray(6)))
			);
		}),
		{ numRuns: 1000 },
	);
});
