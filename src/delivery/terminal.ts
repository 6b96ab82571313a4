import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { jsonLine } from "../alert/json.ts";
import { timestamp } from "./fallback.ts";
import type { Entry, Sink } from "./sink.ts";

/**
 * Standard output, a line an entry: the text with its time, or with `version` one ECS JSON object an
 * alert (what is not an alert goes to standard error then, so that the stream stays JSON).
 */
export function terminalSink(version?: string): Sink {
	const render = ({ time, line, alert }: Entry): string => {
		if (version === undefined) return `${timestamp(time)} ${line}\n`;
		if (!alert) {
			process.stderr.write(`${line}\n`);
			return "";
		}
		const observer = {
			product: "klaxon",
			version,
			hostname: hostname(),
		} as const;
		return `${jsonLine(alert, observer, randomUUID())}\n`;
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
