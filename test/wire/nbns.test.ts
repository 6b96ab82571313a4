/** NetBIOS name service packets (RFC 1002). */
import fc from "fast-check";
import t from "tap";
import { decodeNbns, encodeNbns, nbName } from "../../src/wire/nbns.ts";
import { hex, join } from "./frames.ts";

t.test("what is asked: 50 bytes, flags 0x0110", async (t) => {
	const head = "1234 0110 0001 0000 0000 0000";
	const asked = (suffix: number) =>
		Buffer.from(encodeNbns(0x1234, "wpad", suffix)).toString("latin1");
	const end = "\0\0\x20\0\x01";
	const name = " FHFAEBEECACACACACACACACACACACA";
	t.equal(asked(0x00), `${hex(head).toString("latin1")}${name}AA${end}`);
	t.equal(asked(0x20), `${hex(head).toString("latin1")}${name}CA${end}`);
	t.equal(encodeNbns(1, "abcdefghijklmno", 0x20).length, 50);
});

/** `WPAD` and eleven spaces, half a byte a letter (RFC 1001 section 14.1), and the suffix 0x20. */
const NAME = Buffer.from(" FHFAEBEECACACACACACACACACACACACA\0");

/** Responder's: flags 0x8500, no question, TTL 300000, NB_FLAGS 0. */
const RESPONDER = join(
	hex("1234 8500 0000 0001 0000 0000"),
	NAME,
	hex("0020 0001 000493e0 0006 0000 c0000202"),
);

t.test("what is answered", async (t) => {
	t.same(decodeNbns(RESPONDER), {
		id: 0x1234,
		flags: 0x8500,
		names: ["wpad<20>"],
		records: [
			{
				name: "wpad<20>",
				type: "NB",
				ttl: 300_000,
				flush: false,
				address: "192.0.2.2",
			},
		],
		compressed: false,
		malformed: false,
	});
	const pointing = join(
		hex("1234 8580 0001 0001 0000 0000"),
		NAME,
		hex("0020 0001 c00c 0020 0001 000000a5 000c 6000 c0000203 6000 c0000204"),
	);
	t.match(decodeNbns(pointing), {
		names: ["wpad<20>", "wpad<20>"],
		records: [{ name: "wpad<20>", ttl: 165, address: "192.0.2.3" }],
		compressed: true,
		malformed: false,
	});
	const negative = join(
		hex("1234 8583 0000 0001 0000 0000"),
		NAME,
		hex("000a 0001 00000000 0000"),
	);
	t.match(decodeNbns(negative), {
		flags: 0x8583,
		records: [{ type: "UNKNOWN_10", address: undefined }],
		malformed: false,
	});
	const scoped = join(
		hex("1234 8500 0000 0001 0000 0000"),
		NAME.subarray(0, -1),
		hex("03666f6f 00 0020 0001 00000001 0006 0000 c0000202"),
	);
	t.match(decodeNbns(scoped), { names: ["wpad<20>"], malformed: false });
});

t.test("malformed", async (t) => {
	const head = hex("1234 8500 0000 0001 0000 0000");
	for (const [what, bytes] of [
		["nothing", hex("")],
		["half a header", hex("1234 8500 00")],
		["no answer", head],
		["half a name", join(head, NAME.subarray(0, 20))],
		["a name without end", join(head, NAME.subarray(0, -1))],
		[
			"letters beyond P",
			join(
				head,
				hex(`20${"5a".repeat(32)}00`),
				hex("0020 0001 00000001 0006 0000 c0000202"),
			),
		],
		["a name of 16 bytes", join(head, hex(`10${"41".repeat(16)}00`))],
		[
			"a pointer to itself",
			join(head, hex("c00c 0020 0001 00000001 0006 0000 c0000202")),
		],
		[
			"a pointer into the header",
			join(head, hex("c000 0020 0001 00000001 0006 0000 c0000202")),
		],
		[
			"a pointer ahead",
			join(head, hex("c0ff 0020 0001 00000001 0006 0000 c0000202")),
		],
		[
			"data past the end",
			join(head, NAME, hex("0020 0001 00000001 0006 0000 c0")),
		],
		[
			"data too short for an address",
			join(head, NAME, hex("0020 0001 00000001 0002 0000")),
		],
		["65,535 questions", join(hex("1234 8500 ffff 0001 0000 0000"), NAME)],
	] as const) {
		const { records, malformed } = decodeNbns(bytes);
		t.same([records, malformed], [[], true], what);
	}
});

t.test("round trip", async () => {
	const name = fc.stringMatching(/^[a-z\d]([a-z\d-]{0,13}[a-z\d])?$/);
	fc.assert(
		fc.property(fc.nat(0xffff), name, fc.nat(255), (id, name, suffix) => {
			const message = decodeNbns(encodeNbns(id, name, suffix));
			return (
				message.id === id &&
				message.flags === 0x0110 &&
				message.names.join() === nbName(name, suffix) &&
				!message.malformed
			);
		}),
	);
});

t.test("random bytes, cut and changed packets", async () => {
	fc.assert(
		fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
			decodeNbns(bytes);
		}),
		{ numRuns: 5000 },
	);
	const change = fc.tuple(fc.nat(RESPONDER.length - 1), fc.nat(255));
	fc.assert(
		fc.property(
			fc.array(change, { maxLength: 5 }),
			fc.nat(RESPONDER.length),
			(changes, end) => {
				const bytes = Uint8Array.from(RESPONDER.subarray(0, end));
				for (const [at, value] of changes) if (at < end) bytes[at] = value;
				decodeNbns(bytes);
			},
		),
		{ numRuns: 5000 },
	);
});
