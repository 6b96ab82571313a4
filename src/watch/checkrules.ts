import { iso } from "../alert/iso.ts";
import type { Rule } from "../config/rules.ts";
import { EX_CONFIG } from "../delivery/exit.ts";
import { ruleName } from "../delivery/rules.ts";
import { bad, type Finding, ok } from "./finding.ts";
import type { WatchOptions } from "./merge.ts";

function checkBlock(
	block: string,
	rules: readonly Rule[],
	now: number,
): Finding[] {
	return rules.map((rule, i) => {
		const what = `${block} ${ruleName(rule, i)}`;
		if (rule.until === undefined) return ok(what);
		const date = iso(rule.until);
		return now < rule.until
			? ok(`${what}: until ${date}`)
			: bad(
					what,
					EX_CONFIG,
					`void since ${date}: remove it, or give a later 'until'`,
				);
	});
}

/** What is ignored, folded and routed; a rule whose time is over is worth a look, for its reason may not be. */
export const checkRules = (
	{ ignore, limit, route }: Pick<WatchOptions, "ignore" | "limit" | "route">,
	now: number,
): Finding[] => [
	...checkBlock("ignore", ignore, now),
	...checkBlock("limit", limit, now),
	...checkBlock("route", route, now),
];
