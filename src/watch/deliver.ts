import type { Alert } from "../alert/alert.ts";
import { levelOf } from "../alert/level.ts";
import { alertLine } from "../alert/render.ts";
import { sinksOf } from "../delivery/configured.ts";
import { type Fallback, fallbackFile } from "../delivery/fallback.ts";
import { plainEntry } from "../delivery/format.ts";
import { localSink } from "../delivery/local.ts";
import { createOutlet, type Outlet } from "../delivery/outlet.ts";
import { remoteSink } from "../delivery/remote.ts";
import type { Sender, Sink } from "../delivery/sink.ts";
import { terminalSink } from "../delivery/terminal.ts";
import type { WatchOptions } from "./merge.ts";

function mainSink(
	{ json, syslog }: WatchOptions,
	sender: Sender,
	version: string,
): Sink {
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

/** All ways out that the options name. */
export async function outletOf(
	options: WatchOptions,
	version: string,
): Promise<Outlet> {
	const { facility, tag, fallback } = options;
	const sender = { facility, tag, pid: process.pid };
	const sinks = [
		mainSink(options, sender, version),
		...(await sinksOf(options.sinks, sender, version)),
	];
	const file = lastResort(fallback, sender);
	return createOutlet(sinks, async () => file, "tocsin");
}

/** An alert on its way out. */
export const entryOf = (alert: Alert) => ({
	time: alert.time,
	level: levelOf(alert),
	line: alertLine(alert),
	alert,
});
