const ELLIPSIS = "...";

/** Joins tokens up to `max` characters; when not all fit, whole tokens are dropped for a final `...`. */
function fit(tokens: Iterable<string>, max: number): string {
	let text = "";
	let whole = ""; // the longest prefix that still leaves room for the ellipsis
	for (const token of tokens) {
		text += token;
		if (text.length > max) return whole + ELLIPSIS;
		if (text.length <= max - ELLIPSIS.length) whole = text;
	}
	return text;
}

function* escapedBytes(bytes: Uint8Array): Generator<string> {
	for (const byte of bytes) {
		if (byte === 0x5c) yield "\\\\";
		else if (byte >= 0x20 && byte <= 0x7e) yield String.fromCharCode(byte);
		else yield `\\x${byte.toString(16).padStart(2, "0")}`;
	}
}

/**
 * Makes hostile bytes safe to store and to log: printable ASCII 0x20-0x7e stays, every other byte
 * becomes `\xHH` and a backslash `\\`. Strings are read as UTF-8. The result is at most `max`
 * characters (at least 3) and ends in `...` when something was cut; an escape is never split.
 */
export function printable(input: string | Uint8Array, max: number): string {
	// Every byte gives at least one character, so what lies past the cap can't matter.
	const head = input.slice(0, max + 1);
	return fit(
		escapedBytes(typeof head === "string" ? Buffer.from(head) : head),
		max,
	);
}

/**
 * Quotes an already printable text for a logfmt value: `a"b` becomes `"a\"b"`, at most `max`
 * characters with the quotes (at least 5), cut as `printable` cuts.
 */
export function quote(text: string, max = 1024): string {
	const tokens = text.match(/\\x..|\\\\|./gs) ?? [];
	const escaped = tokens.map((token) => (token === '"' ? '\\"' : token));
	return `"${fit(escaped, max - 2)}"`;
}
