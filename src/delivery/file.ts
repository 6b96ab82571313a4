import { appender } from "./append.ts";
import { jsonEntry, plainEntry } from "./format.ts";
import type { Sink } from "./sink.ts";

/** A file of ECS JSON lines or of text lines, opened at once so that it outlives root. */
export function fileSink(
	path: string,
	format: "json" | "text",
	version: string,
): Sink {
	const { open, append } = appender(path);
	open(); // what is wrong shows again at the first alert, which then goes to the fallback file
	return {
		deliver: async (entries) =>
			append(
				entries
					.map((entry) =>
						format === "json" ? jsonEntry(entry, version) : plainEntry(entry),
					)
					.join(""),
			),
		close: async () => undefined,
	};
}
