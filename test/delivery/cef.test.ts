import fc from "fast-check";
import t from "tap";
import { alertLine } from "../../src/alert/render.ts";
import { cefLine } from "../../src/delivery/cef.ts";
import {
	anyAlert,
	OFFER,
	POISON,
	PROBE,
	SCAN,
	TIME,
} from "../alert/samples.ts";
import { entryOf, TELLER } from "./world.ts";

/** Reads a line of CEF as collectors do: a header up to seven bare pipes, then keys behind spaces and values up to the next. */
function parse(line: string) {
	const parts = /^CEF:0\|((?:[^\\|]|\\[\\|])*\|){6}/.exec(line);
	if (!parts) throw new Error(`no CEF: ${line}`);
	const header = parts[0]
		.slice("CEF:0|".length, -1)
		.split(/(?<!\\)(?:\\\\)*\|/)
		.map((field) => field.replace(/\\([\\|])/g, "$1"));
	const extension: Record<string, string> = {};
	const tail = line.slice(parts[0].length);
	const keys = [...tail.matchAll(/(?:^| )(\w+)=/g)];
	for (const [i, match] of keys.entries()) {
		const from = match.index + match[0].length;
		const value = tail.slice(from, keys[i + 1]?.index ?? tail.length);
		extension[match[1] ?? ""] = value.replace(/\\([\\=])/g, "$1");
	}
	return { header, extension };
}

t.test("a probe", async (t) => {
	t.equal(
		cefLine(entryOf(PROBE), TELLER),
		[
			"CEF:0|klaxon|tocsin|2.0.0|probe/syn|Port probed|5|rt=1795312800000 externalId=id-1",
			"dvchost=guard deviceInboundInterface=eth0 spt=40312 dpt=23 src=192.0.2.7",
			"dst=192.0.2.1 smac=02:00:00:00:00:02 proto=tcp",
			`msg=${alertLine(PROBE).replaceAll("=", "\\=")} cs4=nmap cs4Label=tool`,
		].join(" "),
	);
});

t.test("a scan tells ports, count and time", async (t) => {
	const { header, extension } = parse(cefLine(entryOf(SCAN), TELLER));
	t.strictSame(header.slice(3), ["scan/syn", "Port scan", "5"]);
	t.match(extension, {
		cnt: "134",
		start: String(TIME - 400),
		end: String(TIME),
		cs1: "1,7,9,21,22,23",
		cs1Label: "ports",
		cn1: "96",
		cn1Label: "ports",
	});
});

t.test("IPv6, levels, and a word about tocsin", async (t) => {
	const probe = {
		...PROBE,
		source: { ip: "2001:db8::7" },
		destination: { ip: "2001:db8::1", port: 23 },
	};
	const { extension } = parse(cefLine(entryOf(probe), TELLER));
	t.match(extension, {
		c6a2: "2001:db8::7",
		c6a2Label: "Source IPv6 Address",
		c6a3: "2001:db8::1",
		c6a3Label: "Destination IPv6 Address",
	});
	t.equal(extension.src, undefined);
	for (const [alert, severity] of [
		[POISON, "7"],
		[OFFER, "7"],
		[SCAN, "5"],
	] as const)
		t.equal(parse(cefLine(entryOf(alert), TELLER)).header[5], severity);
	const word = { time: 0, level: "err", line: "a|b\\c=d" };
	t.equal(
		cefLine(word, TELLER),
		"CEF:0|klaxon|tocsin|2.0.0|notice|Notice|8|rt=0 dvchost=guard msg=a|b\\\\c\\=d",
	);
	t.equal(
		cefLine(word, { version: "2|0\\\n", hostname: "x" }).split(" rt=")[0],
		"CEF:0|klaxon|tocsin|2\\|0\\\\ |notice|Notice|8|rt=0 dvchost=x msg=a|b\\\\c\\=d",
	);
});

t.test("whatever an alert holds, no field leaks into another", async (t) => {
	const check = fc.property(anyAlert, fc.string(), (alert, data) => {
		const hostile = { ...alert, note: `${data} src=6.6.6.6|x\\` };
		const line = cefLine(entryOf(hostile), TELLER);
		const { header, extension } = parse(line);
		const ip = "source" in alert ? alert.source.ip : undefined;
		return (
			/^[ -~]*$/.test(line) &&
			header.length === 6 &&
			header[3]?.split("/")[0] === alert.kind &&
			extension.msg === entryOf(hostile).line &&
			(extension.src === undefined || extension.src === ip)
		);
	});
	t.doesNotThrow(() => fc.assert(check, { numRuns: 500 }));
});
