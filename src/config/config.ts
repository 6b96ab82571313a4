import { readFileSync } from "node:fs";
import { parse, type TomlError } from "smol-toml";
import * as z from "zod/mini";
import { printable } from "../alert/printable.ts";
import { parseTarget, type Target } from "./target.ts";

/** Bytes of a configuration file that are read. */
const MAX_FILE = 1 << 20;
const MAX_TEXT = 200;

const fileSink = z.strictObject({
	type: z.literal("file"),
	/** Absolute; appended to. */
	path: z.string().check(z.regex(/^\//, "give an absolute path")),
	/** `json`: one ECS object an alert; `text`: the line with its time. */
	format: z._default(z.enum(["json", "text"]), "json"),
});

const syslogSink = z.strictObject({
	type: z.literal("syslog"),
	/** As `--syslog` takes it. */
	url: z.string(),
});

const schema = z.strictObject({
	sink: z._default(
		z.array(z.discriminatedUnion("type", [fileSink, syslogSink])),
		[],
	),
});

/** A sink as it stands in the file, its address taken apart. */
export type SinkConfig =
	| z.infer<typeof fileSink>
	| { type: "syslog"; target: Exclude<Target, { via: "stdout" }> };

export interface Config {
	sinks: SinkConfig[];
}

/** The line of the `n`th `[[sink]]` (from 0), and within it of `key` where that stands there. */
function lineOf(text: string, n: number, key: string): number {
	const lines = text.split("\n");
	const heads = lines.flatMap((line, i) =>
		/^\s*\[\[\s*sink\s*\]\]/.test(line) ? [i] : [],
	);
	const from = heads[n] ?? 0;
	const at = lines.findIndex(
		(line, i) =>
			i >= from &&
			i < (heads[n + 1] ?? lines.length) &&
			new RegExp(`^\\s*"?${key.replace(/\W/g, "\\$&")}"?\\s*=`).test(line),
	);
	return (at < 0 ? from : at) + 1;
}

function schemaErrors(file: string, text: string, error: z.core.$ZodError) {
	return error.issues.map((issue) => {
		const [, n, key = ""] = issue.path;
		const own = issue.code === "unrecognized_keys" ? issue.keys[0] : key;
		const line = lineOf(text, Number(n ?? 0), String(own));
		const what =
			issue.code === "unrecognized_keys"
				? `unknown key '${issue.keys.join("', '")}'`
				: `${String(key) || "sink"}: ${issue.message}`;
		return `${file}:${line}: ${printable(what, MAX_TEXT)}`;
	});
}

/** Reads a configuration's text. Errors name the file, the line and the offending text. */
export function parseConfig(file: string, text: string): Config | string[] {
	let raw: unknown;
	try {
		raw = parse(text);
	} catch (error) {
		const { line, column, message } = error as TomlError;
		return [`${file}:${line}:${column}: ${message.split("\n")[0]}`];
	}
	const read = schema.safeParse(raw);
	if (!read.success) return schemaErrors(file, text, read.error);
	const sinks: SinkConfig[] = [];
	const errors: string[] = [];
	for (const [n, sink] of read.data.sink.entries()) {
		if (sink.type === "file") {
			sinks.push(sink);
			continue;
		}
		const target = parseTarget(sink.url);
		const at = `${file}:${lineOf(text, n, "url")}`;
		if (typeof target === "string") errors.push(`${at}: ${target}`);
		else if (target.via === "stdout") errors.push(`${at}: stdout: is no sink`);
		else sinks.push({ type: "syslog", target });
	}
	return errors.length > 0 ? errors : { sinks };
}

/** Reads a configuration file; errors as `parseConfig` gives them, or why it can't be read. */
export function loadConfig(file: string): Config | string[] {
	try {
		const text = readFileSync(file, "utf8");
		if (text.length > MAX_FILE) return [`${file}: larger than 1 MiB`];
		return parseConfig(file, text);
	} catch (error) {
		return [`can't read the configuration: ${(error as Error).message}`];
	}
}
