import { readFileSync } from "node:fs";
import type { SecureContext } from "node:tls";
import type { TlsFiles } from "../config/target.ts";
import { words } from "./words.ts";

export type Pems = { [name in keyof TlsFiles]: Buffer };

/** The contents of the files, or which one can't be read and why. */
export function readPems(files: TlsFiles): Pems | string {
	const pems: Pems = {};
	for (const [name, path] of Object.entries(files))
		try {
			pems[name as keyof Pems] = readFileSync(path);
		} catch (error) {
			return `${path}: ${words(error)}`;
		}
	return pems;
}

/** Whom we trust and who we are; throws where the files hold no certificate or key. Takes 80 ms for the system's CAs. */
export async function secureContext(pems: Pems) {
	const { createSecureContext, getCACertificates } = await import("node:tls");
	return createSecureContext({
		minVersion: "TLSv1.2",
		...pems,
		ca: pems.ca ?? [...new Set(getCACertificates("system"))],
	});
}

/** Trust in a PEM file of CAs or in the system's; read now, while the process still may. A string says why there is none. */
export function trustIn(
	ca: string | undefined,
): () => Promise<SecureContext | string> {
	const pems = readPems(ca === undefined ? {} : { ca });
	let context: SecureContext | undefined;
	return async () => {
		if (typeof pems === "string") return pems;
		try {
			context ??= await secureContext(pems);
			return context;
		} catch (error) {
			return `bad certificate in ${ca ?? "the system's CAs"}: ${words(error)}`;
		}
	};
}
