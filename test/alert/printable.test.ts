import fc from "fast-check";
import t from "tap";
import { printable, quote } from "../../src/alert/printable.ts";

t.test("printable ASCII stays, the rest is escaped", async (t) => {
	t.equal(printable("joe", 10), "joe");
	t.equal(printable("a\r\nb\0\x1b[31m", 40), "a\\x0d\\x0ab\\x00\\x1b[31m");
	t.equal(printable("back\\slash", 40), "back\\\\slash");
	t.equal(printable("é", 40), "\\xc3\\xa9");
	t.equal(printable(Buffer.from([0x7f, 0x80, 0x7e]), 40), "\\x7f\\x80~");
	t.equal(printable("", 10), "");
});

t.test(
	"what is too long ends in an ellipsis, no escape is split",
	async (t) => {
		t.equal(printable("abcdef", 6), "abcdef");
		t.equal(printable("abcdefg", 6), "abc...");
		t.equal(printable("\n\n\n", 8), "\\x0a...");
		t.equal(printable("\n\n", 8), "\\x0a\\x0a");
	},
);

t.test("quote escapes quotes and cuts whole tokens", async (t) => {
	t.equal(quote('say "hi"'), '"say \\"hi\\""');
	t.equal(quote("\\\\x"), '"\\\\x"');
	t.equal(quote('""""""', 9), '"\\"\\"..."');
	t.equal(quote("\\x0a\\x0a\\x0a", 10), '"\\x0a..."');
});

t.test("10,000 random texts: printable, bounded, reversible", async (t) => {
	const anything = fc.oneof(
		fc.string({ unit: "binary" }),
		fc.uint8Array({ maxLength: 300 }),
	);
	fc.assert(
		fc.property(anything, fc.integer({ min: 5, max: 200 }), (input, max) => {
			const text = printable(input, max);
			const quoted = quote(text, max);
			return (
				/^[\x20-\x7e]*$/.test(text) &&
				text.length <= max &&
				/^"(?:[^"\\]|\\\\|\\"|\\x[\da-f]{2})*"$/.test(quoted) &&
				quoted.length <= max
			);
		}),
		{ numRuns: 10_000 },
	);
	fc.assert(
		fc.property(fc.uint8Array({ maxLength: 100 }), (input) => {
			const back = printable(input, 400).replace(
				/\\x(..)|\\\\/g,
				(_, hex?: string) =>
					hex ? String.fromCharCode(Number.parseInt(hex, 16)) : "\\",
			);
			return Buffer.from(back, "latin1").equals(Buffer.from(input));
		}),
	);
	t.pass("no counterexample");
});
