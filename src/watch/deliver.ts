import { printable } from "../alert/printable.ts";
import { isOutboxed, type SinkConfig } from "../config/sinktypes.ts";
import { openSink, type SinkWorld } from "../delivery/configured.ts";
import { type Fallback, fallbackFile } from "../delivery/fallback.ts";
import { plainEntry } from "../delivery/format.ts";
import { localSink } from "../delivery/local.ts";
import { createOutlet, type Outlet } from "../delivery/outlet.ts";
import { remoteSink } from "../delivery/remote.ts";
import type { Entry, Sender, Sink } from "../delivery/sink.ts";
import { terminalSink } from "../delivery/terminal.ts";
import type { WatchOptions } from "./merge.ts";

/** Characters of a sentence about tocsin itself. */
const MAX_SENTENCE = 500;

/** The name of the syslog that gets every line of the wire; no sink can be called so. */
export const MAIN = "";

/** A configured way out. */
export interface Way {
	config: SinkConfig;
	sink: Sink;
	/** What goes there waits on disk. */
	isOutboxed: boolean;
}

/** How a way does that nothing waits for; times in ms since the epoch. */
export interface Health {
	name: string;
	delivered: number;
	failingSince: number | undefined;
	lastError: string | undefined;
}

/** All ways out. */
export interface Exits {
	ways: readonly Way[];
	/** The main syslog, and those of `ways` that nothing waits for. */
	outlet: Outlet;
	/** How they do, the main syslog first. */
	health: readonly Health[];
}

/** What a line of this process carries in syslog. */
export const senderOf = ({ facility, tag }: WatchOptions): Sender => ({
	facility,
	tag,
	pid: process.pid,
});

/** A sentence about tocsin itself as a line; it may quote what stood on a command line or in a file. */
export const saying = (sentence: string): string =>
	`tocsin: ${printable(sentence, MAX_SENTENCE)}`;

/** The same on its way to syslog. */
export const wordOf = (sentence: string): Entry => ({
	time: Date.now(),
	level: "err",
	line: saying(sentence),
});

/** Where every line goes. Throws where a file of it can't be used. */
export function openMain(options: WatchOptions, version: string): Sink {
	const { json, syslog } = options;
	const sender = senderOf(options);
	if (json) return terminalSink(version);
	if (syslog.via === "stdout") return terminalSink();
	return syslog.via === "local"
		? localSink(sender)
		: remoteSink(syslog, sender);
}

/** The fallback file; what not even that takes is said on standard error. */
function lastResort(path: string, sender: Sender): Fallback {
	const file = fallbackFile(path, sender);
	return {
		open: file.open,
		write(entries) {
			if (file.write(entries)) return true;
			// what is no alert was said there already, but for the outlet's reason at the end
			const lost = entries.filter((entry) => entry.alert);
			if (lost.length === 0) return false;
			const text = [...lost, ...entries.slice(-1)].map(plainEntry).join("");
			const why = `tocsin: ${path} can't be written either: chown it to this user, or name another with --fallback`;
			process.stderr.write(`${text}${why}\n`);
			return false;
		},
	};
}

/** A sink that takes only the entries that are meant for it, and how it does. */
function selecting(sink: Sink, name: string): Sink & { health: Health } {
	const health: Health = {
		name,
		delivered: 0,
		failingSince: undefined,
		lastError: undefined,
	};
	return {
		health,
		async deliver(entries) {
			const own = entries.filter(({ to }) => !to || to.includes(name));
			if (own.length === 0) return undefined;
			const why = await sink.deliver(own);
			if (why === undefined) {
				health.delivered += own.length;
				health.failingSince = undefined;
			} else {
				health.failingSince ??= Date.now();
				health.lastError = why;
			}
			return why;
		},
		close: () => sink.close(),
	};
}

/** All ways out that the options name; throws where a file of one can't be used. */
export async function openExits(
	options: WatchOptions,
	world: SinkWorld,
): Promise<Exits> {
	const { sender, version } = world;
	const ways: Way[] = [];
	for (const config of options.sinks)
		ways.push({
			config,
			sink: await openSink(config, world),
			isOutboxed: isOutboxed(config),
		});
	const direct = ways
		.filter(({ isOutboxed }) => !isOutboxed)
		.map(({ config, sink }) => selecting(sink, config.name));
	const file = lastResort(options.fallback, sender);
	const sinks = [selecting(openMain(options, version), MAIN), ...direct];
	return {
		ways,
		outlet: createOutlet(sinks, async () => file, "tocsin"),
		health: sinks.map(({ health }) => health),
	};
}
