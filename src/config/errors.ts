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
	return issue.code === "too_small"
		? issue.message
		: `${issue.message}, not ${written(value)}`;
}

/** One issue as the path it is about and its sentences; an unknown key is one each. */
function sentences(
	issue: z.core.$ZodIssue,
	raw: unknown,
	known: Record<string, readonly string[]>,
): [path: PropertyKey[], sentence: string][] {
	const { path } = issue;
	if (issue.code === "unrecognized_keys") {
		// one of a list (`dhcp.servers.0`) has the keys of all in it
		const names = path.filter((key) => typeof key === "string");
		const keys = known[names.join(".")];
		const remedy = keys ? `: known are ${keys.join(", ")}` : "";
		return issue.keys.map((key) => [
			[...path, key],
			`unknown key '${key}'${remedy}`,
		]);
	}
	if (issue.code === "custom") return [[path, issue.message]];
	const label = path.findLast((key) => typeof key === "string") ?? "";
	const value = valueAt(raw, path);
	const what = value === undefined ? "is missing" : complaint(issue, value);
	return [[path, `${String(label)}: ${what}`]];
}

/**
 * A schema's issues as `FILE:LINE: SENTENCE`, in the order of lines. `raw` is what the file's text
 * parsed to; `known` has the keys of a table by its path (`watch.except`), to name them to whoever
 * mistyped one.
 */
export function configErrors(
	file: string,
	text: string,
	raw: unknown,
	issues: readonly z.core.$ZodIssue[],
	known: Record<string, readonly string[]>,
): string[] {
	const lineOf = locate(text);
	return issues
		.flatMap((issue) => sentences(issue, raw, known))
		.map(([path, sentence]) => ({ line: lineOf(path), sentence }))
		.sort((a, b) => a.line - b.line)
		.map(
			({ line, sentence }) =>
				`${file}:${line}: ${printable(sentence, MAX_TEXT)}`,
		);
}
