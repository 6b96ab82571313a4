import * as z from "zod/mini";

/** What the reference says of a key. */
export interface Meaning {
	/** A sentence for the administrator, without its full stop. */
	meaning: string;
	/** The default in words, where the schema has none that can be printed. */
	fallback?: string | undefined;
}

/** Of the keys of tables. */
export const meanings = z.registry<Meaning>();

/** What to write for a value, where the schema reads it by itself: `a duration`. */
export const types = z.registry<{ type: string }>();

/** A schema with its type's name. */
export function typed<T extends z.ZodMiniType>(type: string, schema: T): T {
	types.add(schema, { type });
	return schema;
}

/** A key's schema with its meaning: a copy where it has that of another key. */
export function told<T extends z.ZodMiniType>(
	schema: T,
	meaning: string,
	fallback?: string,
): T {
	const own = meanings.has(schema) ? (schema.clone() as T) : schema;
	meanings.add(own, { meaning, fallback });
	return own;
}
