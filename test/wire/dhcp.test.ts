/** DHCP and BOOTP messages: what is written is read again, and nothing that comes makes the reader fail. */
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import t from "tap";
import {
	addressesOf,
	addressOf,
	BOOTREPLY,
	BOOTREQUEST,
	type DhcpDraft,
	type DhcpEntry,
	decodeDhcp,
	encodeDhcp,
	numberOf,
	typeOf,
} from "../../src/wire/dhcp.ts";
import { hex, join, number } from "./frames.ts";

const text = (value: string) => new TextEncoder().encode(value);

const FIELDS = {
	op: BOOTREPLY,
	xid: 0xdeadbeef,
	secs: 3,
	broadcast: true,
	ciaddr: "0.0.0.0",
	yiaddr: "192.0.2.77",
	siaddr: "192.0.2.1",
	giaddr: "198.51.100.1",
	chaddr: "02:00:00:00:00:07",
	sname: text("boot.example.net"),
	file: text("pxelinux.0"),
} as const;

/** A reply's fields in front of options in hex; `sname` and `file` in hex too. */
function raw(options: string, { sname = "", file = "", cookie = true } = {}) {
	const field = (content: string, size: number) => {
		const bytes = Buffer.alloc(size);
		hex(content).copy(bytes);
		return bytes;
	};
	return join(
		hex("02 01 06 00 00000001 0000 0000"),
		hex("00000000 c000024d 00000000 00000000"),
		field("020000000007", 16),
		field(sname, 64),
		field(file, 128),
		hex(cookie ? "63825363" : ""),
		hex(options),
	);
}

/** Options as `code:hex`, in the order of their first part. */
const optionsOf = (bytes: Uint8Array) =>
	Array.from(
		decodeDhcp(bytes).options,
		([code, value]) => `${code}:${Buffer.from(value).toString("hex")}`,
	);

t.test("an offer, byte for byte", async (t) => {
	const bytes = encodeDhcp({
		...FIELDS,
		options: [
			[53, Uint8Array.of(2)],
			[54, Uint8Array.of(192, 0, 2, 1)],
			[51, Uint8Array.of(0, 0, 14, 16)],
		],
	});
	const expected = join(
		hex("02 01 06 00 deadbeef 0003 8000"),
		hex("00000000 c000024d c0000201 c6336401"),
		hex("020000000007 00000000000000000000"),
		Buffer.from("boot.example.net".padEnd(64, "\0")),
		Buffer.from("pxelinux.0".padEnd(128, "\0")),
		hex("63825363 350102 3604c0000201 330400000e10 ff"),
		Buffer.alloc(300 - 240 - 16),
	);
	t.equal(Buffer.from(bytes).toString("hex"), expected.toString("hex"));
	const message = decodeDhcp(bytes);
	t.match(message, { ...FIELDS, malformed: false });
	t.equal(typeOf(message), 2);
	t.equal(addressOf(message, 54), "192.0.2.1");
	t.equal(numberOf(message, 51), 3600);
});

const address = fc
	.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255))
	.map((bytes) => bytes.join("."));
const mac = fc
	.uint8Array({ minLength: 6, maxLength: 6 })
	.map((bytes) => Buffer.from(bytes).toString("hex").match(/../g)?.join(":"))
	.filter((value) => value !== undefined);
const field = (maxLength: number) =>
	fc
		.array(fc.integer({ min: 1, max: 255 }), { maxLength })
		.map((bytes) => Uint8Array.from(bytes));
/** Any options but those of a size or meaning of their own. */
const entries = fc.uniqueArray(
	fc.tuple(
		fc.integer({ min: 60, max: 254 }),
		fc.uint8Array({ maxLength: 700 }),
	),
	{ selector: ([code]) => code, maxLength: 12 },
);

/** Bytes as arrays: subarrays and buffers of one content are the same. */
const plain = (value: unknown) =>
	JSON.parse(
		JSON.stringify(value, (_, part) =>
			part instanceof Uint8Array ? [...part] : part,
		),
	);

t.test("what is written is read again, long options in parts", async () => {
	const draft = fc.record({
		op: fc.constantFrom(BOOTREQUEST, BOOTREPLY),
		xid: fc.nat(0xffffffff),
		secs: fc.nat(0xffff),
		broadcast: fc.boolean(),
		ciaddr: address,
		yiaddr: address,
		siaddr: address,
		giaddr: address,
		chaddr: mac,
		sname: field(64),
		file: field(128),
	});
	fc.assert(
		fc.property(draft, entries, (fields, options) => {
			const bytes = encodeDhcp({ ...fields, options } as DhcpDraft);
			const { options: read, malformed, ...rest } = decodeDhcp(bytes);
			return (
				bytes.length >= 300 &&
				!malformed &&
				isDeepStrictEqual(plain(rest), plain(fields)) &&
				isDeepStrictEqual(plain([...read]), plain(options))
			);
		}),
		{ numRuns: 300 },
	);
});

t.test("PAD, END and what lies behind it", async (t) => {
	t.same(optionsOf(raw("00 00 350102 00 3604c0000201 ff 0604c0000209")), [
		"53:02",
		"54:c0000201",
	]);
	t.same(optionsOf(raw("350102")), ["53:02"], "END may be missing");
	t.equal(decodeDhcp(raw("350102")).malformed, false);
	t.same(optionsOf(raw("")), []);
});

