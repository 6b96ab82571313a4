import { Resolver } from "node:dns/promises";
import { readFileSync } from "node:fs";

/** ms for one question, and for how long an answer is good. */
const DEADLINE_MS = 1000;
const GOOD_FOR = 600_000;
/** resolv.conf(5) takes six domains to search. */
const MAX_DOMAINS = 6;

/** The domains that this machine looks a short name up in, by resolv.conf(5): the last `search` or `domain` line. */
export function searchDomains(text: string): string[] {
	const lines = [...text.matchAll(/^(?:search|domain)[ \t]+(.*)$/gm)];
	const last = lines.at(-1)?.[1] ?? "";
	return last
		.trim()
		.split(/\s+/)
		.filter((word) => /^[\w.-]+$/.test(word))
		.slice(0, MAX_DOMAINS);
}

function domainsHere(): string[] {
	try {
		return searchDomains(readFileSync("/etc/resolv.conf", "latin1"));
	} catch {
		return [];
	}
}

/**
 * Whether DNS has a host called wpad: then an answer for it is no poison. A DNS that says nothing has none.
 * Never rejects.
 */
export function createWpad(
	now: () => number,
	domains = domainsHere,
): () => Promise<boolean> {
	let known = { at: Number.NEGATIVE_INFINITY, is: false };
	async function ask(): Promise<boolean> {
		const resolver = new Resolver({ timeout: DEADLINE_MS, tries: 1 });
		const names = ["wpad", ...domains().map((domain) => `wpad.${domain}`)];
		const found = await Promise.allSettled(
			names.map((name) => resolver.resolve4(name)),
		);
		return found.some(({ status }) => status === "fulfilled");
	}
	return async () => {
		if (now() - known.at > GOOD_FOR) known = { at: now(), is: await ask() };
		return known.is;
	};
}
