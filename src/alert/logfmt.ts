import type { Fold } from "./alert.ts";
import { quote } from "./printable.ts";

/** RFC 3164 section 4.1 allows 1,024 bytes a packet; no line is ever longer. */
export const MAX_LINE = 1024;

/** Characters of a quoted name (RFC 1035 section 2.3.4: 255) and of any other quoted value. */
const MAX_NAME = 257;
const MAX_VALUE = 160;

/** A fact behind a line's sentence. */
export type Attribute = [key: string, value: string | number];

/** Values that hostile bytes may have shaped are always quoted, the others when they need it. */
export function logfmt([key, value]: Attribute): string {
	const text = String(value);
	const max = key === "name" ? MAX_NAME : MAX_VALUE;
	const bare = key !== "user" && key !== "name" && /^[\w.,:+%/-]+$/.test(text);
	return `${key}=${bare ? text : quote(text, max)}`;
}

/** What a fold adds to a sentence: ` 37 more times in 60s`; nothing without one. `time` is the alert's. */
export function foldWords({
	time,
	fold,
}: {
	time: number;
	fold?: Fold;
}): string {
	if (!fold) return "";
	const seconds = Math.max(1, Math.round((time - fold.first) / 1000));
	return ` ${fold.count} more times in ${seconds}s`;
}
