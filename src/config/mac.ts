const MAC = /^[\da-f]{2}([:-])(?:[\da-f]{2}\1){4}[\da-f]{2}$/i;

/** A MAC address in lower case with colons, as alerts have it; undefined where the text is none. */
export const parseMac = (text: string): string | undefined =>
	MAC.test(text) ? text.toLowerCase().replaceAll("-", ":") : undefined;

export const badMac = (value: unknown): string =>
	`bad MAC address '${value}': give one as 02:00:00:00:00:01`;
