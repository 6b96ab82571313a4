import type { Alert } from "../alert/alert.ts";
import { levelOf } from "../alert/level.ts";
import { alertLine } from "../alert/render.ts";
import { sinksOf } from "../delivery/configured.ts";
import { fallbackFile } from "../delivery/fallback.ts";
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
	const file = fallbackFile(fallback, sender);
	return createOutlet(sinks, async () => file, "tocsin");
}

/** An alert on its way out. */
export const entryOf = (alert: Alert) => ({
	time: alert.time,
	level: levelOf(alert),
	line: alertLine(alert),
	alert,
});
