import type { Libpcap } from "./handle.ts";

const firstLine = (error: unknown) =>
	String((error as Error).message ?? error).split("\n")[0];

/**
 * libpcap, loaded only now, for nothing but a capture needs native code; or the sentence that says what
 * to install.
 */
export async function loadCapture(): Promise<Libpcap | string> {
	let loadLibpcap: () => Libpcap | string;
	try {
		({ loadLibpcap } = await import("./libpcap.ts"));
	} catch (error) {
		return `koffi, the bridge to libpcap, can't be loaded: install klaxon anew (${firstLine(error)})`;
	}
	const lib = loadLibpcap();
	return typeof lib === "string"
		? `libpcap is missing: install the package libpcap0.8 (Debian, Ubuntu) or libpcap (${lib.split("\n")[0]})`
		: lib;
}
