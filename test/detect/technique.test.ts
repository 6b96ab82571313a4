import t from "tap";
import type { Technique, Tool } from "../../src/alert/alert.ts";
import {
	impossibleFlags,
	isCraftedSegment,
	isCraftedSynAck,
	isStackSyn,
	toolOfTcp,
} from "../../src/detect/technique.ts";
import { createPacket, type Packet } from "../../src/wire/packet.ts";

t.test("all 64 combinations of flags", async (t) => {
	const names: Record<string, Technique> = {
		"": "null",
		F: "fin",
		FPU: "xmas",
	};
	// what a connection has, from the SYN to the reset, with PSH and URG where data may be
	const ordinary = [
		..."S SA SP SAP SU SAU SPU SAPU".split(" "),
		..."A PA AU PAU FA FPA FAU FPAU".split(" "),
		..."R RA RP RPA RU RAU RPU RPAU".split(" "),
		..."FR FRA FRP FRPA FRU FRAU FRPU FRPAU".split(" "),
	].map((text) => [...text].sort().join(""));
	for (let flags = 0; flags < 64; flags++) {
		const text = [..."FSRPAU"].filter((_, i) => (flags >> i) & 1).join("");
		const sorted = [...text].sort().join("");
		const expected = ordinary.includes(sorted)
			? undefined
			: (names[sorted] ?? "odd");
		t.equal(impossibleFlags(flags), expected, text);
	}
	t.equal(ordinary.length, 32);
});

t.test("a stack's SYN negotiates two things at least", async (t) => {
	for (const [bits, expected] of [
		[0, false],
		[1, false],
		[2, false],
		[4, false],
		[8, false],
		[3, true],
		[5, true],
		[15, true],
	] as const)
		t.equal(isStackSyn(bits), expected, `${bits}`);
});

const made = (fields: Partial<Packet>): Packet => ({
	...createPacket(),
	version: 4,
	...fields,
});

t.test("segments that no stack sends", async (t) => {
	for (const [fields, expected] of [
		[{}, true],
		[{ df: true }, false],
		[{ length: 1 }, false],
		[{ options: -1 }, false],
		[{ version: 6, window: 1024 }, true],
		[{ version: 6, window: 1025 }, false],
		[{ version: 6, window: 1024, length: 1 }, false],
	] as const)
		t.equal(isCraftedSegment(made(fields)), expected, JSON.stringify(fields));
	for (const [fields, expected] of [
		[{ options: 0, window: 64_240 }, true],
		[{ options: 1, window: 64_240 }, false],
		[{ options: 1, window: 1024 }, true],
		[{ options: 1, window: 1025 }, false],
		[{ options: 1, window: 0 }, false],
	] as const)
		t.equal(isCraftedSynAck(made(fields)), expected, JSON.stringify(fields));
});

t.test("tools by their fingerprints", async (t) => {
	const [S, A] = [2, 16];
	// masscan: low bits of destination ^ port ^ sequence number; 192.0.2.1 ends in 0x0201
	const masscan = {
		window: 1024,
		ttl: 250,
		flags: S,
		d3: 0xc0000201 | 0,
		dport: 80,
		seq: 0x12345678,
		id: (0x0201 ^ 80 ^ 0x5678) & 0xffff,
	};
	const table: [Partial<Packet>, Tool | undefined][] = [
		[masscan, "masscan"],
		[{ ...masscan, options: 1 }, "masscan"],
		[{ ...masscan, id: 1 }, undefined],
		[{ ...masscan, ttl: 64 }, undefined],
		[{ id: 54_321, flags: S, window: 65_535 }, "zmap"],
		[{ id: 54_321, flags: S, window: 65_535, version: 6 }, undefined],
		[{ id: 54_321, flags: S, window: 65_535, df: true }, undefined],
		[{ id: 54_321, flags: S, window: 64_240 }, undefined],
		[{ flags: S, window: 1024, options: 1 }, "nmap"],
		[{ flags: S, window: 3072, options: 1 }, "nmap"],
		[{ flags: S, window: 1024, options: 1, version: 6 }, "nmap"],
		[{ flags: S, window: 1024, options: 1, df: true }, undefined],
		[{ flags: S, window: 1024, options: 0 }, undefined],
		[{ flags: A, window: 1024, options: 0 }, "nmap"],
		[{ flags: 0, window: 4096, options: 0 }, "nmap"],
		[{ flags: A, window: 1024, options: -1 }, undefined],
		[{ flags: S, window: 512, options: 0 }, "hping3"],
		[{ flags: S, window: 512, options: 1 }, undefined],
		[{ flags: S, window: 64_240, options: 15, df: true }, undefined],
	];
	for (const [fields, tool] of table)
		t.equal(toolOfTcp(made(fields)), tool, JSON.stringify(fields));
});
