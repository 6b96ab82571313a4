/** npm run reference: writes the README's reference of the configuration from its schema. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type * as z from "zod/mini";
import { configSchema } from "../src/config/config.ts";
import { meanings, types } from "../src/config/meaning.ts";
import {
	defOf,
	type Key,
	type Table,
	tablesOf,
	written,
} from "../src/config/tables.ts";

const README = join(import.meta.dirname, "../README.md");
const [BEGIN, END] = [
	"<!-- reference: npm run reference -->",
	"<!-- /reference -->",
];

const HEAD = `| key | type | default | meaning |
| --- | --- | --- | --- |`;

type Schema = z.core.$ZodType;

const quoted = (values: readonly unknown[]) =>
	values.map((value) => `\`${value}\``).join(", ");

/** What may stand in the file for a schema. */
function typeOf(schema: Schema): string {
	const own = types.get(schema)?.type;
	if (own !== undefined) return own;
	const def = defOf(schema);
	switch (def.type) {
		case "optional":
		case "default":
		case "prefault":
			return typeOf(def.innerType);
		case "pipe":
			return typeOf(def.in);
		case "enum":
			return quoted(Object.values(def.entries));
		case "array":
			return `list of ${plural(typeOf(def.element))}`;
		case "object":
			return "table";
		case "boolean":
			return "`true`, `false`";
		default:
			return def.type;
	}
}

const plural = (type: string) =>
	type.startsWith("`") ? type : type.endsWith("ss") ? `${type}es` : `${type}s`;

/** A value as TOML has it. */
const toToml = (value: unknown) =>
	JSON.stringify(value).replaceAll('","', '", "');

/** The default: in words, or the value that the schema has. */
function defaultOf(schema: Schema): string {
	const fallback = meanings.get(schema as z.ZodMiniType)?.fallback;
	if (fallback !== undefined) return fallback;
	const def = defOf(schema);
	if (def.type === "default" || def.type === "prefault")
		return `\`${toToml(def.defaultValue)}\``;
	return def.type === "optional" ? "none" : "needed";
}

/** A key's line; undefined for those that need none (`type`). */
function toRow({ name, schema }: Key): string | undefined {
	const about = meanings.get(schema as z.ZodMiniType);
	if (!about) return undefined;
	const cells = [
		`\`${name}\``,
		typeOf(schema),
		defaultOf(schema),
		about.meaning,
	];
	return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

const rowsOf = ({ keys }: Table): string[] =>
	keys.flatMap((key) => toRow(key) ?? []);

/** A section with its table. */
const section = (title: string, rows: readonly string[], more = "") =>
	[`**${title}**${more}`, "", HEAD, ...rows].join("\n");

const isTable = ({ schema }: Key): boolean => {
	const def = defOf(written(schema));
	const { type } = def.type === "array" ? defOf(written(def.element)) : def;
	return type === "object" || type === "union";
};

/** A table with its brackets, and what it is for. */
function plainSection(table: Table, meaning: string, base?: Table): string {
	const title = table.isMany ? `[[${table.path}]]` : `[${table.path}]`;
	const known = base ? rowsOf(base) : [];
	const rows = rowsOf(table).filter((row) => !known.includes(row));
	const more = base ? `; besides, the conditions of \`[[${base.path}]]\`` : "";
	return section(`\`${title}\``, rows, `: ${meaning}${more}`);
}

/** What all types have, what each has, and how batches are made. */
function sinkSections(tables: readonly Table[]): string[] {
	const sinks = tables.filter(({ path }) => /^sink\.[a-z]+$/.test(path));
	const batch = tables.find(({ path }) => path.endsWith(".batch"));
	const all = sinks.map(rowsOf);
	const common = (all[0] ?? []).filter((row) =>
		all.every((rows) => rows.includes(row)),
	);
	const names = sinks.map(({ path }) => path.slice("sink.".length));
	const type = `| \`type\` | ${quoted(names)} | needed | what kind of way out it is |`;
	return [
		section("every `[[sink]]`", [type, ...common]),
		...names.map((name, i) =>
			section(
				`\`[[sink]]\` with \`type = "${name}"\``,
				(all[i] ?? []).filter((row) => !common.includes(row)),
			),
		),
		section("`batch` of a `[[sink]]`", batch ? rowsOf(batch) : []),
	];
}

/** The whole reference, as it stands between the README's markers. */
export function reference(): string {
	const tables = tablesOf(configSchema());
	const [top, ...others] = tables;
	if (!top) throw new Error("the schema is no table");
	const about = new Map(
		tables.flatMap(({ path, keys }) =>
			keys.map(({ name, schema }) => [
				path === "" ? name : `${path}.${name}`,
				meanings.get(schema as z.ZodMiniType)?.meaning ?? "",
			]),
		),
	);
	const rules = ["limit", "route"];
	const ignore = others.find(({ path }) => path === "ignore");
	return [
		section(
			"above all tables",
			rowsOf({ ...top, keys: top.keys.filter((key) => !isTable(key)) }),
		),
		...others
			.filter(({ path }) => !path.startsWith("sink"))
			.map((table) =>
				plainSection(
					table,
					about.get(table.path) ?? "",
					rules.includes(table.path) ? ignore : undefined,
				),
			),
		...sinkSections(others),
	].join("\n\n");
}

function main(): void {
	const text = readFileSync(README, "utf8");
	const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
	if (begin < 0 || end < begin) {
		console.error(`README.md has no place for it: ${BEGIN} and ${END}`);
		process.exit(1);
	}
	const before = text.slice(0, begin + BEGIN.length);
	writeFileSync(README, `${before}\n\n${reference()}\n\n${text.slice(end)}`);
}

if (import.meta.main) main();
