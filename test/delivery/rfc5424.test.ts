import fc from "fast-check";
import t from "tap";
import type { Alert } from "../../src/alert/alert.ts";
import { framed, message } from "../../src/delivery/rfc5424.ts";
import type { Entry, Sender } from "../../src/delivery/sink.ts";
import { anyAlert, DROPS, SCAN } from "../alert/samples.ts";

process.env.TZ = "UTC";
const TIME = Date.UTC(2024, 1, 29, 23, 59, 59, 7);
const SENDER: Sender = { facility: "auth", tag: "klaxon", pid: 123 };
const REXEC: Alert = {
	kind: "connection",
	time: TIME,
	transport: "tcp",
	service: "rexec",
	source: { ip: "192.0.2.7", port: 40312 },
	destination: { ip: "192.0.2.1", port: 512 },
};

const entry = (alert?: Alert, line = "ALERT: x"): Entry => ({
	time: TIME,
	level: "notice",
	line,
	alert,
});
const format = (alert?: Alert, sender = SENDER, hostname = "trap.example") =>
	message(entry(alert), sender, hostname);

t.test("an alert", async (t) => {
	t.equal(
		format(REXEC),
		"<37>1 2024-02-29T23:59:59.007+00:00 trap.example klaxon 123 connection" +
			' [klaxon@32473 src="192.0.2.7" kind="connection" proto="tcp" sport="40312"' +
			' dst="192.0.2.1" dport="512"] ALERT: x',
	);
});

t.test("a word about klaxon itself has no structured data", async (t) => {
	t.equal(
		message(
			{ time: TIME, level: "err", line: "klaxon: no service 'x]'" },
			{ facility: "local7", tag: "trap", pid: 1 },
			"h",
		),
		"<187>1 2024-02-29T23:59:59.007+00:00 h trap 1 - - klaxon: no service 'x]'",
	);
});

t.test("the local time with its offset", async (t) => {
	t.teardown(() => {
		process.env.TZ = "UTC";
	});
	process.env.TZ = "Asia/Kolkata";
	t.match(format(), /^<37>1 2024-03-01T05:29:59\.007\+05:30 /);
	process.env.TZ = "America/St_Johns";
	t.match(format(), /^<37>1 2024-02-29T20:29:59\.007-03:30 /);
});

t.test("quotes, backslashes and brackets are escaped, IPv6 bare", async (t) => {
	t.equal(
		format({
			...REXEC,
			source: { ip: "fe80::7", port: 1, zone: "eth0", name: "a.example" },
			destination: { ip: "fe80::1", port: 512 },
			ident: { kind: "user", os: "UNIX", user: String.raw`j"o]e\\` },
			data: String.raw`]]\x00"`,
		}),
		"<37>1 2024-02-29T23:59:59.007+00:00 trap.example klaxon 123 connection" +
			' [klaxon@32473 src="fe80::7" kind="connection" proto="tcp" sport="1" if="eth0"' +
			String.raw` dst="fe80::1" dport="512" user="j\"o\]e\\\\" name="a.example" data="\]\]\\x00\""]` +
			" ALERT: x",
	);
});

t.test("a fold of many sources", async (t) => {
	t.equal(
		format({
			...REXEC,
			source: {},
			destination: { port: 512 },
			fold: { count: 1234, first: TIME - 60_000, last: TIME },
			note: "many sources",
		}),
		"<37>1 2024-02-29T23:59:59.007+00:00 trap.example klaxon 123 connection" +
			' [klaxon@32473 kind="connection" proto="tcp" dport="512" count="1234" note="many sources"] ALERT: x',
	);
});

t.test("what tocsin heard", async (t) => {
	const tocsin = { ...SENDER, tag: "tocsin" };
	t.equal(
		format(SCAN, tocsin),
		"<37>1 2024-02-29T23:59:59.007+00:00 trap.example tocsin 123 scan" +
			' [klaxon@32473 src="192.0.2.7" kind="scan" technique="syn" proto="tcp"' +
			' dst="192.0.2.1" ports="1,7,9,21-23,+90" count="134" window="0.4s" pace="fast"' +
			' mac="02:00:00:00:00:02" tool="nmap" if="eth0"] ALERT: x',
	);
	t.equal(
		format(DROPS, tocsin),
		"<37>1 2024-02-29T23:59:59.007+00:00 trap.example tocsin 123 sensor" +
			' [klaxon@32473 kind="sensor" state="drops" if="eth0" count="1234"] ALERT: x',
	);
});

t.test("a list that doesn't fit is left out, not cut", async (t) => {
	const ips = Array.from({ length: 30 }, (_, i) => `2001:db8::${i + 1000}`);
	const alert: Alert = { ...SCAN, sources: { ips, count: 30 } };
	const line = (length: number) =>
		parse(message(entry(alert, "x".repeat(length)), SENDER, "h")).params;
	t.match(line(1024).sources, /^2001:db8::1000,.*2001:db8::\d{4},\+\d+$/);
	t.equal(line(1600).sources, undefined);
	t.equal(line(1600).ports, "1,7,9,21-23,+90");
});

