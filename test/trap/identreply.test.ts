import fc from "fast-check";
import t, { type Test } from "tap";
import type { Ident } from "../../src/alert/ident.ts";
import { identRefusal, parseIdentReply } from "../../src/trap/identreply.ts";

const PORTS = { localPort: 23, remotePort: 6193 };
const parse = (line: string | Uint8Array) => parseIdentReply(line, PORTS);
const user = (name: string, os = "UNIX") => ({ kind: "user", os, user: name });
const error = (type: string) => ({ kind: "error", error: type });
const failed = (reason: string) => ({ kind: "failed", reason });

/** Puts each of the parts (a list, or one text split at `|`) in the place of `@` in a line. */
function all(t: Test, parts: string | string[], line: string, want: unknown) {
	for (const part of typeof parts === "string" ? parts.split("|") : parts)
		t.strictSame(
			parse(line.replace("@", () => part)),
			want,
			encodeURIComponent(part).slice(0, 60),
		);
}

t.test("the RFC's own examples", async (t) => {
	t.strictSame(
		parse("6193, 23 : USERID : UNIX : stjohns\r\n"),
		user("stjohns"),
	);
	t.strictSame(parse("6193, 23 : ERROR : NO-USER\r\n"), error("NO-USER"));
});

t.test("line ends: CRLF, LF, the input's end", async (t) => {
	const ends = "\r\n|\n||\r|\r\nmore|\n6193,23:ERROR:NO-USER\r\n";
	all(t, ends, "6193,23:USERID:UNIX:joe@", user("joe"));
});

t.test("blanks and tabs anywhere but within a token", async (t) => {
	const roomy = "\t 6193 \t,\t23\t :\tUSERID  : \tUNIX\t: joe\r\n";
	t.strictSame(parse(roomy), user("joe"));
	const hidden = "  6193,23:ERROR: \t HIDDEN-USER \t \r\n";
	t.strictSame(parse(hidden), error("HIDDEN-USER"));
	const pairs = "61 93,23|6193,2 3|6193,\u00a023|6193,\v23|6193,\r23";
	all(t, pairs, "@:USERID:UNIX:joe", failed("malformed"));
	all(t, "USER ID|ERR OR", "6193,23:@:UNIX:joe", failed("malformed"));
});

t.test("the user is everything behind the third colon", async (t) => {
	const cases: Record<string, string> = {
		" joe": "joe",
		"  joe ": " joe ",
		"a:b : c": "a:b : c",
		"joe smith": "joe smith",
		'"; rm -rf /': '"; rm -rf /',
		"a\\b": "a\\\\b",
		"\tjoe": "\\x09joe",
		"\x1b[2J\x07": "\\x1b[2J\\x07",
		"a\0b": "a\\x00b",
		"a\rb": "a\\x0db",
		"a\r": "a\\x0d",
		"jo\u00eb": "jo\\xc3\\xab",
		"\u2028": "\\xe2\\x80\\xa8",
		"\x7f": "\\x7f",
	};
	for (const [sent, kept] of Object.entries(cases))
		all(t, [sent], "6193,23:USERID:UNIX:@\r\n", user(kept));
	all(t, "| ", "6193,23:USERID:UNIX:@\r\n", failed("malformed"));
});

t.test("bytes that are no UTF-8", async (t) => {
	const head = Buffer.from("6193,23:USERID:OTHER:");
	const line = Buffer.concat([head, Uint8Array.of(0xff, 0xc3, 0x80, 0xfe)]);
	t.strictSame(parse(line), user("\\xff\\xc3\\x80\\xfe", "OTHER"));
	t.strictSame(parse(new Uint8Array(line)), parse(line), "any Uint8Array");
});

t.test("a long user is cut to 128 characters, no escape split", async (t) => {
	const cases: Record<string, string> = {
		["a".repeat(128)]: "a".repeat(128),
		["a".repeat(129)]: `${"a".repeat(125)}...`,
		["\x01".repeat(60)]: `${"\\x01".repeat(31)}...`,
		[`aa${"\\".repeat(90)}`]: `aa${"\\\\".repeat(61)}...`,
	};
	for (const [sent, kept] of Object.entries(cases))
		all(t, [sent], "6193,23:USERID:UNIX:@\r\n", user(kept));
});

