import * as z from "zod/mini";
import { compileTemplate } from "../delivery/template.ts";
import { duration, durationText } from "./duration.ts";
import { told, typed } from "./meaning.ts";
import { reading } from "./reading.ts";
import type { whenSchema } from "./rules.ts";
import type { Batch } from "./sinktypes.ts";
import { whole } from "./values.ts";

const HOUR = 3_600_000;

/** More would not fit into one mail or one request. */
const MAX_BATCH = 10_000;

/** All at once, one at a time: what ways out that keep nothing back do. */
export const SINGLY: Batch = { gather: 0, every: 0, max: 1 };

const NAME = /^[A-Za-z\d_-]{1,32}$/;

/** A sink that may not have its name yet. */
export type Unnamed<S extends { name: string }> = Omit<S, "name"> & {
	name?: string | undefined;
};

/** What a sink wants: one schema for all types, since it is a large one. */
export type When = ReturnType<typeof whenSchema>;

/** The keys of every sink. */
export const commonShape = (when: When) => ({
	name: told(
		z.optional(
			z.string().check(z.regex(NAME, "letters, digits, - and _, at most 32")),
		),
		"what routes and `tocsin status` call it; unique",
		"the type, then `type-2`, ...",
	),
	when: told(
		z.optional(when),
		'conditions of `[[ignore]]` that must hold for what it wants: `when = { kind = "scan" }`',
		"everything",
	),
	limit: told(
		z.optional(duration(1000, 7 * 24 * HOUR)),
		"the same source, kind and target once in this time; what comes meanwhile is counted",
		"as `[[limit]]` says",
	),
});

/** A text with placeholders. */
export const template = () =>
	typed(
		"template",
		z.pipe(
			z.string(),
			reading((text: string, complain): string => {
				const compiled = compileTemplate(text);
				if (typeof compiled === "string") complain(compiled);
				return text;
			}),
		),
	);

export const templateShape = (meaning: string) => ({
	template: told(z.optional(template()), meaning),
});

/** The keys of `batch`, whose defaults are the sink's. */
const batchTable = () =>
	z.strictObject({
		gather: told(
			z.optional(duration(0, HOUR)),
			"from the first alert of a batch until it leaves",
			"the sink's",
		),
		every: told(
			z.optional(duration(0, 24 * HOUR)),
			"between two batches, at least",
			"the sink's",
		),
		max: told(
			z.optional(whole(1, MAX_BATCH)),
			"alerts in a batch, at most",
			"the sink's",
		),
	});

type BatchTable = z.infer<ReturnType<typeof batchTable>>;

/** What a batch is where the file doesn't say. */
export const batchText = ({ gather, every, max }: Batch): string =>
	`gather ${durationText(gather)}, every ${durationText(every)}, max ${max}`;

/** The `batch` of a sink whose alerts wait in the outbox. */
export const batchShape = (fallback: string) => ({
	batch: told(
		z.prefault(batchTable(), {}),
		"when what waits leaves: `gather` after the first alert, at most once in `every`, `max` alerts at a time",
		fallback,
	),
});

/** What stands in the file, over the defaults. */
export const batchOf = (table: BatchTable, defaults: Batch): Batch => ({
	gather: table.gather ?? defaults.gather,
	every: table.every ?? defaults.every,
	max: table.max ?? defaults.max,
});
