import { printable } from "./alert/printable.ts";
import { loadCapture } from "./capture/load.ts";
import {
	EX_CANTCREAT,
	EX_CONFIG,
	EX_NOPERM,
	EX_OK,
	EX_SOFTWARE,
	EX_UNAVAILABLE,
	EX_USAGE,
} from "./delivery/exit.ts";
import type { Outlet } from "./delivery/outlet.ts";
import { VERSION } from "./version.ts";
import { checkWatch } from "./watch/check.ts";
import { entryOf, outletOf } from "./watch/deliver.ts";
import { report } from "./watch/finding.ts";
import { HELP } from "./watch/help.ts";
import { runLearned } from "./watch/learned.ts";
import { loadOptions } from "./watch/load.ts";
import type { WatchOptions } from "./watch/merge.ts";
import { parseOptions } from "./watch/options.ts";
import { becomeUser, hasTooManyRights } from "./watch/privileges.ts";
import { probeServers } from "./watch/probe.ts";
import { probePoison } from "./watch/probepoison.ts";
import { runReplay } from "./watch/replay.ts";
import { prepareState } from "./watch/state.ts";
import { runWatch } from "./watch/watch.ts";

/** Characters of a complaint; it may quote what stood on the command line. */
const MAX_COMPLAINT = 500;

const say = (sentence: string) => {
	process.stderr.write(`tocsin: ${printable(sentence, MAX_COMPLAINT)}\n`);
};

/** Resolves when somebody wants us to leave; a terminal that is closed does. */
const stopSignal = () =>
	new Promise<void>((resolve) => {
		for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const)
			process.on(signal, () => resolve());
	});

/** The ways out, or the sentence of one that can't be had: TLS files, for example. */
async function openOutlet(options: WatchOptions): Promise<Outlet | string> {
	try {
		return await outletOf(options, VERSION);
	} catch (error) {
		return (error as Error).message;
	}
}

/** Why the watch can't begin, on standard error and, for a daemon, in syslog; root leaves no file behind. */
async function refuse(
	options: WatchOptions,
	code: number,
	sentence: string,
): Promise<number> {
	const files = { sinks: [], fallback: "/dev/null" };
	const outlet = await openOutlet({ ...options, ...files });
	complaints(options, outlet)(sentence);
	if (typeof outlet !== "string") await outlet.finish();
	return code;
}

/** Says a sentence on standard error and sends it where alerts go, unless that is this terminal. */
const complaints =
	({ json, syslog }: WatchOptions, outlet: Outlet | string) =>
	(sentence: string): void => {
		say(sentence);
		if (typeof outlet === "string" || json || syslog.via === "stdout") return;
		const line = `tocsin: ${printable(sentence, MAX_COMPLAINT)}`;
		outlet.send({ time: Date.now(), level: "err", line });
	};

async function watch(options: WatchOptions): Promise<number> {
	const lib = await loadCapture();
	if (typeof lib === "string") return refuse(options, EX_UNAVAILABLE, lib);
	if (hasTooManyRights(options.user)) {
		if (options.state !== undefined) prepareState(options.state, options.user);
		return refuse(options, EX_NOPERM, becomeUser(options.user));
	}
	const outlet = await openOutlet(options);
	if (typeof outlet === "string") return refuse(options, EX_CONFIG, outlet);
	const complain = complaints(options, outlet);
	process.on("uncaughtException", async (error) => {
		process.removeAllListeners("uncaughtException"); // a further one ends us
		complain(`a bug: ${error.stack ?? error}`);
		process.exit((await outlet.finish()) || EX_SOFTWARE);
	});
	const code = await runWatch(options, {
		lib,
		stopped: stopSignal(),
		emit: (alert) => outlet.send(entryOf(alert)),
		complain,
	});
	const delivered = await outlet.finish();
	return code || delivered;
}

/** Asks once. Names need no rights; frames do, and nothing more. */
async function probe(
	what: string | undefined,
	options: WatchOptions,
): Promise<number> {
	if (what === "poison") return probePoison(options, write, say);
	const lib = await loadCapture();
	if (typeof lib === "string") {
		say(lib);
		return EX_UNAVAILABLE;
	}
	if (hasTooManyRights(options.user)) {
		say(becomeUser(options.user));
		return EX_NOPERM;
	}
	const world = { lib, write, complain: say };
	return probeServers(what === "dhcp" ? "dhcp" : "ra", options, world);
}

/** Nobody reads on (`| head`), or the disk is full. */
function leave(error: NodeJS.ErrnoException): void {
	if (error.code === "EPIPE") process.exit(EX_OK);
	say(`can't write to standard output: ${error.message}`);
	process.exit(EX_CANTCREAT);
}

const write = (text: string) => {
	process.stdout.write(text, (error) => {
		if (error) leave(error);
	});
};

async function main(): Promise<number> {
	const { action, options, errors } = parseOptions(process.argv.slice(2));
	if (action !== "watch") process.stdout.on("error", leave);
	if (errors.length > 0) {
		errors.forEach(say);
		return EX_USAGE;
	}
	if (action === "help" || action === "version") {
		write(action === "help" ? HELP : `tocsin ${VERSION}\n`);
		return EX_OK;
	}
	const loaded = loadOptions(action, options);
	if (Array.isArray(loaded)) {
		loaded.forEach(say);
		return EX_CONFIG;
	}
	if (action === "watch") return watch(loaded);
	if (action === "learned")
		return runLearned(loaded.state ?? "", options, write, say);
	if (action === "probe") return probe(options.words[0], loaded);
	if (action === "replay") return runReplay(loaded, VERSION, write, say);
	return report(checkWatch(loaded, await loadCapture()), write);
}

process.stderr.on("error", () => {}); // it may be closed; the watch goes on
main().then((code) => {
	process.exitCode = code;
	// libpcap's threads and timers are closed by now; what is left must not keep us
	process.stdout.write("", () => process.exit());
});