t.test("header fields", async (t) => {
	const header = (hostname: string, tag: string) =>
		format(undefined, { ...SENDER, tag }, hostname)
			.split(" ")
			.slice(2, 4);
	t.strictSame(header("", ""), ["-", "-"]);
	t.strictSame(header("my host\n", "a b\u00e9"), ["my-host-", "a-b-"]);
	t.strictSame(header("h".repeat(300), "t".repeat(50)), [
		"h".repeat(255),
		"t".repeat(48),
	]);
});

t.test("what is too long is cut, never within an escape", async (t) => {
	for (let length = 1900; length < 1910; length++) {
		const text = format({ ...REXEC, data: `${"x".repeat(length)}\\\\\\\\` });
		t.ok(text.length <= 2048);
		const { params } = parse(text);
		t.match(params.data, /^x{1800,}\\{0,4}\.\.\.$|^x+\\\\\\\\$/);
	}
	const full = format({ ...REXEC, data: "\\".repeat(6000) });
	t.ok(full.length === 2048 || full.length === 2047);
	t.match(parse(full).params.data, /^\\+\.\.\.$/);
});

t.test("a value without any room is left out", async (t) => {
	const text = format({
		...REXEC,
		ident: { kind: "user", os: "UNIX", user: "u".repeat(3000) },
		data: "x",
	});
	t.equal(text.length, 2048);
	t.match(parse(text).params, { user: /^u+\.\.\.$/, data: undefined });
});

t.test("framing", async (t) => {
	t.equal(framed("udp", "<1>1 x"), "<1>1 x");
	t.equal(framed("tcp", "<1>1 x"), "<1>1 x\n");
	t.equal(framed("tls", "<1>1 x"), "6 <1>1 x");
});

/** Section 6's grammar to the letter; throws where a message leaves it. */
function parse(text: string) {
	const name = String.raw`[!#-<>-\\^-~]{1,32}`; // SD-NAME
	const value = String.raw`(?:[^"\\\]]|\\["\\\]])*`; // PARAM-VALUE, our own escapes only
	const [, host, app, msgid, sd, msg] =
		new RegExp(
			String.raw`^<(?:0|[1-9]\d{0,2})>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d` +
				String.raw` ([!-~]{1,255}) ([!-~]{1,48}) \d{1,128} ([!-~]{1,32})` +
				String.raw` (-|\[klaxon@32473(?: ${name}="${value}")*\]) ([ -~]*)$`,
		).exec(text) ?? [];
	if (!sd) throw new Error(`not RFC 5424: ${JSON.stringify(text)}`);
	const params: Record<string, string> = {};
	for (const [, key = "", raw = ""] of sd.matchAll(
		new RegExp(` (${name})="(${value})"`, "g"),
	)) {
		if (key in params) throw new Error(`${key} twice`);
		params[key] = raw.replace(/\\(.)/g, "$1");
	}
	return { host, app, msgid, params, msg };
}

t.test("whatever the network says, one well-formed element", async () => {
	const nasty = fc.oneof(
		fc.string({ unit: "binary", maxLength: 6000 }),
		fc.string({
			unit: fc.constantFrom('"', "\\", "]", "[", " ", "=", "\n", "\0", "a"),
			maxLength: 300,
		}),
	);
	const some = fc.option(nasty, { nil: undefined });
	const alerts = fc.record({
		name: some,
		zone: some,
		ip: some,
		user: nasty,
		note: some,
		data: some,
		tag: nasty,
		hostname: nasty,
		line: nasty,
	});
	const clean = (text: string) => text.replace(/[^ -~]/g, "?");
	fc.assert(
		fc.property(alerts, (a) => {
			const alert: Alert = {
				...REXEC,
				source: { ip: a.ip, zone: a.zone, name: a.name },
				ident: { kind: "user", os: "UNIX", user: a.user },
				note: a.note,
				data: a.data,
			};
			const line = a.line.slice(0, 1024);
			const sender = { ...SENDER, tag: a.tag };
			const text = message(entry(alert, line), sender, a.hostname);
			const { params, msg } = parse(text);
			if (text.length > 2048) throw new Error(`${text.length} octets`);
			if (msg !== clean(line)) throw new Error("not the line");
			const raw = { src: a.ip, if: a.zone, user: a.user, data: a.data };
			for (const [key, wanted] of Object.entries(raw)) {
				const got = params[key];
				if (got === undefined || wanted === undefined) continue;
				if (got === clean(wanted)) continue;
				if (!got.endsWith("...") || !clean(wanted).startsWith(got.slice(0, -3)))
					throw new Error(`${key}: ${got}`);
			}
		}),
		{ numRuns: 2000 },
	);
});

t.test("any alert: well-formed, at most 2,048 octets", async () => {
	fc.assert(
		fc.property(anyAlert, fc.nat(1024), (alert, length) => {
			const text = message(
				entry(alert, "x".repeat(length)),
				SENDER,
				"h".repeat(255),
			);
			const { params } = parse(text);
			return text.length <= 2048 && params.kind === alert.kind;
		}),
		{ numRuns: 2000 },
	);
});
