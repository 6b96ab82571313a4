import { jsonEntry, plainEntry } from "./format.ts";
import type { Entry, Sink } from "./sink.ts";

/**
 * Standard output, a line an entry: the text with its time, or with `version` one ECS JSON object an
 * alert (what is not an alert goes to standard error then, so that the stream stays JSON).
 */
export function terminalSink(version?: string): Sink {
	const render = (entry: Entry): string => {
		if (version === undefined) return plainEntry(entry);
		if (!entry.alert) process.stderr.write(`${entry.line}\n`);
		return jsonEntry(entry, version);
	};
	process.stdout.on("error", () => {}); // told by the callback of write
	return {
		deliver: (entries) =>
			new Promise((resolve) => {
				process.stdout.write(entries.map(render).join(""), (error) =>
					resolve(error ? `standard output: ${error.message}` : undefined),
				);
			}),
		close: async () => undefined,
	};
}
