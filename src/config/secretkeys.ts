import * as z from "zod/mini";
import { told } from "./meaning.ts";
import type { Complain } from "./reading.ts";
import type { Secret } from "./secret.ts";

const WAYS = ["file", "env", "credential"] as const;
type Keys<N extends string> = N | `${N}_${(typeof WAYS)[number]}`;
type Text = z.ZodMiniOptional<z.ZodMiniString<string>>;

const text = (pattern: RegExp, remedy: string) =>
	z.optional(z.string().check(z.regex(pattern, remedy)));

/** `password`, `password_file`, `password_env` and `password_credential`: the same secret, from four places. */
export function secretShape<N extends string>(
	name: N,
	meaning: string,
): Record<Keys<N>, Text> {
	return {
		[name]: told(z.optional(z.string()), meaning),
		[`${name}_file`]: told(
			text(/^\//, "give an absolute path"),
			`the same from a file that others can't read`,
		),
		[`${name}_env`]: told(
			text(/^[A-Za-z_]\w*$/, "give a variable's name"),
			"the same from a variable of the environment",
		),
		[`${name}_credential`]: told(
			text(/^(?!\.)[\w.-]{1,255}$/, "give a credential's name"),
			"the same from systemd's `LoadCredential=`",
		),
	} as Record<Keys<N>, Text>;
}

/** The secret that a table names; complains where it names it twice. */
export function secretOf<N extends string>(
	table: Partial<Record<Keys<N>, string | undefined>>,
	name: N,
	complain: Complain,
): Secret | undefined {
	const keys: Keys<N>[] = [
		name,
		...WAYS.map((way): Keys<N> => `${name}_${way}`),
	];
	const given = keys.filter((key) => table[key] !== undefined);
	const [key, twice] = given;
	if (twice !== undefined)
		complain(`'${key}' and '${twice}': give one of them`, [twice]);
	const value = key === undefined ? undefined : table[key];
	if (value === undefined) return undefined;
	switch (key) {
		case `${name}_file`:
			return { from: "file", path: value };
		case `${name}_env`:
			return { from: "env", name: value };
		case `${name}_credential`:
			return { from: "credential", name: value };
		default:
			if (!/^\P{Cc}+$/u.test(value))
				complain(`bad '${name}': one line of text, and not empty`, [name]);
			return { from: "value", value };
	}
}
