import type * as z from "zod/mini";

type Schema = z.core.$ZodType;
type Def = z.core.$ZodTypes["_zod"]["def"];

/** A key of a table in the file. */
export interface Key {
	name: string;
	schema: Schema;
}

/** A table in the file: its path, for one of several kinds with the kind behind it (`sink.mail`). */
export interface Table {
	path: string;
	/** It is one of a list (`[[sink]]`). */
	isMany: boolean;
	keys: Key[];
}

export const defOf = (schema: Schema): Def => schema._zod.def as Def;

/** What must stand in the file for a schema: without defaults, and before it is read. */
export function written(schema: Schema): Schema {
	const def = defOf(schema);
	switch (def.type) {
		case "optional":
		case "default":
		case "prefault":
			return written(def.innerType);
		case "pipe":
			return written(def.in);
		default:
			return schema;
	}
}

/** The tables of one schema, itself first. */
function walk(path: string, schema: Schema, isMany: boolean): Table[] {
	const inner = written(schema);
	const def = defOf(inner);
	if (def.type === "array") return walk(path, def.element, true);
	if (def.type === "union") {
		return def.options.flatMap((option) => {
			const shape = defOf(written(option));
			const type = shape.type === "object" ? shape.shape.type : undefined;
			const kind = type && defOf(type);
			return kind?.type === "literal"
				? walk(`${path}.${kind.values[0]}`, option, isMany)
				: [];
		});
	}
	if (def.type !== "object") return [];
	const keys = Object.entries(def.shape).map(([name, schema]) => ({
		name,
		schema,
	}));
	const prefix = path === "" ? "" : `${path}.`;
	return [
		{ path, isMany, keys },
		...keys.flatMap(({ name, schema }) =>
			walk(`${prefix}${name}`, schema, false),
		),
	];
}

/** All tables that a configuration may have, in the order of the schema. */
export const tablesOf = (schema: Schema): Table[] => walk("", schema, false);

/** The names of each table's keys, by its path. */
export const keysOf = (schema: Schema): Record<string, string[]> =>
	Object.fromEntries(
		tablesOf(schema).map(({ path, keys }) => [
			path,
			keys.map(({ name }) => name),
		]),
	);
