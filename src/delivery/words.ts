import { getSystemErrorMap } from "node:util";
import { printable } from "../alert/printable.ts";

/** An error in the system's words ("connection refused"), printable whatever a server's certificate holds. */
export function words(error: unknown): string {
	const { code, message, reason } = error as NodeJS.ErrnoException & {
		reason?: string; // OpenSSL's own word
	};
	// syslog-client wraps errors and keeps the message alone.
	const name = code ?? /\bE[A-Z]+\b/.exec(message)?.[0];
	for (const [known, text] of getSystemErrorMap().values())
		if (known === name) return text;
	// Node's advice after a verification error is about its own options.
	return printable((reason ?? message).replace(/; if the root CA .*/, ""), 200);
}

/** What `work` comes to, or `late()`'s answer when that takes longer than `ms`. Leaves no timer. */
export async function within<T>(
	ms: number,
	work: Promise<T>,
	late: () => T,
): Promise<T> {
	let timer: NodeJS.Timeout | undefined;
	const alarm = new Promise<T>((resolve) => {
		timer = setTimeout(() => resolve(late()), Math.max(0, ms));
	});
	try {
		return await Promise.race([work, alarm]);
	} finally {
		clearTimeout(timer);
	}
}
