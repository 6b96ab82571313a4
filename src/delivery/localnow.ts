import { inner } from "../runtime/inner.ts";
import {
	DEADLINE_MS,
	LOGGER,
	loggerArgs,
	loggerEnvironment,
} from "./logger.ts";
import type { Entry, Sender, Sink } from "./sink.ts";

/** How a child ended: its exit code, or a negative errno where it did not start or was killed. */
type Ended = { code: number } | { error: number };

/**
 * Runs a program with nothing on its standard descriptors and waits for its end, at most `timeout`
 * ms. Undefined where the runtime has no inner module for it.
 */
function bareRun(
	file: string,
	args: string[],
	env: Record<string, string>,
	timeout: number,
): Ended | undefined {
	const ignored = { type: "ignore" };
	const result = inner("spawn_sync")?.spawn({
		file,
		args: [file, ...args],
		envPairs: Object.entries(env).map(([key, value]) => `${key}=${value}`),
		stdio: [ignored, ignored, ignored],
		timeout,
		killSignal: 9,
	});
	if (!result) return undefined;
	const { error, status } = result;
	return error ? { error } : { code: status ?? -1 };
}

/** The same through the public module, for a runtime without the inner one. */
async function run(args: string[]): Promise<Ended> {
	const { spawnSync } = await import("node:child_process");
	const { error, status } = spawnSync(LOGGER, args, {
		env: loggerEnvironment(),
		stdio: "ignore",
		timeout: DEADLINE_MS,
		killSignal: "SIGKILL",
	});
	const errno = (error as NodeJS.ErrnoException | undefined)?.errno;
	return errno === undefined ? { code: status ?? -1 } : { error: errno };
}

/**
 * This machine's syslog for a process that logs a line or two and ends: logger(1) gets the line as
 * an argument, which starts fastest.
 */
export function localNow(sender: Sender): Sink {
	const one = async ({ level, line }: Entry) => {
		const priority = `${sender.facility}.${level}`;
		const args = [...loggerArgs(sender), "-p", priority, "--", line];
		const ended =
			bareRun(LOGGER, args, loggerEnvironment(), DEADLINE_MS) ??
			(await run(args));
		if ("error" in ended) return `${LOGGER}: error ${ended.error}`;
		return ended.code === 0 ? undefined : `${LOGGER}: exit ${ended.code}`;
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