t.test("overload: options go on in file, then in sname", async (t) => {
	const inFile = "0304c00002fe ff";
	const inSname = "0604c0000235 ff";
	const fields = { file: inFile, sname: inSname };
	const dns = "6:c0000235";
	const router = "3:c00002fe";
	const at = (overload: string) =>
		optionsOf(raw(`350102 3401${overload} ff`, fields)).slice(2);
	t.same(at("01"), [router]);
	t.same(at("02"), [dns]);
	t.same(at("03"), [router, dns]);
	const { sname, file } = decodeDhcp(raw("340101ff", fields));
	t.equal(file.length, 0, "it holds options, not a name");
	t.equal(Buffer.from(sname).toString("hex"), "0604c0", "up to the zero");
	for (const wrong of ["340100ff", "340104ff", "3400ff"])
		t.equal(decodeDhcp(raw(wrong, fields)).options.size, 1, wrong);
	t.equal(decodeDhcp(raw("340104ff", fields)).malformed, true);
	t.same(
		optionsOf(raw("340102ff", { sname: "340101 ff", file: inFile })),
		["52:0201"],
		"an overload in sname means nothing",
	);
});

t.test("an option in parts, over the fields' borders (RFC 3396)", async (t) => {
	const { options, malformed } = decodeDhcp(
		raw("fc03687474 340103 fc0170 ff", {
			file: "fc033a2f2f ff",
			sname: "fc0161 ff",
		}),
	);
	t.equal(Buffer.from(options.get(252) ?? []).toString(), "http://a");
	t.equal(malformed, false);
});

t.test("malformed: what could be read, and a flag", async (t) => {
	const table: [name: string, bytes: Buffer, options: string[]][] = [
		["length past the end", raw("350102 0608c0000235"), ["53:02"]],
		["no length", raw("350102 06"), ["53:02"]],
		["in file", raw("340101 ff", { file: "06ff" }), ["52:01"]],
		["type of two bytes", raw("35020102 ff"), ["53:0102"]],
		["type twice", raw("350102 350105 ff"), ["53:0205"]],
		["server of three bytes", raw("3603c00002 ff"), ["54:c00002"]],
		["half an address", raw("0606c0000235c000 ff"), ["6:c0000235c000"]],
		["nothing but op", Buffer.of(2), []],
		["empty", Buffer.alloc(0), []],
		["cut off in file", raw("").subarray(0, 200), []],
	];
	for (const [name, bytes, options] of table) {
		t.equal(decodeDhcp(bytes).malformed, true, name);
		t.same(optionsOf(bytes), options, name);
	}
	t.equal(decodeDhcp(Buffer.of(2)).op, 2);
	t.equal(typeOf(decodeDhcp(raw("35020102ff"))), undefined);
	t.equal(addressOf(decodeDhcp(raw("3603c00002ff")), 54), undefined);
	t.same(addressesOf(decodeDhcp(raw("0606c0000235c000ff")), 6, 8), [
		"192.0.2.53",
	]);
});

t.test("BOOTP has no cookie, and is sound", async (t) => {
	const message = decodeDhcp(raw("350102", { cookie: false }));
	t.equal(message.malformed, false);
	t.equal(message.options.size, 0);
	t.equal(message.yiaddr, "192.0.2.77");
});

/** Real fields, broken options. */
const hostile = fc.oneof(
	fc.uint8Array({ maxLength: 2000 }),
	fc
		.tuple(fc.uint8Array({ maxLength: 600 }), fc.uint8Array({ maxLength: 64 }))
		.map(([options, field]) => {
			const content = Buffer.from(field).toString("hex");
			return raw(`340103${Buffer.from(options).toString("hex")}`, {
				file: content,
				sname: content,
			});
		}),
);

t.test("any bytes: no exception, no more out than came in", async () => {
	fc.assert(
		fc.property(hostile, (bytes) => {
			const { options } = decodeDhcp(bytes);
			let size = 0;
			for (const value of options.values()) size += value.length;
			return options.size <= 254 && size <= bytes.length;
		}),
		{ numRuns: 20_000 },
	);
});

t.test("every message cut off at every length", async (t) => {
	const whole = encodeDhcp({
		...FIELDS,
		options: [
			[53, Uint8Array.of(2)],
			[6, Uint8Array.from(number(0xc0000235, 4))],
		],
	});
	for (let length = 0; length < whole.length; length++) {
		const { malformed, op } = decodeDhcp(whole.subarray(0, length));
		if (length < 236) t.equal(malformed, true, `${length} bytes`);
		t.equal(op, length > 0 ? 2 : 0);
	}
});

t.test("64 KB of options take no longer than their bytes", async (t) => {
	const big: [name: string, options: Buffer][] = [
		["empty ones", Buffer.alloc(65_000, hex("fc00"))],
		["of one byte", Buffer.alloc(65_001, hex("fc0161"))],
		["PAD", Buffer.alloc(65_000)],
		[
			"all codes",
			Buffer.from(Array.from({ length: 65_000 }, (_, i) => i % 255)),
		],
		["long ones", Buffer.alloc(65_000, 0xfe)],
	];
	for (const [name, options] of big) {
		const bytes = join(raw(""), options);
		const begin = process.cpuUsage();
		for (let i = 0; i < 10; i++) decodeDhcp(bytes);
		const { user, system } = process.cpuUsage(begin);
		t.ok((user + system) / 10_000 < 50, `${name}: below 50 ms each`);
	}
	const { options } = decodeDhcp(join(raw(""), big[1]?.[1] as Buffer));
	t.equal(options.get(252)?.length, 21_667);
});

t.test("an option longer than 255 bytes is written in parts", async (t) => {
	const value = Uint8Array.from({ length: 600 }, (_, i) => i % 251);
	const entry: DhcpEntry = [252, value];
	const bytes = encodeDhcp({ ...FIELDS, options: [entry] });
	t.equal(bytes.length, 240 + 600 + 3 * 2 + 1);
	t.same(
		[bytes[240], bytes[241], bytes[240 + 257], bytes[240 + 258]],
		[252, 255, 252, 255],
	);
	t.same(decodeDhcp(bytes).options.get(252), value);
});
