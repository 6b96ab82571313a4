import type { Options } from "./options.ts";

/** The FFI part; where it can't be loaded (no prebuilt koffi) a peer that resets stays unknown. */
export const loadSockopt = () => import("./sockopt.ts").catch(() => undefined);

/**
 * Loads the parts that these options may need later, while their files can still be read: before
 * privileges go. To be called in the part that needs them: Node finds a loaded module again without
 * looking at the disk only from the same folder.
 */
export async function preload(options: Options): Promise<void> {
	await Promise.all([
		loadSockopt(),
		options.identMs && import("./ident.ts"),
		options.numeric || import("./reverse.ts"),
	]);
}
