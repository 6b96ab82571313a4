import { readSecret } from "../config/secret.ts";
import type { SinkConfig, SyslogSink } from "../config/sinktypes.ts";
import type { DesktopWorld } from "./desktop.ts";
import type { Teller } from "./event.ts";
import type { Entry, Sender, Sink } from "./sink.ts";
import { compileTemplate, render } from "./template.ts";

/** What sinks need of the world. */
export interface SinkWorld extends Pick<DesktopWorld, "broadcast"> {
	sender: Sender;
	version: string;
	hostname: string;
	/** Tells of what is wrong though everything was taken. */
	complain(sentence: string): void;
}

async function syslogSink(
	{ target, format }: SyslogSink,
	{ sender }: SinkWorld,
): Promise<Sink> {
	switch (target.via) {
		case "local":
			return (await import("./local.ts")).localSink(sender);
		case "udp":
			return (await import("./remote.ts")).remoteSink(target, sender, {
				format,
			});
		default:
			return (await import("./remotebatch.ts")).remoteBatchSink(
				target,
				sender,
				{ format },
			);
	}
}

/** A sink whose lines are written by a template. */
function reworded(sink: Sink, text: string, teller: Teller): Sink {
	const template = compileTemplate(text);
	return {
		async deliver(entries) {
			if (typeof template === "string") return template;
			const line = (entry: Entry) =>
				render(template, [entry], teller).replace(/\s+/g, " ");
			return sink.deliver(
				entries.map((entry) => ({ ...entry, line: line(entry) })),
			);
		},
		close: () => sink.close(),
	};
}

/** The way out that a configuration describes; throws where a file of it can't be used. */
export async function openSink(
	config: SinkConfig,
	world: SinkWorld,
): Promise<Sink> {
	const { sender, version, hostname, complain, broadcast } = world;
	const teller = { version, hostname };
	const people = { teller, secret: readSecret, complain, now: Date.now };
	switch (config.type) {
		case "syslog":
			return config.template === undefined
				? syslogSink(config, world)
				: reworded(await syslogSink(config, world), config.template, teller);
		case "file":
			return (await import("./file.ts")).fileSink(config, teller, complain);
		case "journal":
			return (await import("./journal.ts")).journalSink(config, {
				sender,
				teller,
			});
		case "mail":
			return (await import("./mail.ts")).mailSink(config, people);
		case "exec":
			return (await import("./exec.ts")).execSink(config, teller);
		case "webhook":
			return (await import("./webhook.ts")).webhookSink(config, people);
		case "desktop":
			return (await import("./desktop.ts")).desktopSink(config, {
				teller,
				broadcast,
			});
	}
}
