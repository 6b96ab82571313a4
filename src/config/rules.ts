import * as z from "zod/mini";
import type { Conditions, Rule } from "./conditions.ts";
import { DAY, duration } from "./duration.ts";
import { told, typed } from "./meaning.ts";
import { reading } from "./reading.ts";
import { whole } from "./values.ts";

export { type Hours, KINDS, type Rule } from "./conditions.ts";

const rule = (shape: Conditions) => z.strictObject(shape);

type RuleTable = z.infer<ReturnType<typeof rule>>;

/** What narrows a rule; `until`, `hours` and `why` alone would ignore everything. */
const CONDITIONS = [
	"source",
	"destination",
	"port",
	"protocol",
	"kind",
	"technique",
	"severity",
	"interface",
	"mac",
] as const;

/** A rule that needs one of `narrowing`; `otherwise` is what it would do without. */
const narrow = (
	shape: Conditions,
	narrowing: readonly (keyof RuleTable)[],
	otherwise: string,
) =>
	z.pipe(
		rule(shape),
		reading((value: RuleTable, complain): Rule => {
			if (!narrowing.some((key) => value[key] !== undefined))
				complain(`${otherwise}: name one of ${narrowing.join(", ")}`);
			return value;
		}),
	);

/** An `[[ignore]]` table. A rule without a condition would ignore everything: it is an error. */
export const ignoreSchema = (shape: Conditions) =>
	narrow(shape, CONDITIONS, "this rule would ignore everything");

/** The `when` of a sink: what it wants. Without a condition it need not stand there. */
export const whenSchema = (shape: Conditions) =>
	narrow(
		shape,
		[...CONDITIONS, "hours"],
		"this sink wants everything, so leave 'when' out, or",
	);

/** How often the same source, kind and target are told. */
export interface Limit extends Rule {
	/** ms in which further alerts are counted instead; 0: none is. */
	window: number;
	/** Alerts told singly at the beginning of a window. */
	burst: number;
}

const MAX_BURST = 10_000;

/** A `[[limit]]` table: of all alerts, where it has no condition. */
export const limitSchema = (shape: Conditions) =>
	z.strictObject({
		...shape,
		window: told(
			duration(0, 7 * DAY),
			"how long the same source, kind and target are counted, then told in one line; `0` folds nothing",
		),
		burst: told(
			z._default(whole(1, MAX_BURST), 1),
			"alerts told singly at the beginning of a window",
		),
	});

/** Where alerts go beside the syslog. */
export interface Route extends Rule {
	/** Names of sinks; none: the syslog alone. */
	to: string[];
}

/** A `[[route]]` table: of all alerts, where it has no condition. */
export const routeSchema = (shape: Conditions) =>
	z.strictObject({
		...shape,
		to: told(
			typed(
				"name or list",
				z.pipe(
					z.union([z.string(), z.array(z.string())], "give names of sinks"),
					z.transform((to): string[] => [to].flat()),
				),
			),
			"names of sinks; `[]` is the syslog alone",
		),
	});
