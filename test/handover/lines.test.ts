import fc from "fast-check";
import t from "tap";
import { createLines } from "../../src/handover/lines.ts";

t.test("lines come out whole, however they are cut", async (t) => {
	const lines = createLines(10);
	t.same(lines.push(Buffer.from("ab")), []);
	t.same(lines.push(Buffer.from("c\nde\n\nf")), ["abc", "de", ""]);
	t.same(lines.push(Buffer.from("\n")), ["f"]);
});

t.test("a line is as long as it may be, and no longer", async (t) => {
	t.same(createLines(3).push(Buffer.from("abc\n")), ["abc"]);
	t.equal(createLines(3).push(Buffer.from("abcd\n")), undefined);
	const lines = createLines(3);
	t.same(lines.push(Buffer.from("abc")), []);
	t.equal(lines.push(Buffer.from("d")), undefined);
	t.equal(lines.push(Buffer.from("\n")), undefined, "and from then on");
});

t.test("characters may be cut too", async (t) => {
	const lines = createLines(10);
	t.same(lines.push(Uint8Array.of(0xc3)), []);
	t.same(lines.push(Uint8Array.of(0xa4, 0x0a, 0xff, 0x0a)), ["ä", "\ufffd"]);
});

t.test("property: the same as all at once", async () => {
	fc.assert(
		fc.property(
			fc.array(
				fc.string({ unit: fc.constantFrom("a", "\n", "ä"), size: "small" }),
			),
			(chunks) => {
				const lines = createLines(1000);
				const got = chunks.flatMap((chunk) => lines.push(Buffer.from(chunk)));
				const want = chunks.join("").split("\n").slice(0, -1);
				return JSON.stringify(got) === JSON.stringify(want);
			},
		),
	);
});
