import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import t from "tap";
import { textLine } from "../../src/alert/text.ts";
import { parseRequest } from "../../src/handover/request.ts";
import { CONNECTION, connections, TIME } from "./samples.ts";

const read = (value: unknown) => parseRequest(JSON.stringify(value), TIME);
const handOver = (...alerts: unknown[]) =>
	read({ alerts: alerts.map((alert) => ({ alert })) });

const NO_REQUEST =
	'ask {"alerts":[...]}, {"status":true} or {"subscribe":"desktop"}';

t.test("what a client may want", async (t) => {
	t.same(read({ status: true }), { want: "status" });
	t.same(read({ subscribe: "desktop" }), { want: "subscribe" });
	const popup = { summary: "Ping", body: "a line", urgency: "normal" };
	t.same(read({ popup, users: ["alice"] }), {
		want: "popup",
		popup,
		users: ["alice"],
	});
	const id = "0b9dcb5e-4a52-4f0e-9fd2-0b4bd4c1d4c4";
	t.same(read({ alerts: [{ id, alert: CONNECTION }] }), {
		want: "handover",
		alerts: [{ id, alert: CONNECTION }],
	});
});

t.test("nothing else is a request", async (t) => {
	for (const line of [
		"",
		"{",
		"null",
		"[]",
		'"status"',
		"1e999",
		"{}",
		'{"status":false}',
		'{"status":true,"alert":1}',
		'{"status":true,"__proto__":{}}',
		'{"subscribe":"desk"}',
		'{"popup":{"summary":"a","body":"b","urgency":"low"},"users":[]}',
		'{"popup":{"summary":"a","body":"b","urgency":"normal"}}',
		'{"__proto__":{"status":true}}',
		"[".repeat(60_000),
	])
		t.equal(parseRequest(line, TIME), NO_REQUEST, line.slice(0, 40));
});

t.test("an alert that isn't one is refused, by what is wrong", async (t) => {
	const { source, destination } = CONNECTION;
	for (const [change, why] of [
		[{ kind: "scan" }, "kind"],
		[{ time: "now" }, "time"],
		[{ time: null }, "time"],
		[{ time: TIME + 60_001 }, "time: not of the last day"],
		[{ time: TIME - 86_400_001 }, "time: not of the last day"],
		[{ fold: { count: 2, first: 0, last: TIME } }, "time: not of the last day"],
		[{ transport: "sctp" }, "transport"],
		[{ service: 512 }, "service"],
		[{ service: ["rexec"] }, "service"],
		[{ source: { ...source, ip: "192.0.2" } }, "source.ip"],
		[{ source: { ...source, ip: "fe80::1%eth0" } }, "source.ip"],
		[{ source: { ...source, port: 65_536 } }, "source.port"],
		[{ source: { ...source, port: -1 } }, "source.port"],
		[{ source: { ...source, port: 1.5 } }, "source.port"],
		[{ source: { ...source, mac: "x" } }, "source"],
		[{ source: undefined }, "source"],
		[{ source: [] }, "source"],
		[{ destination: { ...destination, name: "x" } }, "destination"],
		[{ ident: { kind: "user", user: "joe" } }, "ident.os"],
		[{ ident: { kind: "user", user: "joe", os: "a:b" } }, "ident.os"],
		[{ ident: { kind: "error", error: "A B" } }, "ident.error"],
		[{ ident: { kind: "failed", reason: "so" } }, "ident.reason"],
		[{ ident: { kind: "constructor" } }, "ident.kind"],
		[{ fold: { count: 0, first: TIME, last: TIME } }, "fold.count"],
		[{ fold: { count: 2 ** 60, first: TIME, last: TIME } }, "fold.count"],
		[{ fold: { count: 2, first: TIME, last: TIME - 1 } }, "fold"],
		[{ level: "emerg" }, ""],
		[{ toString: "x" }, ""],
	] as const)
		t.equal(
			handOver({ ...CONNECTION, ...change }),
			`bad alerts.0.alert${why && `.${why}`}`,
			JSON.stringify(change),
		);
});

