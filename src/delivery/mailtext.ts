import type { Teller } from "./event.ts";
import { plainEntry } from "./format.ts";
import type { Entry } from "./sink.ts";
import {
	countOf,
	fitted,
	headline,
	kindOf,
	sentenceOf,
	sourceOf,
} from "./summary.ts";
import { plain, render, type Template } from "./template.ts";
import { timestamp } from "./time.ts";

/** Characters of a text part: 500 of the longest lines; as base64 it is 730 kB. */
const MAX_TEXT = 540_000;
/** Rows of the table, and bytes of an HTML part: 140 kB as base64. */
const MAX_ROWS = 100;
const MAX_HTML = 100_000;
/** Characters of a subject: RFC 5322 section 2.1.1 has 998 for a header unfolded. */
const MAX_SUBJECT = 250;

/** A reader would decode `=?utf-8?b?...?=` (RFC 2047 section 2), into whatever a peer likes. */
const inertHeader = (text: string) => text.replaceAll("=?", "= ?");

/** A subject in one line; what a template's own text holds may be any language's. */
export function subjectOf(
	entries: readonly Entry[],
	teller: Teller,
	template?: Template,
): string {
	const inLine = (fact: string) => inertHeader(fact.replaceAll("\n", "; "));
	const text = template ? render(template, entries, teller, inLine).trim() : "";
	return text === ""
		? inertHeader(headline(entries, teller.hostname))
		: text.replace(/\p{Cc}+/gu, " ").slice(0, MAX_SUBJECT);
}

/** The lines with their times, or what the template makes of them. */
export function textOf(
	entries: readonly Entry[],
	teller: Teller,
	template?: Template,
): string {
	if (template) return render(template, entries, teller).slice(0, MAX_TEXT);
	const lines = entries.map((entry) => plain(plainEntry(entry).trimEnd()));
	return `${fitted(lines, MAX_TEXT).join("\n")}\n`;
}

const ENTITIES: Record<string, string> = {
	"&": "&amp;",
	"<": "&lt;",
	">": "&gt;",
	'"': "&quot;",
	"'": "&#39;",
};

export const escapeHtml = (text: string): string =>
	text.replace(/[&<>"']/g, (c) => ENTITIES[c] ?? "");

const CELL = "border:1px solid #ccc;padding:2px 6px;text-align:left";
const PRE = "font-family:monospace;white-space:pre-wrap;word-break:break-all";

const row = (tag: "td" | "th", cells: readonly string[]) =>
	`<tr>${cells.map((cell) => `<${tag} style="${CELL}">${escapeHtml(plain(cell))}</${tag}>`).join("")}</tr>`;

/** How often, where an alert stands for several. */
function timesOf({ alert }: Entry): string {
	const fold = alert && "fold" in alert ? alert.fold : undefined;
	return String(fold?.count ?? "");
}

const rowOf = (entry: Entry) =>
	row("td", [
		timestamp(entry.time).replace("T", " ").replace(/\.\d+/, ""),
		sourceOf(entry.alert),
		sentenceOf(entry),
		kindOf(entry),
		timesOf(entry),
	]);

/** How many entries' rows and lines fit. */
function fitting(pairs: readonly [string, string][]): number {
	let size = 0;
	const over = pairs.findIndex(([cells, line]) => {
		size += cells.length + line.length + 1;
		return size > MAX_HTML;
	});
	return over < 0 ? pairs.length : over;
}

/** A table of what happened and the lines under it: nothing to load, no links, no scripts. */
export function htmlOf(entries: readonly Entry[], teller: Teller): string {
	const pairs = entries
		.slice(0, MAX_ROWS)
		.map((entry): [string, string] => [
			rowOf(entry),
			escapeHtml(plain(entry.line)),
		]);
	const told = pairs.slice(0, fitting(pairs));
	const left = entries.length - told.length;
	return [
		`<!DOCTYPE html><html><head><meta charset="utf-8"><title>${escapeHtml(plain(teller.hostname))}</title></head><body>`,
		`<p>${escapeHtml(plain(`${teller.hostname}: ${countOf(entries)}`))}</p>`,
		'<table style="border-collapse:collapse">',
		row("th", ["time", "source", "what", "kind", "count"]),
		...told.map(([cells]) => cells),
		"</table>",
		left > 0 ? `<p>and ${left} more: the text part has them</p>` : "",
		`<div style="${PRE}">${told.map(([, line]) => line).join("\n")}</div>`,
		"</body></html>\n",
	].join("\n");
}
