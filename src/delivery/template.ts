import { iso } from "../alert/iso.ts";
import { eventOf, type Teller } from "./event.ts";
import { PLACEHOLDERS } from "./placeholders.ts";
import type { Entry } from "./sink.ts";

/** Texts and, between them, the names of placeholders: `texts` has one more than `names`. */
export interface Template {
	readonly texts: readonly string[];
	readonly names: readonly string[];
}

/** Makes a value inert for a medium. */
export type Escape = (value: string) => string;

const same: Escape = (value) => value;

/** Other braces are text: a template may be JSON. */
const PLACEHOLDER = /\{([a-z@][\w.@-]*)\}/;

/** The known names with the same first word, else the first words. */
function remedy(name: string, known: readonly string[]): string {
	const first = (path: string) => path.split(".", 1)[0] ?? "";
	const like = known.filter((path) => first(path) === first(name));
	if (like.length > 0) return like.join(", ");
	const words = known.map((path) =>
		path.includes(".") ? `${first(path)}.*` : path,
	);
	return [...new Set(words)].join(", ");
}

/** Reads a text with placeholders like `{source.ip}`; a sentence says which one isn't among the `known`. */
export function compileTemplate(
	text: string,
	known: readonly string[] = PLACEHOLDERS,
): Template | string {
	const parts = text.split(PLACEHOLDER); // what the parentheses hold comes between the texts
	const names = parts.filter((_, i) => i % 2 === 1);
	const unknown = names.find((name) => !known.includes(name));
	if (unknown !== undefined)
		return `unknown placeholder '{${unknown}}': known are ${remedy(unknown, known)}`;
	return { texts: parts.filter((_, i) => i % 2 === 0), names };
}

/** Printable ASCII without newlines: an interface and a service may be called anything. */
export const plain = (text: string) => text.replace(/[^ -~]/g, "?");

function written(value: unknown): string {
	if (value === undefined || value === null) return "";
	return Array.isArray(value) ? value.join() : String(value);
}

/** A field of an event; objects on the way to it are own properties of each other. */
function fieldOf(event: object, path: string): unknown {
	return path.split(".").reduce<unknown>((value, key) => {
		const isObject = typeof value === "object" && value !== null;
		return isObject && Object.hasOwn(value, key)
			? (value as Record<string, unknown>)[key]
			: undefined;
	}, event);
}

/** The lines of a batch, one a line. */
export const linesOf = (entries: readonly Entry[]): string =>
	entries.map(({ line }) => plain(line)).join("\n");

/**
 * What the placeholders stand for: the batch, and of its alerts the first. Printable ASCII; only `lines`
 * holds newlines. What an alert doesn't have is an empty string.
 */
export function factsOf(
	entries: readonly Entry[],
	teller: Teller,
): (name: string) => string {
	const entry = entries[0];
	let event: object | undefined;
	return (name) => {
		if (name === "lines") return linesOf(entries);
		if (name === "count") return String(entries.length);
		if (!entry) return "";
		if (name === "message") return plain(entry.line);
		if (name === "log.level") return plain(entry.level);
		if (name === "@timestamp") return iso(entry.time) ?? "";
		event ??= eventOf(entry, teller);
		return plain(written(fieldOf(event, name)));
	};
}

/** Puts the facts of a batch into a template, each once and escaped: what came in is never expanded again. */
export function render(
	template: Template,
	entries: readonly Entry[],
	teller: Teller,
	inert: Escape = same,
): string {
	const fact = factsOf(entries, teller);
	const [head = "", ...texts] = template.texts;
	return template.names.reduce(
		(text, name, i) => text + inert(fact(name)) + texts[i],
		head,
	);
}
