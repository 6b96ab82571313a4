import { type ChildProcess, spawn } from "node:child_process";
import {
	DEADLINE_MS,
	LOGGER,
	loggerArgs,
	loggerEnvironment,
} from "./logger.ts";
import { priority } from "./priority.ts";
import type { Sender, Sink } from "./sink.ts";

function complaint(
	error: Error | undefined | null,
	code: number | null,
	stderr: string,
): string | undefined {
	if (error) return `${LOGGER}: ${error.message}`;
	const said = stderr.trim().slice(0, 200);
	if (code === 0 && said === "") return undefined;
	return said || `${LOGGER}: exit ${code}`;
}

/**
 * This machine's syslog, one logger(1) for a whole batch on its standard input. A batch that logger
 * could not finish counts as failed whole: a line told twice is better than one lost.
 */
export function localSink(sender: Sender): Sink {
	const args = [...loggerArgs(sender), "--prio-prefix"];
	return {
		deliver(entries) {
			const input = entries.map(
				({ level, line }) => `<${priority(sender.facility, level)}>${line}\n`,
			);
			return new Promise((resolve) => {
				// Without a descriptor left it has no streams, and just `error` tells.
				const child: ChildProcess = spawn(LOGGER, args, {
					env: loggerEnvironment(),
					stdio: ["pipe", "ignore", "pipe"],
					timeout: DEADLINE_MS,
					killSignal: "SIGKILL",
				});
				let stderr = "";
				child.on("error", (error) => resolve(complaint(error, null, "")));
				child.on("close", (code) => resolve(complaint(null, code, stderr)));
				child.stderr?.on("data", (chunk) => {
					stderr += chunk;
				});
				child.stdin?.on("error", () => {}); // its exit code tells
				child.stdin?.end(input.join(""));
			});
		},
		close: async () => undefined,
	};
}
