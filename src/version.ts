declare const KLAXON_VERSION: string | undefined;

/** package.json's version; the build puts it in. */
export const VERSION =
	typeof KLAXON_VERSION === "string" ? KLAXON_VERSION : "unbuilt";
