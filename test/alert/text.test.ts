import fc from "fast-check";
import t from "tap";
import type { ConnectionAlert } from "../../src/alert/alert.ts";
import { MAX_LINE } from "../../src/alert/logfmt.ts";
import { printable } from "../../src/alert/printable.ts";
import { classicLine, textLine } from "../../src/alert/text.ts";

const alert: ConnectionAlert = {
	kind: "connection",
	time: 1_000_000,
	transport: "tcp",
	service: "rexec",
	source: { ip: "192.0.2.7", port: 40312, name: "evil.example.net" },
	destination: { ip: "192.0.2.1", port: 512 },
	ident: { kind: "user", os: "UNIX", user: "joe" },
};
const fold: ConnectionAlert = {
	kind: "connection",
	time: 1_060_000,
	transport: "tcp",
	service: "rexec",
	source: { ip: "2001:db8::7" },
	destination: { port: 512 },
	fold: { count: 37, first: 1_000_000, last: 1_050_000 },
};
const unknown: ConnectionAlert = {
	...fold,
	source: {},
	fold: undefined,
} as unknown as ConnectionAlert;

t.test("the text line, byte for byte", async (t) => {
	t.equal(
		textLine(alert),
		'ALERT: host 192.0.2.7 accessing port rexec kind=connection proto=tcp sport=40312 dst=192.0.2.1 dport=512 user="joe" name="evil.example.net"',
	);
	t.equal(
		textLine(fold),
		"ALERT: host 2001:db8::7 accessing port rexec 37 more times in 60s kind=connection proto=tcp dport=512 count=37",
	);
	t.equal(
		textLine(unknown),
		"ALERT: host unknown accessing port rexec kind=connection proto=tcp dport=512",
	);
	t.equal(
		textLine({
			...alert,
			source: { ip: "fe80::1", port: 9, zone: "eth0" },
			ident: { kind: "failed", reason: "timeout" },
			data: 'GET / "x"\\x0d',
		}),
		'ALERT: host fe80::1 accessing port rexec kind=connection proto=tcp sport=9 if=eth0 dst=192.0.2.1 dport=512 ident=timeout data="GET / \\"x\\"\\x0d"',
	);
	t.match(
		textLine({ ...alert, ident: { kind: "error", error: "NO-USER" } }),
		/ ident=NO-USER name=/,
	);
	t.match(textLine({ ...fold, note: "many sources" }), / note="many sources"$/);
});

t.test("an ident error can't break out of its quotes", async (t) => {
	const line = textLine({
		...alert,
		ident: { kind: "error", error: 'X\\" host=1.2.3.4' },
	});
	t.match(line, ' ident="X\\\\\\" host=1.2.3.4" name=');
});

t.test("the classic line is klaxon 1.5's", async (t) => {
	t.equal(
		classicLine(alert),
		"ALERT: user joe@evil.example.net:40312 accessing port rexec",
	);
	const { ident, ...plain } = alert;
	t.equal(
		classicLine(plain),
		"ALERT: host evil.example.net:40312 accessing port rexec",
	);
	t.equal(
		classicLine({ ...plain, source: { ip: "192.0.2.7", port: 1 } }),
		"ALERT: host 192.0.2.7:1 accessing port rexec",
	);
	t.equal(
		classicLine({ ...plain, source: { ip: "2001:db8::7", port: 1 } }),
		"ALERT: host [2001:db8::7]:1 accessing port rexec",
	);
	t.equal(
		classicLine(fold),
		"ALERT: host 2001:db8::7 accessing port rexec 37 more times in 60s",
	);
	t.equal(classicLine(unknown), "ALERT: host unknown accessing port rexec");
});

t.test("a classic user can't pretend to be another host", async (t) => {
	const user = "x@198.51.100.1:1 accessing port y";
	t.equal(
		classicLine({ ...alert, ident: { kind: "user", os: "UNIX", user } }),
		"ALERT: user x\\x40198.51.100.1\\x3a1\\x20accessing\\x20port\\x20y@evil.example.net:40312 accessing port rexec",
	);
});

t.test(
	"10,000 hostile alerts: no control byte, at most 1,024 bytes",
	async (t) => {
		const hostile = (max: number) =>
			fc
				.oneof(
					fc.string({ unit: "binary", maxLength: 400 }),
					fc.uint8Array({ maxLength: 1500 }),
					fc.constant('"'.repeat(400)),
				)
				.map((raw) => printable(raw, max));
		const record = fc.record({
			user: hostile(128),
			name: hostile(255),
			data: hostile(6000),
			error: hostile(64),
			which: fc.boolean(),
		});
		fc.assert(
			fc.property(record, ({ user, name, data, error, which }) => {
				const ident = which
					? ({ kind: "user", os: "UNIX", user } as const)
					: ({ kind: "error", error: `X${error}` } as const);
				const source = {
					ip: "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
					port: 65535,
					zone: "enp0s31f6",
					name,
				};
				const note = "many sources";
				const count = { count: 1e12, first: 0, last: 0 };
				const all: ConnectionAlert = {
					...alert,
					service: "s".repeat(64),
					source,
					ident,
					data,
					note,
					fold: count,
				};
				return [textLine(all), classicLine(all)].every(
					(line) => line.length <= MAX_LINE && /^[\x20-\x7e]+$/.test(line),
				);
			}),
			{ numRuns: 10_000 },
		);
		t.pass("no counterexample");
	},
);
