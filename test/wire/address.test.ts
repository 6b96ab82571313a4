import { isIPv6 } from "node:net";
import fc from "fast-check";
import t from "tap";
import { parseAddress } from "../../src/config/cidr.ts";
import { formatAddress, formatMac } from "../../src/wire/address.ts";

/** A word of an address, often zero so that runs of zeros come up. */
const word = fc.oneof(
	fc.constantFrom(0, 1, 0x10000, 0xffff, -1, 0x10001),
	fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
);

/** Sixteen zero-padded bytes, as RFC 4291 section 2.2 has them at their longest. */
function longest(words: readonly number[]): string {
	return words
		.flatMap((w) => [w >>> 16, w & 0xffff])
		.map((group) => group.toString(16).padStart(4, "0"))
		.join(":");
}

t.test("addresses as RFC 5952 section 4 writes them", async (t) => {
	const text: [words: [number, number, number, number], is: string][] = [
		[[0, 0, 0xffff, 0xc0000201 | 0], "192.0.2.1"],
		[[0, 0, 0xffff, -1], "255.255.255.255"],
		[[0, 0, 0xffff, 0], "0.0.0.0"],
		[[0, 0, 0, 0], "::"],
		[[0, 0, 0, 1], "::1"],
		[[0x20010db8, 0, 0, 1], "2001:db8::1"],
		// 4.2.2: one group of zeros isn't shortened
		[[0x20010db8, 0x00000001, 0x00010001, 0x00010001], "2001:db8:0:1:1:1:1:1"],
		// 4.2.3: the longest run, of equals the first
		[[0x20010000, 0x00000001, 0, 1], "2001:0:0:1::1"],
		[[0x20010db8, 0, 0x00010000, 1], "2001:db8::1:0:0:1"],
		// 4.3: lower case, no leading zeros
		[
			[0xfe800000 | 0, 0, 0x02abcdff, 0xfe000abc | 0],
			"fe80::2ab:cdff:fe00:abc",
		],
		[[0x20010db8, 0, 0, 0], "2001:db8::"],
		[[0, 0, 0xfffe, 1], "::fffe:0:1"],
	];
	for (const [words, is] of text) t.equal(formatAddress(...words), is);
});

t.test("the text means the words, and is the one URLs print", async (t) => {
	fc.assert(
		fc.property(word, word, word, word, (w0, w1, w2, w3) => {
			const text = formatAddress(w0, w1, w2, w3);
			if (!text.includes(":")) return w0 === 0 && w1 === 0 && w2 === 0xffff;
			const url = new URL(`tcp://[${longest([w0, w1, w2, w3])}]`);
			return isIPv6(text) && url.hostname === `[${text}]`;
		}),
		{ numRuns: 2000 },
	);
	fc.assert(
		fc.property(word, word, word, word, (...words) => {
			t.same(parseAddress(formatAddress(...words)), words);
		}),
	);
});

t.test("MAC addresses", async (t) => {
	t.equal(formatMac(0x0200, 2), "02:00:00:00:00:02");
	t.equal(formatMac(0xffff, -1), "ff:ff:ff:ff:ff:ff");
	t.equal(formatMac(0, 1), "00:00:00:00:00:01");
	t.equal(formatMac(0xa, 0), "00:0a:00:00:00:00");
	t.equal(formatMac(0, 0), undefined);
	fc.assert(
		fc.property(
			fc
				.uint8Array({ minLength: 6, maxLength: 6 })
				.filter((b) => b.some(Boolean)),
			(bytes) => {
				const b = Buffer.from(bytes);
				const text = formatMac(b.readUInt16BE(0), b.readInt32BE(2)) ?? "";
				return (
					/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(text) &&
					b.equals(Buffer.from(text.replaceAll(":", ""), "hex"))
				);
			},
		),
	);
});
