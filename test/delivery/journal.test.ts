import fc from "fast-check";
import t from "tap";
import type { Alert } from "../../src/alert/alert.ts";
import { alertLine } from "../../src/alert/render.ts";
import type { JournalSink } from "../../src/config/sinktypes.ts";
import { journalSink } from "../../src/delivery/journal.ts";
import { anyAlert, PROBE } from "../alert/samples.ts";
import { entryOf, TELLER } from "./world.ts";

const SENDER = { facility: "auth", tag: "tocsin", pid: 123 };
const CONFIG: JournalSink = {
	type: "journal",
	name: "journal",
	batch: { gather: 0, every: 0, max: 1 },
};

/** A sink whose datagrams are kept; `answers` are given in turn, the last one for ever. */
function sinkOf(
	config: Partial<JournalSink> = {},
	answers: (string | undefined)[] = [undefined],
) {
	const sent: Buffer[] = [];
	const send = (bytes: Uint8Array) => {
		const answer = answers.length > 1 ? answers.shift() : answers[0];
		if (answer === undefined) sent.push(Buffer.from(bytes));
		return answer;
	};
	const sink = journalSink(
		{ ...CONFIG, ...config },
		{
			sender: SENDER,
			teller: TELLER,
			path: "/run/test",
			open: () => ({ send, close() {} }),
		},
	);
	return { ...sink, sent };
}

/** Reads a datagram as journald does: NAME=value, or NAME, a length and so many bytes. */
function parse(bytes: Buffer): [string, string][] {
	const fields: [string, string][] = [];
	for (let at = 0; at < bytes.length; ) {
		const end = bytes.indexOf("\n", at);
		const line = bytes.toString("latin1", at, end);
		const equals = line.indexOf("=");
		at = end + 1;
		if (equals >= 0) {
			fields.push([line.slice(0, equals), line.slice(equals + 1)]);
			continue;
		}
		const length = Number(bytes.readBigUInt64LE(at));
		fields.push([line, bytes.toString("latin1", at + 8, at + 8 + length)]);
		at += 8 + length + 1;
	}
	return fields;
}

t.test("an alert with its facts", async (t) => {
	const sink = sinkOf();
	t.equal(await sink.deliver([entryOf(PROBE)]), undefined);
	t.strictSame(parse(sink.sent[0] ?? Buffer.alloc(0)), [
		["MESSAGE", alertLine(PROBE)],
		["PRIORITY", "5"],
		["SYSLOG_FACILITY", "4"],
		["SYSLOG_IDENTIFIER", "tocsin"],
		["SYSLOG_PID", "123"],
		["KLAXON_LEVEL", "notice"],
		["KLAXON_TIME", "2026-11-22T02:00:00.000Z"],
		["KLAXON_KIND", "probe"],
		["KLAXON_SEVERITY", "5"],
		["KLAXON_ID", "id-1"],
		["KLAXON_SOURCE_IP", "192.0.2.7"],
		["KLAXON_SOURCE_PORT", "40312"],
		["KLAXON_SOURCE_MAC", "02-00-00-00-00-02"],
		["KLAXON_DESTINATION_IP", "192.0.2.1"],
		["KLAXON_DESTINATION_PORT", "23"],
		["KLAXON_NETWORK_TYPE", "ipv4"],
		["KLAXON_NETWORK_TRANSPORT", "tcp"],
		["KLAXON_NETWORK_VLAN_ID", "10"],
		["KLAXON_OBSERVER_PRODUCT", "tocsin"],
		["KLAXON_OBSERVER_VERSION", "2.0.0"],
		["KLAXON_OBSERVER_HOSTNAME", "guard"],
		["KLAXON_INTERFACE", "eth0"],
		["KLAXON_TECHNIQUE", "syn"],
		["KLAXON_SERVICE", "telnet"],
		["KLAXON_TOOL", "nmap"],
	]);
});

t.test("a template of several lines is one field", async (t) => {
	const template = "{event.action}\nPRIORITY=0\n{source.ip}";
	const sink = sinkOf({ template });
	await sink.deliver([entryOf(PROBE)]);
	const fields = parse(sink.sent[0] ?? Buffer.alloc(0));
	t.strictSame(fields.slice(0, 2), [
		["MESSAGE", "probe\nPRIORITY=0\n192.0.2.7"],
		["PRIORITY", "5"],
	]);
});

t.test("what journald does not take", async (t) => {
	const why = (...answers: (string | undefined)[]) =>
		sinkOf({}, answers).deliver([entryOf(PROBE)]);
	t.equal(
		await why("ENOENT"),
		"/run/test: no journal here: journald isn't running",
	);
	t.equal(await why("EMSGSIZE"), "/run/test: EMSGSIZE");
	t.equal(await why("EAGAIN", "EAGAIN", undefined), undefined, "it was full");
	const begun = performance.now();
	t.equal(await why("EAGAIN"), "/run/test: journald does not read");
	const took = performance.now() - begun;
	t.ok(took > 1900 && took < 8000, `${took} ms`);
	t.match(
		await sinkOf({ template: "{x}" }).deliver([]),
		/^journal: unknown placeholder '\{x\}'/,
	);
});

t.test("whatever an alert holds, no field is forged", async (t) => {
	const check = fc.asyncProperty(anyAlert, async (alert) => {
		const sink = sinkOf();
		const note = "a\nKLAXON_KIND=x\nPRIORITY=0";
		const entry = entryOf({ ...alert, note } as Alert);
		await sink.deliver([entry]);
		const fields = parse(sink.sent[0] ?? Buffer.alloc(0));
		const names = fields.map(([name]) => name);
		return (
			new Set(names).size === names.length &&
			names.every((name) => /^[A-Z][A-Z0-9_]{0,63}$/.test(name)) &&
			fields.every(([name, value]) =>
				name === "MESSAGE" ? value === entry.line : /^[ -~]*$/.test(value),
			) &&
			fields.find(([name]) => name === "PRIORITY")?.[1] !== "0" &&
			fields.find(([name]) => name === "KLAXON_KIND")?.[1] === alert.kind
		);
	});
	await t.resolves(fc.assert(check));
});
