import { printable } from "../alert/printable.ts";

/** Characters of what a server said, in a reason. */
const MAX_QUOTE = 120;
/** A shorter part of a secret would blank out ordinary words. */
const MIN_PART = 8;

const parts = (secret: string): string[] =>
	[secret, ...secret.split(/[/?&=#:]/)].filter((p) => p.length >= MIN_PART);

/** Takes secrets, and their parts between slashes, out of what a server answered: error pages quote the URL. */
export function redact(text: string, secrets: readonly string[]): string {
	const all = secrets.flatMap(parts).sort((a, b) => b.length - a.length);
	return all.reduce((left, part) => left.replaceAll(part, "***"), text);
}

/** What a server answered, as one short printable piece of a reason. */
export const said = (text: string, secrets: readonly string[]): string =>
	printable(redact(text, secrets).replace(/\s+/g, " ").trim(), MAX_QUOTE);
