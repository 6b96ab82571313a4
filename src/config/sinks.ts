import * as z from "zod/mini";
import type { Conditions } from "./conditions.ts";
import { duration } from "./duration.ts";
import { told, typed } from "./meaning.ts";
import { reading } from "./reading.ts";
import { whenSchema } from "./rules.ts";
import {
	batchOf,
	batchShape,
	batchText,
	commonShape,
	SINGLY,
	template,
	templateShape,
	type Unnamed,
	type When,
} from "./sinkkeys.ts";
import { mailSchema } from "./sinkmail.ts";
import type {
	Batch,
	DesktopSink,
	ExecSink,
	FileSink,
	JournalSink,
	SinkConfig,
	Syslog,
	SyslogSink,
} from "./sinktypes.ts";
import { webhookSchema } from "./sinkwebhook.ts";
import { parseTarget } from "./target.ts";
import { absolute, sizeOf, userName, whole } from "./values.ts";

/** Below it a file would be rotated at every few lines. */
const MIN_SIZE = 10_000;
/** A stream is filled in one go; nobody waits for a fifth of a second. */
const STREAM: Batch = { gather: 200, every: 0, max: 500 };

const fileSize = sizeOf(MIN_SIZE, "at least 10kB, or 0 for no rotation", true);

const fileTable = (when: When) =>
	z.strictObject({
		type: z.literal("file"),
		...commonShape(when),
		path: told(absolute(), "appended to; opened anew on SIGHUP"),
		format: told(
			z._default(z.enum(["json", "text", "cef"]), "json"),
			"`json`: one ECS object a line; `text`: the line with its time; `cef`: ArcSight's",
		),
		size: told(
			z.prefault(fileSize, "10MiB"),
			"at which it becomes `path.1`; `0`: never (logrotate does it)",
		),
		keep: told(z._default(whole(0, 1000), 5), "old files that are kept"),
		...templateShape("in place of the line, for `text`"),
	});

const fileSchema = (when: When) =>
	z.pipe(
		fileTable(when),
		reading(
			(
				value: z.infer<ReturnType<typeof fileTable>>,
				complain,
			): Unnamed<FileSink> => {
				if (value.template !== undefined && value.format !== "text")
					complain(`'template' is for format = "text"`, ["template"]);
				return { ...value, batch: SINGLY };
			},
		),
	);

const syslogUrl = typed(
	"URL",
	z.pipe(
		z.string(),
		reading((url: string, complain): Syslog => {
			const target = parseTarget(url);
			if (typeof target !== "string" && target.via !== "stdout") return target;
			complain(typeof target === "string" ? target : "stdout: is no sink");
			return z.NEVER;
		}),
	),
);

const syslogTable = (when: When) =>
	z.strictObject({
		type: z.literal("syslog"),
		...commonShape(when),
		url: told(
			syslogUrl,
			"`local:`, `udp://HOST[:514]`, `tcp://HOST[:601]` or `tls://HOST[:6514][?ca=FILE&cert=FILE&key=FILE]`",
		),
		format: told(
			z.optional(z.enum(["rfc5424", "rfc3164"])),
			"`rfc5424` has structured data; for udp, tcp and tls",
			"`rfc5424`",
		),
		...templateShape("in place of the line"),
		...batchShape(`for tcp and tls: ${batchText(STREAM)}`),
	});

const syslogSchema = (when: When) =>
	z.pipe(
		syslogTable(when),
		reading(
			(
				value: z.infer<ReturnType<typeof syslogTable>>,
				complain,
			): Unnamed<SyslogSink> => {
				const { url: target, format, batch, ...rest } = value;
				const { via } = target;
				if (via === "local" && format)
					complain("'format' is for udp, tcp and tls", ["format"]);
				const isStream = via === "tcp" || via === "tls";
				if (!isStream && Object.keys(batch).length > 0)
					complain(`'batch' is for tcp and tls: ${via} keeps nothing back`, [
						"batch",
					]);
				return {
					...rest,
					target,
					format: format ?? "rfc5424",
					batch: batchOf(batch, isStream ? STREAM : SINGLY),
				};
			},
		),
	);

const journalSchema = (when: When) =>
	z.pipe(
		z.strictObject({
			type: z.literal("journal"),
			...commonShape(when),
			...templateShape("in place of the line"),
		}),
		z.transform((value): Unnamed<JournalSink> => ({ ...value, batch: SINGLY })),
	);

