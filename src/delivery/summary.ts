import type { Alert } from "../alert/alert.ts";
import { who } from "../alert/sources.ts";
import type { Entry } from "./sink.ts";
import { plain } from "./template.ts";

/** Characters of a headline: what a phone shows of a subject, twice. */
const MAX_HEADLINE = 120;

/** Levels that nobody needs to be woken for. */
const CALM = ["notice", "info", "debug"];

/** Whether something in the batch is a warning or worse. */
export const isUrgent = (entries: readonly Entry[]): boolean =>
	entries.some(({ level }) => !CALM.includes(level));

/** What an entry is about; a word about tocsin itself has no kind. */
export const kindOf = ({ alert }: Entry): string =>
	plain(alert?.kind ?? "message");

/** The kinds of a batch, in the order they came. */
export const kindsOf = (entries: readonly Entry[]): string[] => [
	...new Set(entries.map(kindOf)),
];

/** `3 scan, 9 probe` */
function tally(entries: readonly Entry[]): string {
	const counts = new Map<string, number>();
	for (const entry of entries)
		counts.set(kindOf(entry), (counts.get(kindOf(entry)) ?? 0) + 1);
	return [...counts].map(([kind, count]) => `${count} ${kind}`).join(", ");
}

/** `12 alerts: 3 scan, 9 probe` */
export const countOf = (entries: readonly Entry[]): string =>
	`${entries.length} alert${entries.length === 1 ? "" : "s"}: ${tally(entries)}`;

/** Who an alert accuses: `192.0.2.7`, `6 hosts`. */
export function sourceOf(alert: Alert | undefined): string {
	if (!alert) return "";
	if (alert.kind === "sensor") return plain(alert.interface ?? "");
	if (alert.kind === "connection") return alert.source.ip ?? "unknown";
	return who(alert).replace(/^host /, "");
}

/** A line's sentence: the attributes start at `kind=`. */
export function sentenceOf({ line }: Entry): string {
	const [sentence = ""] = plain(line).split(" kind=", 1);
	return sentence.replace(/^ALERT: (host )?/, "");
}

const cut = (text: string, max: number) =>
	text.length <= max ? text : `${text.slice(0, max - 3)}...`;

/** `[guard] 192.0.2.7 scanning 100 ports of 192.0.2.1`, or how many of what. */
export function headline(entries: readonly Entry[], hostname: string): string {
	const [entry] = entries;
	const what =
		entry && entries.length === 1 ? sentenceOf(entry) : countOf(entries);
	return cut(`[${plain(hostname)}] ${what}`, MAX_HEADLINE);
}

/** What a text costs with its newline. */
const withNewline = (text: string) => text.length + 1;

/**
 * As many of the texts as cost no more than `max`, at least one, cut if it must be; a last one counts the rest.
 */
export function fitted(
	texts: readonly string[],
	max: number,
	costOf = withNewline,
): string[] {
	const more = (count: number) =>
		`... and ${count} more: tocsin alerts shows them`;
	const costs = texts.map(costOf);
	const total = costs.reduce((sum, cost) => sum + cost, 0);
	if (total <= max) return [...texts];
	const room = max - costOf(more(texts.length));
	let size = 0;
	const over = costs.findIndex((cost) => {
		size += cost;
		return size > room;
	});
	const [first = ""] = texts;
	const head = over > 0 ? texts.slice(0, over) : [cut(first, room - 1)];
	const left = texts.length - head.length;
	return left === 0 ? head : [...head, more(left)];
}
