import { iso } from "../alert/iso.ts";
import { EX_CONFIG } from "../delivery/exit.ts";
import { ruleName } from "../delivery/rules.ts";
import { bad, type Finding, ok } from "./finding.ts";
import type { WatchOptions } from "./merge.ts";

/** What is ignored; a rule whose time is over is worth a look, for its reason may not be. */
export const checkRules = (
	{ ignore }: Pick<WatchOptions, "ignore">,
	now: number,
): Finding[] =>
	ignore.map((rule, i) => {
		const what = `ignore ${ruleName(rule, i)}`;
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
