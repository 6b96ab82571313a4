import type { Details, RogueAlert } from "../alert/alert.ts";
import { printable } from "../alert/printable.ts";
import type { Sight } from "./attempt.ts";
import { heard } from "./report.ts";
import type { RogueWorld } from "./rogue.ts";

/** Members of a list that an alert tells, and characters of one. */
const TOLD = 3;
const MAX_TEXT = 64;

/** What a server or router is accused of. */
export type Charge = Pick<
	RogueAlert,
	"kind" | "carrier" | "technique" | "message" | "details" | "tool" | "note"
>;

/** Tells of a sender, or counts it; `claim` is what it says, where that makes it another thing. */
export function accuse(
	{ names, ring }: RogueWorld,
	sight: Sight,
	now: number,
	charge: Charge,
	claim: string,
): void {
	const { source, destination } = sight;
	const place = heard(sight, names);
	const key = [
		charge.kind,
		charge.technique,
		source.mac,
		source.ip,
		place.interface,
		place.vlan,
		claim,
	].join(" ");
	ring(key, {
		time: now,
		...place,
		...charge,
		source,
		destination: { ip: destination },
	});
}

/** A text of the wire, a character for each byte, made printable. */
export const wireText = (text: string): string =>
	printable(Buffer.from(text.slice(0, MAX_TEXT + 1), "latin1"), MAX_TEXT);

/** The first members of a list and how many more there are; undefined without any. */
export function listText(list: readonly string[]): string | undefined {
	if (list.length === 0) return undefined;
	const more = list.length > TOLD ? `,+${list.length - TOLD}` : "";
	return `${list.slice(0, TOLD).map(wireText).join()}${more}`;
}

/** Facts without those that have no value. */
export function detailsOf(
	facts: Record<string, string | number | undefined>,
): Details {
	const known = Object.entries(facts).filter(
		(fact): fact is [string, string | number] => fact[1] !== undefined,
	);
	return Object.fromEntries(known);
}

/** A list as it is remembered: in no order, each once. */
export const factOf = (list: readonly string[]): string =>
	[...new Set(list)].sort().join();
