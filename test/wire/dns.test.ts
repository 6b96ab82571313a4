/** Messages of LLMNR and mDNS: what we ask, what is answered, and what nobody should send. */
import dns from "dns-packet";
import fc from "fast-check";
import t from "tap";
import { decodeDns, encodeDns } from "../../src/wire/dns.ts";
import { cpuTime } from "../cputime.ts";
import { hex, join } from "./frames.ts";

/** Responder's answer for `wpad` by LLMNR: the question, then the name once more, 30 s. */
const RESPONDER = hex(
	"1234 8000 0001 0001 0000 0000 0477706164 00 0001 0001 0477706164 00 0001 0001 0000001e 0004 c0000202",
);

t.test("what is asked", async (t) => {
	t.same(
		Buffer.from(encodeDns(0x1234, "wpad", "A")),
		hex("1234 0000 0001 0000 0000 0000 0477706164 00 0001 0001"),
		"LLMNR: no flags, one question, nothing behind it",
	);
	t.same(
		Buffer.from(encodeDns(0, "wpad.local", "AAAA")),
		hex("0000 0000 0001 0000 0000 0000 0477706164 056c6f63616c 00 001c 0001"),
		"mDNS: id 0, QM",
	);
});

t.test("what is answered", async (t) => {
	t.same(decodeDns(RESPONDER), {
		id: 0x1234,
		flags: 0x8000,
		names: ["wpad", "wpad"],
		records: [
			{ name: "wpad", type: "A", ttl: 30, flush: false, address: "192.0.2.2" },
		],
		compressed: false,
		malformed: false,
	});
	const compressed = hex(
		"1234 8000 0001 0001 0000 0000 0457504144 00 001c 0001 c00c 001c 8001 0000003c 0010 fe800000000000000000000000000002",
	);
	t.same(decodeDns(compressed), {
		id: 0x1234,
		flags: 0x8000,
		names: ["wpad", "wpad"],
		records: [
			{ name: "wpad", type: "AAAA", ttl: 60, flush: true, address: "fe80::2" },
		],
		compressed: true,
		malformed: false,
	});
});

t.test("malformed: what could be read, and the flag", async (t) => {
	const question = hex("0477706164 00 0001 0001");
	const head = (answers: number) =>
		join([0x12348000, 4], [1, 2], [answers, 2], [0, 4]);
	t.same(decodeDns(new Uint8Array(0)).malformed, true, "nothing");
	t.match(decodeDns(hex("12348000")), {
		id: 0x1234,
		flags: 0x8000,
		malformed: true,
	});
	for (const [what, bytes] of [
		[
			"a loop",
			join(head(1), question, hex("c015 0001 0001 0000001e 0004 01020304")),
		],
		["a pointer ahead", join(head(1), question, hex("c0ff 0001 0001"))],
		["no answer where one is told", join(head(1), question)],
		[
			"data past the end",
			join(head(1), question, hex("c00c 0001 0001 0000001e 0004 0102")),
		],
		["a label of 64 bytes", join(head(1), question, hex("40"))],
		[
			"HINFO whose second string lies behind the end",
			join(head(1), question, hex("c00c 000d 0001 00000000 0003 026162")),
		],
	] as const) {
		const { names, records, malformed } = decodeDns(bytes);
		t.same([names, records, malformed], [["wpad"], [], true], what);
	}
	const both = join(head(2), RESPONDER.subarray(12), hex("c0"));
	t.match(
		decodeDns(both),
		{ records: [{ address: "192.0.2.2" }], malformed: true },
		"the first of two answers",
	);
	const many = join(
		[0x12348000, 4],
		[33, 2],
		[1, 2],
		[0, 4],
		...Array<Buffer>(33).fill(question),
	);
	t.equal(decodeDns(many).malformed, true, "33 questions");
});

const label = fc.stringMatching(/^[a-z\d]([a-z\d-]{0,13}[a-z\d])?$/);

t.test("round trip", async () => {
	fc.assert(
		fc.property(
			fc.nat(0xffff),
			label,
			fc.constantFrom("A" as const, "AAAA" as const),
			(id, name, type) => {
				const message = decodeDns(encodeDns(id, name, type));
				return (
					message.id === id &&
					message.flags === 0 &&
					message.names.join() === name &&
					!message.malformed
				);
			},
		),
	);
});

/** Whatever comes: an answer, soon. */
function survives(bytes: Uint8Array): boolean {
	const began = cpuTime();
	decodeDns(bytes);
	return cpuTime() - began < 200;
}

t.test("random bytes, cut and changed messages", async () => {
	fc.assert(fc.property(fc.uint8Array({ maxLength: 600 }), survives), {
		numRuns: 2000,
	});
	const record = dns.encode({
		type: "response",
		answers: [
			{ type: "A", name: "a.local", data: "192.0.2.1" },
			{ type: "SRV", name: "b.local", data: { port: 1, target: "c.local" } },
			{ type: "TXT", name: "d.local", data: ["x", "yy"] },
			{ type: "HINFO", name: "e.local", data: { cpu: "p", os: "q" } },
			{
				type: "NSEC",
				name: "f.local",
				data: { nextDomain: "f", rrtypes: ["A"] },
			},
			{ type: "CAA", name: "g.local", data: { tag: "issue", value: "h" } },
		],
	});
	const change = fc.tuple(fc.nat(record.length - 1), fc.nat(255));
	fc.assert(
		fc.property(
			fc.array(change, { maxLength: 6 }),
			fc.nat(record.length),
			fc.constantFrom(1, 6, 65_535),
			(changes, end, count) => {
				const bytes = Uint8Array.from(record.subarray(0, end));
				for (const [at, value] of changes) if (at < end) bytes[at] = value;
				if (end > 7) bytes.set([count >>> 8, count & 255], 6);
				return survives(bytes);
			},
		),
		{ numRuns: 5000 },
	);
});
