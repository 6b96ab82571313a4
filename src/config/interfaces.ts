/** IFNAMSIZ of <linux/if.h>, less the terminating zero. */
const MAX_NAME = 15;

/**
 * What is wrong with a pattern of interface names, as a sentence: `*` and `?` are understood, `!` in
 * front excludes. Anything else a shell knows (`[0-9]`) would match nothing, and an exclusion that
 * matches nothing lets in what it should keep out.
 */
export function patternError(pattern: string): string | undefined {
	const name = pattern.replace(/^!/, "");
	if (!/^[\w.@+*?-]+$/.test(name))
		return `bad interface pattern '${pattern}': a name with * and ?, and ! in front to exclude`;
	return name.replaceAll("*", "").length > MAX_NAME
		? `bad interface pattern '${pattern}': interface names have at most ${MAX_NAME} characters`
		: undefined;
}

function matches(pattern: string, name: string): boolean {
	const literal = pattern.replace(/[.+]/g, "\\$&");
	const source = literal.replaceAll("*", ".*").replaceAll("?", ".");
	return new RegExp(`^${source}$`).test(name);
}

/** Whether the patterns want an interface: all are wanted where none is named; an exclusion wins. */
export function wantsInterface(
	patterns: readonly string[],
	name: string,
): boolean {
	const excluding = patterns.filter((pattern) => pattern.startsWith("!"));
	const naming = patterns.filter((pattern) => !pattern.startsWith("!"));
	return (
		!excluding.some((pattern) => matches(pattern.slice(1), name)) &&
		(naming.length === 0 || naming.some((pattern) => matches(pattern, name)))
	);
}
