import { loadConfig, type SinkConfig } from "../config/config.ts";
import { fileSink } from "./file.ts";
import type { Sender, Sink } from "./sink.ts";

/** The sinks of a configuration file (`--config`); where it can't be used none, and what is wrong with it. */
export async function configuredSinks(
	file: string,
	sender: Sender,
	version: string,
): Promise<{ sinks: Sink[]; errors: string[] }> {
	const config = loadConfig(file);
	if (Array.isArray(config)) return { sinks: [], errors: config };
	return { sinks: await sinksOf(config.sinks, sender, version), errors: [] };
}

/** The sinks that a configuration names. */
export async function sinksOf(
	named: readonly SinkConfig[],
	sender: Sender,
	version: string,
): Promise<Sink[]> {
	const sinks: Sink[] = [];
	for (const sink of named) {
		if (sink.type === "file") {
			sinks.push(fileSink(sink.path, sink.format, version));
		} else if (sink.target.via === "local") {
			const { localSink } = await import("./local.ts");
			sinks.push(localSink(sender));
		} else {
			const { remoteSink } = await import("./remote.ts");
			sinks.push(remoteSink(sink.target, sender));
		}
	}
	return sinks;
}
