import fc from "fast-check";
import t from "tap";
import { domainList } from "../../src/wire/domains.ts";
import { domain } from "./answers6.ts";
import { hex } from "./frames.ts";

const read = (bytes: Uint8Array) => domainList(bytes, 0, bytes.length);

t.test("names, padding, and what is no name", async (t) => {
	t.same(read(hex("")), { names: [], malformed: false });
	t.same(read(hex("03 636f6d 00 000000")), {
		names: ["com"],
		malformed: false,
	});
	t.same(
		read(hex("01 61 01 62 00 02 ff0a 00")),
		{ names: ["a.b", "\xff\n"], malformed: false },
		"a character for each byte",
	);
	t.same(read(hex("01 61 00 05 6162")), { names: ["a"], malformed: true });
	t.same(read(hex("01 61 00 c000")), { names: ["a"], malformed: true });
	t.same(
		read(hex("01 61 01 62")),
		{ names: [], malformed: true },
		"without an end",
	);
	t.same(read(hex("01 61 00".repeat(40))).names.length, 16, "bounded");
	const long = Buffer.concat(
		Array.from({ length: 5 }, () => Buffer.alloc(64, 63)),
	);
	t.same(read(long), { names: [], malformed: true }, "over 255 bytes");
});

t.test("what is written is read", async () => {
	const label = fc.stringMatching(/^[a-z\d-]{1,63}$/);
	const name = fc.array(label, { minLength: 1, maxLength: 3 });
	fc.assert(
		fc.property(fc.array(name, { maxLength: 16 }), (labels) => {
			const names = labels.map((name) => name.join("."));
			const bytes = Buffer.concat(names.map(domain));
			const { names: found, malformed } = read(bytes);
			return !malformed && found.join(" ") === names.join(" ");
		}),
	);
});
