/** Decoders read what was captured, all they say comes from there, and nothing stays of the packet before. */
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import t from "tap";
import { decode } from "../../src/wire/link.ts";
import { createPacket, Kind, type Packet } from "../../src/wire/packet.ts";
import { SAMPLES } from "./samples.ts";

/** Decodes with `poison` before and behind; offsets are told from the frame's beginning. */
function amid(
	poison: number,
	frame: Uint8Array,
	captured: number,
	length: number,
	linktype: number,
	into: Packet,
): Packet {
	const before = 80 + (poison & 31);
	const buffer = new Uint8Array(before + captured + 200).fill(poison);
	buffer.set(frame.subarray(0, captured), before);
	decode(buffer, before, captured, length, linktype, into);
	if (into.kind === Kind.Other) return into;
	into.payload -= before;
	into.end -= before;
	return into;
}

const EVERY = [
	"kind",
	"macHigh",
	"macLow",
	"toMacHigh",
	"toMacLow",
	"vlan",
	"fragmented",
	"sourceWord",
] as const;
const ALL = [
	"version",
	"protocol",
	"s0",
	"s1",
	"s2",
	"s3",
	"d0",
	"d1",
	"d2",
	"d3",
	"toMany",
	"id",
	"sport",
	"dport",
	"length",
	"payload",
	"end",
] as const;
const IP = [
	"ttl",
	"df",
	"ipOptions",
	"fragmentOffset",
	"moreFragments",
] as const;
const OF_TCP = ["flags", "seq", "ack", "window", "options"] as const;

/** The fields that mean something in a packet of this kind. */
function meant(p: Packet): Partial<Packet> {
	const names: (keyof Packet)[] = [...EVERY];
	if (p.kind !== Kind.Other) names.push(...ALL);
	if (p.kind !== Kind.Other && p.kind !== Kind.Arp) names.push(...IP);
	if (p.kind === Kind.Tcp) names.push(...OF_TCP);
	if (p.kind === Kind.Sctp) names.push("chunk");
	return Object.fromEntries(names.map((name) => [name, p[name]]));
}

const isInside = (p: Packet, captured: number) =>
	p.kind === Kind.Other || (p.payload <= p.end && p.end <= captured);

t.test("every frame cut off at every length", async (t) => {
	for (const [i, [linktype, frame]] of SAMPLES.entries()) {
		const whole = amid(
			0,
			frame,
			frame.length,
			frame.length,
			linktype,
			createPacket(),
		);
		t.not(whole.kind, Kind.Other, `frame ${i} is understood`);
		for (let captured = 0; captured <= frame.length; captured++) {
			const results = [0x00, 0xff, 0x45, 0x60, 0x08].map((poison) =>
				amid(poison, frame, captured, frame.length, linktype, createPacket()),
			);
			const [first] = results as [Packet];
			for (const other of results.slice(1))
				t.same(
					other,
					first,
					`frame ${i} of link ${linktype}, ${captured} bytes`,
				);
			t.ok(isInside(first, captured), "payload and end lie in it");
		}
	}
});

/** Indices that are read although they weren't captured. */
function readOutside(
	frame: Buffer,
	captured: number,
	linktype: number,
): string[] {
	const outside: string[] = [];
	const watched = new Proxy(frame, {
		get(bytes, key) {
			if (!(Number(key) < captured)) outside.push(String(key));
			return bytes[Number(key)];
		},
	});
	decode(watched, 0, captured, frame.length, linktype, createPacket());
	return outside;
}

t.test("not a byte behind the captured ones is looked at", async (t) => {
	for (const [i, [linktype, frame]] of SAMPLES.entries())
		for (let captured = 0; captured <= frame.length; captured++) {
			const outside = readOutside(frame, captured, linktype);
			if (outside.length > 0) t.same(outside, [], `${i}: ${captured} bytes`);
		}
});

const mutated = fc
	.record({
		which: fc.nat(SAMPLES.length - 1),
		flips: fc.array(fc.tuple(fc.nat(120), fc.nat(255)), { maxLength: 6 }),
		cut: fc.nat(130),
		longer: fc.nat(1500),
	})
	.map(({ which, flips, cut, longer }) => {
		const [linktype, frame] = SAMPLES[which] as (typeof SAMPLES)[number];
		const bytes = Uint8Array.from(frame);
		for (const [at, value] of flips) if (at < bytes.length) bytes[at] = value;
		const captured = Math.min(cut, bytes.length);
		return { bytes, captured, length: captured + longer, linktype };
	});

t.test("broken frames in any surroundings", async () => {
	fc.assert(
		fc.property(mutated, fc.nat(255), fc.nat(255), (m, one, other) => {
			const of = (poison: number) =>
				amid(poison, m.bytes, m.captured, m.length, m.linktype, createPacket());
			const [a, b] = [of(one), of(other)];
			if (!isInside(a, m.captured)) return false;
			return isDeepStrictEqual(a, b);
		}),
		{ numRuns: 20_000 },
	);
});

t.test("nothing of the packet before stays", async () => {
	fc.assert(
		fc.property(mutated, mutated, (before, m) => {
			const used = createPacket();
			amid(
				0,
				before.bytes,
				before.captured,
				before.length,
				before.linktype,
				used,
			);
			used.sourceWord = 5;
			used.fragmented = true;
			const { bytes, captured, length, linktype } = m;
			const again = amid(0, bytes, captured, length, linktype, used);
			const fresh = amid(0, bytes, captured, length, linktype, createPacket());
			return isDeepStrictEqual(meant(again), meant(fresh));
		}),
		{ numRuns: 5_000 },
	);
});
