import { spawnSync } from "node:child_process";
import type { Spawned } from "../runtime/inner.ts";
import { DEADLINE_MS, LOGGER, loggerEnvironment } from "./logger.ts";

/** Runs logger(1) and waits for its end, for a runtime without the inner module that does it faster. */
export function publicLogger(args: string[]): Spawned {
	const { error, status, output } = spawnSync(LOGGER, args, {
		env: loggerEnvironment(),
		stdio: ["ignore", "ignore", "pipe"],
		timeout: DEADLINE_MS,
		killSignal: "SIGKILL",
	});
	const errno = (error as NodeJS.ErrnoException | undefined)?.errno;
	return { status, output, error: errno };
}
