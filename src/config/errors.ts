import type * as z from "zod/mini";
import { printable } from "../alert/printable.ts";
import { locate } from "./where.ts";
import { written } from "./written.ts";

/** Characters of an error behind its file and line. */
const MAX_TEXT = 300;

/** TOML's words for what zod calls types. */
const TYPES: Record<string, string> = {
	object: "a table",
	array: "a list",
	string: "a string",
	boolean: "true or false",
	number: "a number",
	int: "a whole number",
	record: "a table",
};

/** What stands in the file at a path. */
const valueAt = (raw: unknown, path: PropertyKey[]): unknown =>
	path.reduce<unknown>(
		(value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key],
		raw,
	);

/** What is wrong with a value that isn't missing. */
function complaint(issue: z.core.$ZodIssue, value: unknown): string {
	if (issue.code === "invalid_type")
		return `expected ${TYPES[issue.expected] ?? issue.expected}, not ${written(value)}`;
	const choices =
		issue.code === "invalid_value"
			? issue.values
			: issue.code === "invalid_union"
				? (issue as { options?: unknown[] }).options
				: undefined;
	if (choices) return `${written(value)} is none of ${choices.join(", ")}`;
	return Array.isArray(value)
		? issue.message
		: `${issue.message}, not ${written(value)}`;
}

/** The same without the value. */
const secretComplaint = (issue: z.core.$ZodIssue): string =>
	issue.code === "invalid_type"
		? `expected ${TYPES[issue.expected] ?? issue.expected}`
		: issue.message;

/** What is wrong, and with what. */
export interface Fault {
	path: PropertyKey[];
	/** Whether the key is the offender, not its value. */
	isKey?: boolean;
	sentence: string;
}

/** Keys whose values are never quoted. */
const SECRET = new Set<PropertyKey>(["password", "token", "url", "headers"]);

/** The keys of the table at a path. */
function keysAt(
	path: PropertyKey[],
	raw: unknown,
	known: Record<string, readonly string[]>,
): readonly string[] | undefined {
	// one of a list (`dhcp.servers.0`) has the keys of all in it
	const [first, ...rest] = path.filter((key) => typeof key === "string");
	if (first !== "sink") return known[[first, ...rest].join(".")];
	const type = valueAt(raw, [...path.slice(0, 2), "type"]);
	return known[[first, type, ...rest].join(".")];
}

/** One issue as its faults; an unknown key is one each. */
function faultsOf(
	issue: z.core.$ZodIssue,
	raw: unknown,
	known: Record<string, readonly string[]>,
): Fault[] {
	const { path } = issue;
	if (issue.code === "unrecognized_keys") {
		const keys = keysAt(path, raw, known);
		const remedy = keys ? `: known are ${keys.join(", ")}` : "";
		return issue.keys.map((key) => ({
			path: [...path, key],
			isKey: true,
			sentence: `unknown key '${key}'${remedy}`,
		}));
	}
	const label = String(path.findLast((key) => typeof key === "string") ?? "");
	const value = valueAt(raw, path);
	if (value === undefined) return [{ path, sentence: `${label}: is missing` }];
	if (issue.code === "custom") return [{ path, sentence: issue.message }];
	const what = path.some((key) => SECRET.has(key))
		? secretComplaint(issue)
		: complaint(issue, value);
	return [{ path, sentence: `${label}: ${what}` }];
}

/** Faults as `FILE:LINE:COLUMN: SENTENCE`, in the order of the file. */
export function faultTexts(
	file: string,
	text: string,
	faults: readonly Fault[],
): string[] {
	const placeOf = locate(text);
	return faults
		.map(({ path, isKey, sentence }) => ({
			...placeOf(path, isKey ? "key" : "value"),
			sentence,
		}))
		.sort((a, b) => a.line - b.line || a.column - b.column)
		.map(
			({ line, column, sentence }) =>
				`${file}:${line}:${column}: ${printable(sentence, MAX_TEXT)}`,
		);
}

/**
 * A schema's issues as `faultTexts` gives them. `raw` is what the file's text parsed to; `known` has the
 * keys of a table by its path (`watch.except`), to name them to whoever mistyped one. Secrets are not
 * quoted.
 */
export const configErrors = (
	file: string,
	text: string,
	raw: unknown,
	issues: readonly z.core.$ZodIssue[],
	known: Record<string, readonly string[]>,
): string[] =>
	faultTexts(
		file,
		text,
		issues.flatMap((issue) => faultsOf(issue, raw, known)),
	);
