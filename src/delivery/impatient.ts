import type { Sink } from "./sink.ts";

/**
 * A sink that is not waited for again and again: after an attempt that failed, as long as it took
 * passes before the next one, and what comes meanwhile fails at once with the same reason. So a
 * syslog daemon that hangs costs a full queue one deadline, not one a batch.
 */
export function impatient(sink: Sink, now: () => number = Date.now): Sink {
	let pauseUntil = 0;
	let reason: string | undefined;
	return {
		async deliver(entries) {
			const begun = now();
			if (begun < pauseUntil) return reason;
			reason = await sink.deliver(entries);
			const ended = now();
			pauseUntil = reason === undefined ? 0 : ended + (ended - begun);
			return reason;
		},
		close: () => sink.close(),
	};
}
