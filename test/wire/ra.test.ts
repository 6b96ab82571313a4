import fc from "fast-check";
import t from "tap";
import {
	decodeRa,
	encodeSolicitation,
	type RouterAdvertisement,
} from "../../src/wire/ra.ts";
import { dnssl, mtu, prefix, ra, rdnss, sourceMac } from "./answers6.ts";
import { address, hex, join } from "./frames.ts";

const BARE: RouterAdvertisement = {
	code: 0,
	hopLimit: 64,
	managed: false,
	other: false,
	preference: "medium",
	lifetime: 1800,
	prefixes: [],
	routes: [],
	dns: [],
	domains: [],
	malformed: false,
};

t.test("the header", async (t) => {
	t.strictSame(decodeRa(ra({})), BARE);
	const flags: [number, Partial<RouterAdvertisement>][] = [
		[0x80, { managed: true }],
		[0x40, { other: true }],
		[0x08, { preference: "high" }],
		[0x18, { preference: "low" }],
		[0x10, { preference: "medium" }],
		[0xc8, { managed: true, other: true, preference: "high" }],
	];
	for (const [bits, read] of flags)
		t.strictSame(decodeRa(ra({ flags: bits })), { ...BARE, ...read });
});

t.test("every option that is read", async (t) => {
	const portal = join(
		[37, 1],
		[3, 1],
		Buffer.from("https://a.example/"),
		[0, 4],
	);
	const route = join(
		[24, 1],
		[2, 1],
		[32, 1],
		[8, 1],
		[600, 4],
		hex("20010db8 00000000"),
	);
	const bytes = ra(
		{ lifetime: 0, hopLimit: 0, code: 3 },
		sourceMac("02:00:00:00:00:09"),
		sourceMac("02:00:00:00:00:0a"),
		mtu(1480),
		prefix("2001:db8:1::", 64),
		rdnss(1800, "fe80::53", "2001:db8::53"),
		rdnss(0, "2001:db8::54"),
		dnssl(60, "corp.example", "lan"),
		route,
		portal,
		join([38, 1], [2, 1], Buffer.alloc(14, 1)), // PREF64 (RFC 8781) isn't
	);
	t.strictSame(decodeRa(bytes), {
		...BARE,
		code: 3,
		hopLimit: 0,
		lifetime: 0,
		mac: "02:00:00:00:00:09",
		mtu: 1480,
		prefixes: [
			{
				address: "2001:db8:1::",
				bits: 64,
				onLink: true,
				autonomous: true,
				valid: 86_400,
				preferred: 14_400,
			},
		],
		routes: [
			{ address: "2001:db8::", bits: 32, preference: "high", lifetime: 600 },
		],
		dns: [
			{ address: "fe80::53", lifetime: 1800 },
			{ address: "2001:db8::53", lifetime: 1800 },
			{ address: "2001:db8::54", lifetime: 0 },
		],
		domains: [
			{ name: "corp.example", lifetime: 60 },
			{ name: "lan", lifetime: 60 },
		],
		portal: "https://a.example/",
	});
});

t.test("malformed: what could be read and a flag", async (t) => {
	const bad = { ...BARE, malformed: true };
	const cases: [string, Buffer, RouterAdvertisement][] = [
		["nothing", hex(""), { ...bad, hopLimit: 0, lifetime: 0 }],
		["half a header", ra({}).subarray(0, 12), bad],
		["no length", ra({}, hex("0100 020000000001")), bad],
		["a length past the end", ra({}, hex("0102 020000000001")), bad],
		["half an option", ra({}, hex("01")), bad],
		["a short prefix", ra({}, hex("0301 40c0 00000000")), bad],
		["an RDNSS without servers", ra({}, hex("1901 0000 00000708")), bad],
		[
			"half a server",
			ra({}, join([25, 1], [4, 1], [0, 2], [9, 4], address("fe80::1"), [0, 8])),
			{
				...bad,
				dns: [{ address: "fe80::1", lifetime: 9 }],
			},
		],
		[
			"a compressed domain",
			ra({}, hex("1f02 0000 00000009 01610 0c000 000000")),
			{
				...bad,
				domains: [{ name: "a", lifetime: 9 }],
			},
		],
	];
	for (const [name, bytes, expected] of cases)
		t.strictSame(decodeRa(bytes), expected, name);
});

t.test("lists are bounded", async (t) => {
	const many = (option: Buffer) =>
		decodeRa(ra({}, ...Array.from({ length: 2000 }, () => option)));
	t.equal(many(prefix("2001:db8::", 64)).prefixes.length, 16);
	t.equal(many(rdnss(1, "fe80::1", "fe80::2")).dns.length, 16);
	t.equal(many(dnssl(1, "a", "b", "c")).domains.length, 16);
});

t.test("no bytes throw, and nothing is read past the end", async () => {
	const option = fc
		.tuple(
			fc.constantFrom(1, 3, 5, 24, 25, 31, 37, 38),
			fc.nat(5),
			fc.uint8Array({ maxLength: 48 }),
		)
		.map(([type, units, body]) =>
			join([type, 1], [units, 1], Buffer.from(body)),
		);
	const message = fc.oneof(
		fc.uint8Array({ maxLength: 300 }).map((b) => Buffer.from(b)),
		fc.array(option, { maxLength: 8 }).map((list) => ra({}, ...list)),
	);
	fc.assert(
		fc.property(message, fc.nat(), (bytes, at) => {
			const cut = bytes.subarray(0, at % (bytes.length + 1));
			const alone = decodeRa(Uint8Array.from(cut));
			return JSON.stringify(decodeRa(cut)) === JSON.stringify(alone);
		}),
		{ numRuns: 2000 },
	);
});

t.test("a solicitation, byte for byte", async (t) => {
	const text = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
	t.equal(text(encodeSolicitation()), "8500000000000000");
	t.equal(
		text(encodeSolicitation(hex("02:00:00:00:00:01"))),
		"85000000000000000101020000000001",
	);
});
