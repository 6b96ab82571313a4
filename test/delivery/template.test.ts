import fc from "fast-check";
import t from "tap";
import type { Alert } from "../../src/alert/alert.ts";
import { ecs } from "../../src/alert/json.ts";
import { alertLine } from "../../src/alert/render.ts";
import { PLACEHOLDERS } from "../../src/delivery/placeholders.ts";
import type { Entry } from "../../src/delivery/sink.ts";
import {
	compileTemplate,
	render,
	type Template,
} from "../../src/delivery/template.ts";
import { anyAlert, PROBE, SCAN, TIME } from "../alert/samples.ts";
import { entryOf, TELLER } from "./world.ts";

function compiled(text: string): Template {
	const template = compileTemplate(text);
	if (typeof template === "string") throw new Error(template);
	return template;
}

const rendered = (text: string, ...entries: Entry[]) =>
	render(compiled(text), entries, TELLER);

t.test("placeholders are the paths of the alert's JSON", async (t) => {
	const text =
		"{source.ip}:{source.port} {source.mac} {klaxon.service} {network.vlan.id} {event.id} {observer.hostname} {@timestamp} {log.level}";
	t.equal(
		rendered(text, entryOf(PROBE)),
		"192.0.2.7:40312 02-00-00-00-00-02 telnet 10 id-1 guard 2026-11-22T02:00:00.000Z notice",
	);
	t.equal(rendered("{klaxon.ports}", entryOf(SCAN)), "1,7,9,21,22,23");
	t.equal(rendered("no facts"), "no facts");
	t.equal(rendered(""), "");
});

t.test(
	"lines and count are the batch's, the rest is the first alert's",
	async (t) => {
		const entries = [entryOf(PROBE), { time: TIME, level: "err", line: "b" }];
		t.equal(
			rendered("{count}|{event.action}|{lines}|{message}", ...entries),
			`2|probe|${alertLine(PROBE)}\nb|${alertLine(PROBE)}`,
		);
	},
);

t.test("a fact that is missing is empty", async (t) => {
	t.equal(rendered("<{klaxon.data}{destination.port}>", entryOf(SCAN)), "<>");
	t.equal(rendered("<{source.ip}{message}{count}>"), "<0>");
	const word = { time: TIME, level: "err", line: "the disk is full" };
	t.equal(
		rendered("{source.ip}{event.kind}: {message} {observer.product}", word),
		"event: the disk is full tocsin",
	);
});

t.test("other braces are text", async (t) => {
	const text = '{"a": {"b": "{count}"}, "c": {}, {Count}, { count }, {{count}}';
	t.equal(
		rendered(text, entryOf(PROBE)),
		'{"a": {"b": "1"}, "c": {}, {Count}, { count }, {1}',
	);
});

t.test("an unknown placeholder is told with the known ones", async (t) => {
	t.equal(
		compileTemplate("{destination.addr}"),
		"unknown placeholder '{destination.addr}': known are destination.ip, destination.port",
	);
	t.equal(
		compileTemplate("{foo}"),
		"unknown placeholder '{foo}': known are lines, count, message, @timestamp, log.*, ecs.*, event.*, source.*, destination.*, network.*, observer.*, related.*, klaxon.*",
	);
	t.equal(
		compileTemplate("{a} {b}", ["a"]),
		"unknown placeholder '{b}': known are a",
	);
	for (const name of ["constructor", "source", "klaxon.toString", "source."])
		t.type(compileTemplate(`{source.ip}{${name}}`), "string", name);
});

t.test(
	"what came in is not expanded again, and is escaped on its own",
	async (t) => {
		const hostile = {
			time: TIME,
			level: "notice",
			line: "{count}{lines} $& $1",
		};
		t.equal(rendered("[{message}]", hostile), "[{count}{lines} $& $1]");
		const shout = (value: string) => value.toUpperCase();
		t.equal(
			render(
				compiled("a {message}"),
				[{ ...hostile, line: "b" }],
				TELLER,
				shout,
			),
			"a B",
		);
	},
);

t.test(
	"no newline, ESC or other byte gets in, but between lines",
	async (t) => {
		const named: Alert = {
			...PROBE,
			service: "é\n\x1b[31m",
			interface: "a\nb",
		};
		const entry = { ...entryOf(named), line: "a\r\nb" };
		t.equal(
			rendered(
				"{klaxon.service} {observer.ingress.interface.name} {lines}",
				entry,
				entry,
			),
			"???[31m a?b a??b\na??b",
		);
	},
);

/** The paths of an object's values. */
function leaves(value: unknown, path: string[] = []): string[] {
	if (typeof value !== "object" || value === null || Array.isArray(value))
		return value === undefined ? [] : [path.join(".")];
	return Object.entries(value).flatMap(([key, inner]) =>
		leaves(inner, [...path, key]),
	);
}

t.test("every field that an alert can have is known", async () => {
	const observer = { product: "tocsin", ...TELLER } as const;
	fc.assert(
		fc.property(anyAlert, (alert) => {
			const paths = leaves(ecs(alert, observer, "id"));
			return paths.every((path) => PLACEHOLDERS.includes(path));
		}),
	);
});

t.test("hostile facts leave a template's own text as it is", async () => {
	fc.assert(
		fc.property(fc.string({ unit: "binary" }), (line) => {
			const text = rendered("<{message}>", { time: TIME, level: "err", line });
			return /^<[ -~]*>$/.test(text) && text.length === line.length + 2;
		}),
	);
});