const argv = typed(
	"list",
	z.pipe(
		z
			.array(
				z.pipe(
					z
						.string()
						.check(z.regex(/^[^\0]*$/, "an argument can't hold a zero")),
					template(),
				),
			)
			.check(z.minLength(1, "name a program")),
		reading((words: string[], complain): string[] => {
			const [program = ""] = words;
			if (!/^\/[^{}]*$/.test(program))
				complain(`bad program '${program}': give its absolute path`, [0]);
			return words;
		}),
	),
);

const execSchema = (when: When) =>
	z.pipe(
		z.strictObject({
			type: z.literal("exec"),
			...commonShape(when),
			argv: told(
				argv,
				"a program, absolute, and its arguments; each is a template. No shell: `{source.ip}` stays one argument",
			),
			timeout: told(
				z.prefault(duration(100, 60_000), "30s"),
				"until it is ended",
			),
			at_once: told(
				z._default(whole(1, 64), 1),
				"runs at once, at most; one after another they keep the order",
			),
			...batchShape(batchText(SINGLY)),
		}),
		z.transform(
			({ at_once, batch, ...rest }): Unnamed<ExecSink> => ({
				...rest,
				atOnce: at_once,
				batch: batchOf(batch, SINGLY),
			}),
		),
	);

const desktopTable = (when: When) =>
	z.strictObject({
		type: z.literal("desktop"),
		...commonShape(when),
		popup: told(
			z._default(z.boolean(), true),
			"on the desktops of who is logged in",
		),
		wall: told(z._default(z.boolean(), true), "on terminals, as wall(1) does"),
		users: told(
			z._default(z.array(userName()), () => []),
			"whose",
			"everybody's",
		),
		...templateShape("in place of the line"),
	});

const desktopSchema = (when: When) =>
	z.pipe(
		desktopTable(when),
		reading(
			(
				value: z.infer<ReturnType<typeof desktopTable>>,
				complain,
			): Unnamed<DesktopSink> => {
				if (!value.popup && !value.wall)
					complain("without 'popup' and 'wall' it tells nobody", ["wall"]);
				return { ...value, batch: SINGLY };
			},
		),
	);

const SCHEMAS = {
	file: fileSchema,
	syslog: syslogSchema,
	journal: journalSchema,
	mail: mailSchema,
	exec: execSchema,
	webhook: webhookSchema,
	desktop: desktopSchema,
};
type Type = keyof typeof SCHEMAS;
type SinkSchema = ReturnType<(typeof SCHEMAS)[Type]>;
const TYPES = Object.keys(SCHEMAS) as Type[];

/**
 * The types that a configuration needs schemas of: those that it names, of which one is enough; all, where
 * it has a mistake. Each takes a millisecond or two of a klaxon's start.
 */
export function sinkTypes(raw: unknown): readonly Type[] {
	const sinks = (raw as { sink?: unknown } | undefined)?.sink ?? [];
	if (!Array.isArray(sinks)) return TYPES;
	const named = sinks.map((sink) => (sink as { type?: unknown } | null)?.type);
	const isKnown = named.every((type) => TYPES.includes(type as Type));
	if (!isKnown) return TYPES;
	return named.length === 0
		? ["file"]
		: TYPES.filter((type) => named.includes(type));
}

/** One `[[sink]]` table. */
const sinkSchema = (when: When, types: readonly Type[]) =>
	z.discriminatedUnion(
		"type",
		types.map((type) => SCHEMAS[type](when)) as [SinkSchema, ...SinkSchema[]],
	);

type Nameless = z.infer<ReturnType<typeof sinkSchema>>;

/** The first of `type`, `type-2`, ... that is free. */
function freeName(type: string, taken: ReadonlySet<string>): string {
	let name = type;
	for (let n = 2; taken.has(name); n++) name = `${type}-${n}`;
	return name;
}

/** All `[[sink]]` tables; those without a name get one. */
export const sinksSchema = (
	shape: Conditions,
	types: readonly Type[] = TYPES,
) =>
	z.pipe(
		z.array(sinkSchema(whenSchema(shape), types)),
		reading((sinks: Nameless[], complain): SinkConfig[] => {
			const taken = new Set<string>();
			for (const [i, { name }] of sinks.entries()) {
				if (name !== undefined && taken.has(name))
					complain(`'${name}' is the name of another sink: give each its own`, [
						i,
						"name",
					]);
				if (name !== undefined) taken.add(name);
			}
			return sinks.map((sink) => {
				const name = sink.name ?? freeName(sink.type, taken);
				taken.add(name);
				return { ...sink, name };
			});
		}),
	);