t.test("so is a request that is none, or too many", async (t) => {
	t.equal(read({ alerts: [] }), "bad alerts");
	t.equal(read({ alerts: {} }), "bad alerts");
	t.equal(read({ alerts: [CONNECTION] }), "bad alerts.0.alert");
	t.equal(read({ alerts: [{ alert: CONNECTION }], status: true }), "bad ");
	const many = (n: number) => handOver(...Array(n).fill(CONNECTION));
	t.type(many(200), Object);
	t.equal(many(201), "bad alerts");
	t.equal(
		read({ alerts: [{ alert: CONNECTION, id: "a\nb" }] }),
		"bad alerts.0.id",
	);
	t.equal(
		read({ alerts: [{ alert: CONNECTION, id: "a".repeat(65) }] }),
		"bad alerts.0.id",
	);
});

t.test("keys of prototypes are no keys", async (t) => {
	const text = JSON.stringify(CONNECTION);
	for (const key of ["__proto__", "constructor", "prototype"]) {
		const evil = `{"${key}":{"note":"x","polluted":1},${text.slice(1)}`;
		const request = parseRequest(`{"alerts":[{"alert":${evil}}]}`, TIME);
		if (typeof request === "string")
			t.equal(request, "bad alerts.0.alert", key);
		else t.same(request, { want: "handover", alerts: [{ alert: CONNECTION }] });
		t.equal((CONNECTION as { polluted?: number }).polluted, undefined);
		t.equal(({} as { polluted?: number }).polluted, undefined);
	}
});

/** The only alert of a request. */
function only(alert: object) {
	const request = handOver(alert);
	if (typeof request === "string" || request.want !== "handover")
		throw new Error(String(request));
	return request.alerts[0]?.alert;
}

t.test("texts are made printable and short, once", async (t) => {
	const data = "GET /\\x0d\\x0a \\\\";
	t.equal(only({ ...CONNECTION, data })?.data, data, "printable already");
	const evil = only({
		...CONNECTION,
		service: `rexec kind=scan\n<script>`,
		source: { ...CONNECTION.source, name: "\u001b[2Jevil\\" },
		data: "\\x1\\xZZ",
		note: "n".repeat(1000),
	});
	t.equal(evil?.service, "rexec kind=scan\\x0a<script>");
	t.equal(evil?.source.name, "\\x1b[2Jevil\\\\");
	t.equal(evil?.data, "\\\\x1\\\\xZZ");
	t.equal(evil?.note, `${"n".repeat(297)}...`);
	t.equal(only({ ...CONNECTION, data: "a".repeat(9000) })?.data?.length, 6000);
});

t.test("property: any alert of klaxon's arrives as it was", async () => {
	fc.assert(
		fc.property(connections, (alert) =>
			isDeepStrictEqual(only(alert), JSON.parse(JSON.stringify(alert))),
		),
	);
});

const PRINTABLE_LINE = /^[\x20-\x7e]{1,1024}$/;

t.test("property: what is taken gives a printable line", async () => {
	const text = fc.string({ unit: "binary" });
	const evil = fc.record({
		service: text,
		data: text,
		note: text,
		source: fc.record({ name: text, zone: text }),
		ident: fc.record({
			kind: fc.constant("user"),
			os: fc.constant("UNIX"),
			user: text,
		}),
	});
	fc.assert(
		fc.property(evil, (change) => {
			const alert = only({ ...CONNECTION, ...change });
			return alert !== undefined && PRINTABLE_LINE.test(textLine(alert));
		}),
	);
});

t.test(
	"property: no value throws, and no complaint is unprintable",
	async () => {
		const anything = fc.oneof(
			fc.jsonValue(),
			fc.record({ alerts: fc.jsonValue() }),
			fc.record({ alerts: fc.array(fc.record({ alert: fc.jsonValue() })) }),
			fc.record({
				alerts: fc.array(fc.dictionary(fc.string(), fc.jsonValue())),
			}),
		);
		fc.assert(
			fc.property(anything, (value) => {
				const request = read(value);
				return typeof request !== "string" || PRINTABLE_LINE.test(request);
			}),
		);
	},
);
