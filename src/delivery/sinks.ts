import type { Target } from "../config/target.ts";
import { localNow } from "./localnow.ts";
import type { Sender, Sink } from "./sink.ts";

/** What the command line says about delivery. */
export interface Delivery {
	syslog: Target;
	json: boolean;
	config: string | undefined;
}

/** Where the lines go; when only one will come, logger(1) takes it fastest as an argument. */
async function syslogSink(
	{ syslog, json }: Delivery,
	sender: Sender,
	version: string,
	onlyOne: boolean,
): Promise<Sink> {
	if (json || syslog.via === "stdout") {
		const { terminalSink } = await import("./terminal.ts");
		return terminalSink(json ? version : undefined);
	}
	if (syslog.via !== "local") {
		const { remoteSink } = await import("./remote.ts");
		return remoteSink(syslog, sender);
	}
	if (onlyOne) return localNow(sender);
	const { localSink } = await import("./local.ts");
	return localSink(sender);
}

/** All ways out that the command line asks for, and the sentences of those that can't be had. `complain` tells of what is wrong later on. */
export async function chooseSinks(
	delivery: Delivery,
	sender: Sender,
	version: string,
	onlyOne: boolean,
	complain: (sentence: string) => void,
): Promise<{ sinks: Sink[]; errors: string[] }> {
	const sinks: Sink[] = [];
	const errors: string[] = [];
	try {
		sinks.push(await syslogSink(delivery, sender, version, onlyOne));
	} catch (error) {
		errors.push(`--syslog: ${(error as Error).message}`); // TLS files, for example
		sinks.push(localNow(sender));
	}
	if (delivery.config !== undefined) {
		const { configuredSinks } = await import("./bytocsin.ts");
		const world = { sender, version, complain, stays: !onlyOne };
		const more = await configuredSinks(delivery.config, world);
		sinks.push(...more.sinks);
		errors.push(...more.errors);
	}
	return { sinks, errors };
}