t.test("operating system and character set", async (t) => {
	t.strictSame(parse("6193,23:USERID:UNIX , US-ASCII:joe"), {
		...user("joe"),
		charset: "US-ASCII",
	});
	const longest = "O".repeat(64);
	for (const os of ["MSDOS6.2/~'x", longest])
		all(t, [os], "6193,23:USERID:@:joe", user("joe", os));
	const wrong =
		"| |,|UNIX,|,US-ASCII|UNIX,A,B|UN IX|\x1b[2J|UN\0IX|\u00dcNIX|A,\r";
	const long = [`${longest}O`, `A,${longest}O`];
	all(t, wrong, "6193,23:USERID:@:joe", failed("malformed"));
	all(t, long, "6193,23:USERID:@:joe", failed("malformed"));
});

t.test("error types: the RFC's four and X-tokens", async (t) => {
	const types =
		"INVALID-PORT|NO-USER|HIDDEN-USER|UNKNOWN-ERROR|X-NO-IDEA|X1".split("|");
	for (const type of [...types, `X${"y".repeat(63)}`])
		all(t, [type], "6193 , 23 : ERROR : @\r\n", error(type));
	const wrong =
		"|X|no-user|NO-USERS|NO USER|OTHER|NO-USER x|X:Y|X\x1b[2J|X\xe9";
	all(t, wrong, "6193 , 23 : ERROR : @\r\n", failed("malformed"));
	all(t, ["y".repeat(64)], "6193,23:ERROR:X@", failed("malformed"));
});

t.test("both ports must be the ones asked for, in order", async (t) => {
	const line = "@:USERID:UNIX:joe\r\n";
	const others =
		"6193,24|6194,23|23,6193|0,0|99999,99999|61930,23|6193,230|6193,00230";
	all(t, others, line, failed("mismatch"));
	all(t, "6193,23|06193,00023|6193 , 023", line, user("joe"));
	const signs = "-6193,23|+6193,23|6193.0,23|6193e0,23|0x1831,23|\u0666193,23";
	const shapes = "|6193|6193,|,23|006193,23|6193,23,1|6193 23|6193;23";
	all(t, signs, line, failed("malformed"));
	all(t, shapes, line, failed("malformed"));
	all(t, ["9".repeat(20)], "@,23:USERID:UNIX:joe", failed("malformed"));
});

t.test("what is no reply", async (t) => {
	const short =
		"|\r\n|\n\n|hello|:::|6193,23|6193,23:|6193,23:USERID|6193,23:USERID:UNIX";
	const odd =
		"6193,23:ERROR|6193,23:userid:UNIX:joe|6193,23:OTHER:UNIX:joe|\0|\0\0\0|GET /";
	all(t, short, "@", failed("malformed"));
	all(t, odd, "@", failed("malformed"));
});

t.test("512 bytes hold the line and its end, or it's too long", async (t) => {
	const head = "6193,23:USERID:UNIX:";
	const fill = (size: number) => head + "a".repeat(size - head.length);
	for (const line of [`${fill(510)}\r\n`, `${fill(511)}\n`, fill(511)])
		t.equal(parse(line).kind, "user");
	const long = [fill(512), `${fill(512)}\n`, `${fill(511)}\r\n`];
	all(t, [...long, fill(1e6), "\xe9".repeat(300)], "@", failed("too-long"));
	t.strictSame(parse(Buffer.alloc(1 << 20)), failed("too-long"));
});

t.test("which connections are never asked about", async (t) => {
	t.equal(identRefusal(113, 40000), "loop");
	t.equal(identRefusal(512, 113), "loop");
	t.equal(identRefusal(113, 113), "loop");
	for (const port of [7, 19, 69, 540]) {
		t.equal(identRefusal(port, 40000), "service", `${port}`);
		t.equal(identRefusal(40000, port), undefined, `from ${port}`);
	}
	for (const port of [1, 79, 111, 112, 114, 512, 65535])
		t.equal(identRefusal(port, 40000), undefined, `${port}`);
});

