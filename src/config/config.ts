import { closeSync, fstatSync, openSync, readFileSync } from "node:fs";
import { parse, type TomlError } from "smol-toml";
import * as z from "zod/mini";
import { conditions } from "./conditions.ts";
import {
	daemonShape,
	type HistoryConfig,
	type StatusConfig,
} from "./daemon.ts";
import { configErrors, faultTexts } from "./errors.ts";
import { literalSecrets } from "./literal.ts";
import { type LureConfig, lureSchemas } from "./lures.ts";
import { told } from "./meaning.ts";
import { type Complain, reading } from "./reading.ts";
import {
	ignoreSchema,
	type Limit,
	limitSchema,
	type Route,
	type Rule,
	routeSchema,
} from "./rules.ts";
import { sinksSchema, sinkTypes } from "./sinks.ts";
import type { SinkConfig } from "./sinktypes.ts";
import { keysOf } from "./tables.ts";
import { type WatchConfig, watchSchema } from "./watch.ts";

/** Bytes of a configuration file that are read. */
const MAX_FILE = 1 << 20;

/** Read for others, as chmod(1) has it. */
const OTHERS_READ = 0o004;

export type { SinkConfig };

/** All that may stand in a configuration file. */
function tables(services?: string, types?: ReturnType<typeof sinkTypes>) {
	const shape = conditions(services);
	return z.strictObject({
		...daemonShape(),
		watch: told(z.prefault(watchSchema(services), {}), "what is listened to"),
		...lureSchemas(),
		ignore: told(
			z._default(z.array(ignoreSchema(shape)), () => []),
			"alerts that are not told; the first rule that fits acts",
		),
		limit: told(
			z._default(z.array(limitSchema(shape)), () => []),
			"how often alerts are told; the first rule that fits acts",
		),
		route: told(
			z._default(z.array(routeSchema(shape)), () => []),
			"where alerts go beside the syslog; the first rule that fits acts, without one they go to all sinks",
		),
		sink: told(
			z.prefault(sinksSchema(shape, types), () => []),
			"a way out beside the syslog",
		),
	});
}

/** A route to a sink that isn't there would lose what it should bring. */
function checkRoutes(
	routes: readonly Route[],
	sinks: readonly SinkConfig[],
	complain: Complain,
): void {
	const names = sinks.map(({ name }) => name);
	const remedy =
		names.length > 0 ? `known are ${names.join(", ")}` : "there is none";
	for (const [i, { to }] of routes.entries())
		for (const [j, name] of to.entries())
			if (!names.includes(name))
				complain(`unknown sink '${name}': ${remedy}`, ["route", i, "to", j]);
}

/** What a configuration file is read with; with all `types` of sinks, if not told otherwise. */
export const configSchema = (
	services?: string,
	types?: ReturnType<typeof sinkTypes>,
) =>
	z.pipe(
		tables(services, types),
		reading((value: z.infer<ReturnType<typeof tables>>, complain): Config => {
			const { sink: sinks, poison, dhcp, dhcp6, ra, ...rest } = value;
			checkRoutes(rest.route, sinks, complain);
			return { ...rest, sinks, lures: { poison, dhcp, dhcp6, ra } };
		}),
	);

export interface Config {
	sinks: SinkConfig[];
	watch: WatchConfig;
	lures: LureConfig;
	/** Alerts that fit one of these are not told. */
	ignore: Rule[];
	/** How often alerts are told: the first that fits. */
	limit: Limit[];
	/** Which sinks alerts go to: the first that fits; none fits: to all. */
	route: Route[];
	/** The directory for what tocsin remembers. */
	state: string;
	/** The local socket's path. */
	socket: string;
	/** Users whose klaxons may hand over. */
	handover: string[];
	status: StatusConfig;
	history: HistoryConfig;
}

/**
 * Reads a configuration's text; every key has a default. All errors are answered, each with the file,
 * line, column and the offending text. `services` is the text of a services(5) file, by default this
 * machine's. `isPublic`: others can read the file, so a secret in it is an error.
 */
export function parseConfig(
	file: string,
	text: string,
	services?: string,
	isPublic = false,
): Config | string[] {
	let raw: unknown;
	try {
		raw = parse(text);
	} catch (error) {
		const { line, column, message } = error as TomlError;
		return [`${file}:${line}:${column}: ${message.split("\n")[0]}`];
	}
	const schema = configSchema(services, sinkTypes(raw));
	const read = schema.safeParse(raw);
	if (!read.success)
		return configErrors(file, text, raw, read.error.issues, keysOf(schema));
	const literals = isPublic ? literalSecrets(read.data.sinks) : [];
	if (literals.length === 0) return read.data;
	return faultTexts(
		file,
		text,
		literals.map(({ path, remedy }) => ({
			path,
			isKey: true,
			sentence: `a secret that others can read: chmod o-r ${file}, or ${remedy}`,
		})),
	);
}

/** A file's text and permissions, of the same moment. */
function readText(file: string): { text: string; mode: number } {
	const fd = openSync(file, "r");
	try {
		return { text: readFileSync(fd, "utf8"), mode: fstatSync(fd).mode };
	} finally {
		closeSync(fd);
	}
}

/**
 * Reads a configuration file; errors as `parseConfig` gives them, or why it can't be read. A file that
 * isn't there is an empty one where it needn't be. A secret in a file that others can read is an error.
 */
export function loadConfig(
	file: string,
	{ optional = false } = {},
): Config | string[] {
	try {
		const { text, mode } = readText(file);
		if (text.length > MAX_FILE) return [`${file}: larger than 1 MiB`];
		return parseConfig(file, text, undefined, (mode & OTHERS_READ) !== 0);
	} catch (error) {
		const { code, message } = error as NodeJS.ErrnoException;
		return optional && code === "ENOENT"
			? parseConfig(file, "")
			: [`can't read the configuration: ${message}`];
	}
}
