import type { Alert } from "./alert.ts";
import type { Attribute } from "./logfmt.ts";
import { accused, sourceList } from "./sources.ts";
import { attributes, textLine } from "./text.ts";
import { wireAttributes } from "./wireattributes.ts";
import { wireLine } from "./wiretext.ts";

/** Characters of the list of sources among the facts. */
const MAX_SOURCES = 300;

/** Any alert as one line of printable ASCII, at most 1,024 bytes. */
export function alertLine(alert: Alert): string {
	return alert.kind === "connection" ? textLine(alert) : wireLine(alert);
}

function allFacts(alert: Alert): [string, string | number | undefined][] {
	switch (alert.kind) {
		case "connection":
			return [
				["src", alert.source.ip],
				...attributes(alert),
				["data", alert.data],
			];
		case "sensor":
			return wireAttributes(alert);
		default:
			return [
				["src", accused(alert)],
				...wireAttributes(alert),
				["sources", sourceList(alert, MAX_SOURCES)],
			];
	}
}

/** The facts of any alert, each key once, for a record without the sentence: the attributes and what the sentence says. */
export function facts(alert: Alert): Attribute[] {
	return allFacts(alert).filter(
		(entry): entry is Attribute => entry[1] !== undefined,
	);
}
