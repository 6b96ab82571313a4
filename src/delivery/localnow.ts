import { inner, type Spawned } from "../runtime/inner.ts";
import {
	DEADLINE_MS,
	LOGGER,
	loggerArgs,
	loggerEnvironment,
} from "./logger.ts";
import type { Entry, Sender, Sink } from "./sink.ts";

/** Runs logger(1) and waits for its end; undefined where the runtime has no inner module for it. */
function bareLogger(args: string[]): Spawned | undefined {
	const ignored = { type: "ignore" };
	return inner("spawn_sync")?.spawn({
		file: LOGGER,
		args: [LOGGER, ...args],
		envPairs: Object.entries(loggerEnvironment()).map((pair) => pair.join("=")),
		stdio: [
			ignored,
			ignored,
			{ type: "pipe", readable: false, writable: true },
		],
		timeout: DEADLINE_MS,
		killSignal: 9,
	});
}

/**
 * This machine's syslog for a process that logs a line or two and ends: logger(1) gets the line as
 * an argument, which starts fastest. A logger that complains has not delivered, whatever its code.
 */
export function localNow(sender: Sender): Sink {
	const one = async ({ level, line }: Entry) => {
		const priority = `${sender.facility}.${level}`;
		const args = [...loggerArgs(sender), "-p", priority, "--", line];
		const { error, status, output } =
			bareLogger(args) ??
			(await import("./publiclogger.ts")).publicLogger(args);
		const said = String(output?.[2] ?? "");
		return status === 0 && !said
			? undefined
			: `${LOGGER}: ${said || `exit ${error ?? status}`}`;
	};
	return {
		async deliver(entries) {
			let why: string | undefined;
			for (const entry of entries) why = (await one(entry)) ?? why;
			return why;
		},
		close: async () => undefined,
	};
}
