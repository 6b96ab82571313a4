import { printable } from "../alert/printable.ts";

/** `tocsin probe`: somebody answered who should not have. */
export const EX_ANSWERED = 1;

export const NO_INTERFACE =
	"no interface to ask on: none is up, or none matches (-i)";

/** Characters of the interfaces' names; Linux takes control bytes in them. */
const MAX_NAMES = 500;

/** The line of a probe that nobody answered. */
export const nobodyOn = (names: readonly string[]): string =>
	`nobody answered on ${printable(names.join(", "), MAX_NAMES)}\n`;
