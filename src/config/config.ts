import { readFileSync } from "node:fs";
import { parse, type TomlError } from "smol-toml";
import * as z from "zod/mini";
import { configErrors } from "./errors.ts";
import { type LureConfig, lureKeys, lureSchemas } from "./lures.ts";
import { ignoreSchema, type Rule, ruleKeys } from "./rules.ts";
import { parseTarget, type Target } from "./target.ts";
import { type WatchConfig, watchKeys, watchSchema } from "./watch.ts";

/** Bytes of a configuration file that are read. */
const MAX_FILE = 1 << 20;

/** hier(7): what a daemon keeps from one start to the next. */
const STATE = "/var/lib/tocsin";

const fileSink = z.strictObject({
	type: z.literal("file"),
	/** Absolute; appended to. */
	path: z.string().check(z.regex(/^\//, "give an absolute path")),
	/** `json`: one ECS object an alert; `text`: the line with its time. */
	format: z._default(z.enum(["json", "text"]), "json"),
});

/** Everything but standard output, which nobody reads of a daemon. */
type Syslog = Exclude<Target, { via: "stdout" }>;

const syslogSink = z.pipe(
	z.strictObject({
		type: z.literal("syslog"),
		/** As `--syslog` takes it. */
		url: z.pipe(
			z.string(),
			z.transform((url, { issues }): Syslog => {
				const target = parseTarget(url);
				if (typeof target !== "string" && target.via !== "stdout")
					return target;
				const message =
					typeof target === "string" ? target : "stdout: is no sink";
				issues.push({ code: "custom", message, input: url });
				return z.NEVER;
			}),
		),
	}),
	z.transform(({ type, url }) => ({ type, target: url })),
);

const schema = (services?: string) =>
	z.strictObject({
		sink: z._default(
			z.array(z.discriminatedUnion("type", [fileSink, syslogSink])),
			() => [],
		),
		watch: z.prefault(watchSchema(services), {}),
		...lureSchemas(),
		ignore: z._default(z.array(ignoreSchema(services)), () => []),
		state: z._default(
			z.string().check(z.regex(/^\//, "give an absolute path")),
			STATE,
		),
	});

/** The keys of each table, by its path. */
const known = () => ({
	"": ["sink", "watch", "poison", "dhcp", "dhcp6", "ra", "ignore", "state"],
	ignore: ruleKeys(),
	watch: watchKeys(),
	...lureKeys(),
});

/** A sink as it stands in the file, its address taken apart. */
export type SinkConfig = z.infer<typeof fileSink> | z.infer<typeof syslogSink>;

export interface Config {
	sinks: SinkConfig[];
	watch: WatchConfig;
	lures: LureConfig;
	/** Alerts that fit one of these are not told. */
	ignore: Rule[];
	/** The directory for what tocsin remembers. */
	state: string;
}

/**
 * Reads a configuration's text; every key has a default. All errors are answered, each with the file,
 * the line and the offending text. `services` is the text of a services(5) file, by default this
 * machine's.
 */
export function parseConfig(
	file: string,
	text: string,
	services?: string,
): Config | string[] {
	let raw: unknown;
	try {
		raw = parse(text);
	} catch (error) {
		const { line, column, message } = error as TomlError;
		return [`${file}:${line}:${column}: ${message.split("\n")[0]}`];
	}
	const read = schema(services).safeParse(raw);
	if (!read.success)
		return configErrors(file, text, raw, read.error.issues, known());
	const { sink, watch, state, ignore, ...lures } = read.data;
	return { sinks: sink, watch, lures, ignore, state };
}

/**
 * Reads a configuration file; errors as `parseConfig` gives them, or why it can't be read. A file that
 * isn't there is an empty one where it needn't be.
 */
export function loadConfig(
	file: string,
	{ optional = false } = {},
): Config | string[] {
	try {
		const text = readFileSync(file, "utf8");
		if (text.length > MAX_FILE) return [`${file}: larger than 1 MiB`];
		return parseConfig(file, text);
	} catch (error) {
		const { code, message } = error as NodeJS.ErrnoException;
		return optional && code === "ENOENT"
			? parseConfig(file, "")
			: [`can't read the configuration: ${message}`];
	}
}
