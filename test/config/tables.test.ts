import t from "tap";
import * as z from "zod/mini";
import { configSchema } from "../../src/config/config.ts";
import { meanings } from "../../src/config/meaning.ts";
import { keysOf, tablesOf } from "../../src/config/tables.ts";

t.test("tables, however they are wrapped", async (t) => {
	const inner = z.strictObject({ x: z.optional(z.string()) });
	const kind = (type: string) =>
		z.pipe(
			z.strictObject({ type: z.literal(type), one: z.prefault(inner, {}) }),
			z.transform((value) => value),
		);
	const schema = z.pipe(
		z.strictObject({
			a: z._default(z.number(), 1),
			many: z.optional(z.array(inner)),
			kinds: z.array(z.discriminatedUnion("type", [kind("b"), kind("c")])),
		}),
		z.transform((value) => value),
	);
	t.same(keysOf(schema), {
		"": ["a", "many", "kinds"],
		many: ["x"],
		"kinds.b": ["type", "one"],
		"kinds.b.one": ["x"],
		"kinds.c": ["type", "one"],
		"kinds.c.one": ["x"],
	});
	t.same(
		tablesOf(schema).map(({ isMany }) => isMany),
		[false, true, true, false, true, false],
	);
});

t.test("every key of the configuration has a meaning", async (t) => {
	for (const { path, keys } of tablesOf(configSchema()))
		for (const { name, schema } of keys)
			if (name !== "type")
				t.ok(meanings.get(schema as z.ZodMiniType)?.meaning, `${path} ${name}`);
});
