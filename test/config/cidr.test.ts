import { BlockList, isIP } from "node:net";
import fc from "fast-check";
import t from "tap";
import {
	type Cidr,
	contains,
	formatAddress,
	formatCidr,
	parseAddress,
	parseCidr,
	type Words,
} from "../../src/config/cidr.ts";

const MAPPED = 0xffff;

function network(text: string): Cidr {
	const cidr = parseCidr(text);
	if (typeof cidr === "string") throw new Error(cidr);
	return cidr;
}

t.test("addresses as signed words", async (t) => {
	const cases: [text: string, words: Words][] = [
		["0.0.0.0", [0, 0, MAPPED, 0]],
		["10.1.2.3", [0, 0, MAPPED, 0x0a010203]],
		["255.255.255.255", [0, 0, MAPPED, -1]],
		["192.0.2.1", [0, 0, MAPPED, -1073741311]],
		["::", [0, 0, 0, 0]],
		["::1", [0, 0, 0, 1]],
		["2001:db8::7", [0x20010db8, 0, 0, 7]],
		["fe80::1:2:3:4", [-25165824, 0, 0x00010002, 0x00030004]],
		["1:2:3:4:5:6:7:8", [0x10002, 0x30004, 0x50006, 0x70008]],
		["64:ff9b::192.0.2.1", [0x64ff9b, 0, 0, -1073741311]],
	];
	for (const [text, words] of cases) {
		t.same(parseAddress(text), words, text);
		if (!text.startsWith("64:")) t.equal(formatAddress(words), text);
	}
	t.same(parseAddress("::ffff:10.1.2.3"), [0, 0, MAPPED, 0x0a010203]);
	for (const text of [
		"",
		"10.0.0",
		"010.0.0.1",
		"1::2::3",
		"fe80::1%eth0",
		"1.2.3.256",
		"1.2.3.4.",
		".1.2.3",
		"1.2.3.4.5",
		":::",
		"1:2:3:4:5:6:7",
		"::1.2.3",
		"12345::",
		"[::1]",
	])
		t.equal(parseAddress(text), undefined, text);
});

t.test("networks", async (t) => {
	const cases: [text: string, cidr: Cidr, canonical: string][] = [
		[
			"10.0.0.0/8",
			{ words: [0, 0, MAPPED, 0x0a000000], bits: 104, version: 4 },
			"10.0.0.0/8",
		],
		[
			"0.0.0.0/0",
			{ words: [0, 0, MAPPED, 0], bits: 96, version: 4 },
			"0.0.0.0/0",
		],
		[
			"127.0.0.1",
			{ words: [0, 0, MAPPED, 0x7f000001], bits: 128, version: 4 },
			"127.0.0.1/32",
		],
		[
			"::ffff:10.0.0.0/104",
			{ words: [0, 0, MAPPED, 0x0a000000], bits: 104, version: 4 },
			"10.0.0.0/8",
		],
		["::/0", { words: [0, 0, 0, 0], bits: 0, version: 6 }, "::/0"],
		[
			"2001:DB8::/32",
			{ words: [0x20010db8, 0, 0, 0], bits: 32, version: 6 },
			"2001:db8::/32",
		],
		["::1", { words: [0, 0, 0, 1], bits: 128, version: 6 }, "::1/128"],
		[
			"fe80::/10",
			{ words: [-25165824, 0, 0, 0], bits: 10, version: 6 },
			"fe80::/10",
		],
	];
	for (const [text, cidr, canonical] of cases) {
		t.same(parseCidr(text), cidr, text);
		t.equal(formatCidr(cidr), canonical);
	}
});

t.test("what is no network says why", async (t) => {
	const form = "give ADDRESS or ADDRESS/BITS, as 192.0.2.0/24 or 2001:db8::/32";
	for (const text of [
		"",
		"/8",
		"10.0.0.0/",
		"10.0.0.0/08",
		"10.0.0.0/-1",
		"10.0.0.0/8/8",
		"10.0.0.0/255.0.0.0",
		"10.0.0",
		"host.example",
		"fe80::1%eth0",
		"10.0.0.0/8 ",
	])
		t.equal(parseCidr(text), `bad network '${text}': ${form}`);
	t.equal(
		parseCidr("10.0.0.0/33"),
		"bad network '10.0.0.0/33': an IPv4 prefix has 0 to 32 bits",
	);
	t.equal(
		parseCidr("::/129"),
		"bad network '::/129': an IPv6 prefix has 0 to 128 bits",
	);
	t.equal(
		parseCidr("192.0.2.130/25"),
		"bad network '192.0.2.130/25': bits are set behind its prefix; the network is 192.0.2.128/25, the address alone 192.0.2.130",
	);
	t.equal(
		parseCidr("2001:db8::1/64"),
		"bad network '2001:db8::1/64': bits are set behind its prefix; the network is 2001:db8::/64, the address alone 2001:db8::1",
	);
});

t.test("contains", async (t) => {
	const holds = (cidr: string, address: string) => {
		const words = parseAddress(address);
		return words !== undefined && contains(network(cidr), ...words);
	};
	t.ok(holds("10.0.0.0/8", "10.255.0.1"));
	t.notOk(holds("10.0.0.0/8", "11.0.0.1"));
	t.ok(holds("0.0.0.0/0", "192.0.2.1"));
	t.notOk(holds("0.0.0.0/0", "2001:db8::1"));
	t.ok(holds("::/0", "2001:db8::1"));
	t.notOk(holds("::/0", "192.0.2.1"), "IPv6 networks hold no IPv4");
	t.notOk(holds("::/80", "192.0.2.1"));
	t.ok(holds("::1", "::1"));
	t.notOk(holds("::1", "::2"));
});

t.test("contains agrees with Node's BlockList", async () => {
	const word = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
	const flip = fc.integer({ min: 0, max: 31 });
	fc.assert(
		fc.property(
			fc.tuple(word, word, word, word),
			fc.integer({ min: 0, max: 128 }),
			fc.integer({ min: 0, max: 3 }),
			flip,
			(words, bits, which, bit) => {
				const other = [...words] as [number, number, number, number];
				other[which] = (words[which] ?? 0) ^ (1 << bit);
				const list = new BlockList();
				list.addSubnet(formatAddress(words), bits, "ipv6");
				return (
					contains({ words, bits, version: 6 }, ...other) ===
					list.check(formatAddress(other), "ipv6")
				);
			},
		),
	);
});

t.test("an address is what Node takes for one", async () => {
	const piece = fc.constantFrom(
		..."0 1 9 10 99 255 256 012 ffff g : :: .".split(" "),
	);
	const text = fc.array(piece, { maxLength: 17 }).map((all) => all.join(""));
	const dotted = fc.array(piece, { maxLength: 5 }).map((all) => all.join("."));
	const colons = fc.array(piece, { maxLength: 9 }).map((all) => all.join(":"));
	fc.assert(
		fc.property(
			fc.oneof(text, dotted, colons, fc.ipV4(), fc.ipV6()),
			(text) => (parseAddress(text) !== undefined) === isIP(text) > 0,
		),
	);
});

t.test("an address reads back as it was printed", async () => {
	const word = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
	fc.assert(
		fc.property(fc.tuple(word, word, word, word), (words) => {
			const again = parseAddress(formatAddress(words));
			return again?.every((word, i) => word === words[i]) ?? false;
		}),
	);
});