const token = /^[!-9;-~]{1,64}$/;

function isWellFormed(ident: Ident): boolean {
	switch (ident.kind) {
		case "user":
			return (
				/^[ -~]{1,128}$/.test(ident.user) &&
				/^([^\\]|\\\\|\\x[0-9a-f]{2})*$/.test(ident.user) &&
				token.test(ident.os) &&
				token.test(ident.charset ?? "x")
			);
		case "error":
			return token.test(ident.error);
		case "failed":
			return /^(malformed|mismatch|too-long)$/.test(ident.reason);
	}
}

const bytes = fc.uint8Array({ maxLength: 700, size: "max" });
const words =
	"6193|23|,|:| |\t|USERID|ERROR|UNIX|NO-USER|X-A|\r|\n|\0|\x1b[|\\|-1|\u20ac";
const soup = fc
	.array(
		fc.oneof(
			fc.constantFrom(...words.split("|")),
			fc.string({ unit: "binary", maxLength: 8 }),
		),
		{ maxLength: 40 },
	)
	.map((pieces) => pieces.join(""));
const good = fc.constantFrom(
	"6193 , 23 : USERID : UNIX : joe\r\n",
	"6193,23:USERID:OTHER,UTF-8:j\u00f6e\\\r\n",
	"6193 , 23 : ERROR : HIDDEN-USER\r\n",
);
const edit = fc.tuple(fc.nat(60), fc.nat(2), fc.uint8Array());

/** A good reply with some bytes overwritten, inserted or cut. */
const mutated = fc
	.tuple(good, fc.array(edit, { minLength: 1, maxLength: 4 }))
	.map(([reply, edits]) => {
		const line = [...Buffer.from(reply)];
		for (const [at, cut, put] of edits) line.splice(at, cut, ...put);
		return Uint8Array.from(line);
	});

t.test("10,000 random and mutated replies", async (t) => {
	const seen = new Set<string>();
	fc.assert(
		fc.property(fc.oneof(bytes, soup, mutated, mutated), (line) => {
			const ident = parse(line);
			seen.add(ident.kind === "failed" ? ident.reason : ident.kind);
			return isWellFormed(ident);
		}),
		{ numRuns: 10_000 },
	);
	const outcomes = ["error", "malformed", "mismatch", "too-long", "user"];
	t.strictSame([...seen].sort(), outcomes, "every outcome was met");
});

t.test("any user comes through whole, whatever its bytes", async (t) => {
	const octet = fc
		.integer({ min: 1, max: 255 })
		.filter((byte) => byte !== 10 && byte !== 13);
	const octets = fc.array(octet, { minLength: 1, maxLength: 32 });
	const unescaped = (text: string) =>
		text.replace(/\\(\\|x(..))/g, (_, one, hex) =>
			hex ? String.fromCharCode(Number.parseInt(hex, 16)) : one,
		);
	fc.assert(
		fc.property(octets, fc.nat(65535), fc.nat(65535), (name, ours, theirs) => {
			const sent = Buffer.from(name).toString("latin1");
			const line = `${theirs},${ours}:USERID:UNIX: ${sent}\r\n`;
			const ports = { localPort: ours, remotePort: theirs };
			const ident = parseIdentReply(Buffer.from(line, "latin1"), ports);
			return ident.kind === "user" && unescaped(ident.user) === sent;
		}),
		{ numRuns: 2_000 },
	);
	t.pass();
});

t.test("nothing behind the first line changes the answer", async (t) => {
	const line = soup.map((text) => `${text.replaceAll("\n", "")}\n`);
	fc.assert(
		fc.property(fc.oneof(good, line), bytes, (line, more) => {
			const both = Buffer.concat([Buffer.from(line), more]);
			return JSON.stringify(parse(both)) === JSON.stringify(parse(line));
		}),
		{ numRuns: 2_000 },
	);
	t.pass();
});
