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
import { VERSION } from "./version.ts";
import { runAlerts } from "./watch/alerts.ts";
import { checkWatch } from "./watch/check.ts";
import type { Options } from "./watch/command.ts";
import { openMain, saying, wordOf } from "./watch/deliver.ts";
import { report } from "./watch/finding.ts";
import { HELP } from "./watch/help.ts";
import { runLearned } from "./watch/learned.ts";
import { loadOptions } from "./watch/load.ts";
import type { WatchOptions } from "./watch/merge.ts";
import { runNotify } from "./watch/notify.ts";
import { parseOptions } from "./watch/options.ts";
import { becomeUser, hasTooManyRights } from "./watch/privileges.ts";
import { probeServers } from "./watch/probe.ts";
import { probePoison } from "./watch/probepoison.ts";
import { runReplay } from "./watch/replay.ts";
import { prepareSocket, prepareState } from "./watch/state.ts";
import { runStatus } from "./watch/status.ts";
import { runTestAlert } from "./watch/testalert.ts";

const say = (sentence: string) => {
	process.stderr.write(`${saying(sentence)}\n`);
};

/** Becomes the watch's user, who may write to terminals where a sink does. */
const becomeWatcher = ({ user, sinks }: WatchOptions) =>
	becomeUser(
		user,
		sinks.some((sink) => sink.type === "desktop" && sink.wall),
	);

/** Whether alerts go to this terminal: when it is closed, nobody is left to tell. */
const isForTerminal = ({ json, syslog }: WatchOptions) =>
	json || syslog.via === "stdout";

/** Resolves when somebody wants us to leave; for a daemon SIGHUP means something else. */
const stopSignal = (isTerminal: boolean) =>
	new Promise<void>((resolve) => {
		for (const signal of ["SIGTERM", "SIGINT"] as const)
			process.on(signal, () => resolve());
		if (isTerminal) process.on("SIGHUP", () => resolve());
	});

/** Why the watch can't begin, on standard error and, for a daemon, in syslog; root leaves no file behind. */
async function refuse(
	options: WatchOptions,
	code: number,
	sentence: string,
): Promise<number> {
	say(sentence);
	if (isForTerminal(options)) return code;
	const sink = openMain(options, VERSION);
	await sink.deliver([wordOf(sentence)]);
	await sink.close();
	return code;
}

/** Tells of a bug, once, and ends. */
function onBug(tell: (sentence: string) => Promise<number>): void {
	process.on("uncaughtException", async (error) => {
		process.removeAllListeners("uncaughtException"); // a further one ends us
		const code = await tell(`a bug: ${error.stack ?? error}`);
		process.exit(code || EX_SOFTWARE);
	});
}

async function watch(
	options: WatchOptions,
	read: () => WatchOptions | string[],
): Promise<number> {
	const lib = await loadCapture();
	if (typeof lib === "string") return refuse(options, EX_UNAVAILABLE, lib);
	if (hasTooManyRights(options.user)) {
		if (options.state !== undefined) prepareState(options.state, options.user);
		prepareSocket(options.socket, options.user);
		return refuse(options, EX_NOPERM, becomeWatcher(options));
	}
	const { runDaemon } = await import("./watch/daemon.ts"); // it needs koffi
	return runDaemon(options, {
		lib,
		version: VERSION,
		stopped: stopSignal(isForTerminal(options)),
		onReload: (reload) => {
			if (!isForTerminal(options)) process.on("SIGHUP", reload);
		},
		read,
		say,
		onBug,
	});
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

/** What a running or a past watch knows. */
function inspect(
	action: "alerts" | "status" | "notify",
	{ state = "", socket }: WatchOptions,
	options: Options,
): Promise<number> {
	if (action === "status") return runStatus(socket, options.json, write, say);
	if (action === "notify")
		return runNotify(socket, { stopped: stopSignal(true), complain: say });
	return runAlerts({ ...options, state }, write, say, {
		version: VERSION,
		colour: process.stdout.isTTY === true && !process.env.NO_COLOR,
		stopped: stopSignal(true),
	});
}

/** One marked alert through every sink, as the user that a watch would be. */
async function test(options: WatchOptions): Promise<number> {
	if (!hasTooManyRights(options.user))
		return runTestAlert(options, VERSION, write);
	say(becomeWatcher(options));
	return EX_NOPERM;
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
	if (action === "watch")
		return watch(loaded, () => loadOptions(action, options));
	if (action === "alerts" || action === "status" || action === "notify")
		return inspect(action, loaded, options);
	if (action === "test-alert") return test(loaded);
	if (action === "learned")
		return runLearned(loaded.state ?? "", options, write, say);
	if (action === "probe") return probe(options.words[0], loaded);
	if (action === "replay") return runReplay(loaded, VERSION, write, say);
	return report(checkWatch(loaded, await loadCapture(), options.config), write);
}

process.stderr.on("error", () => {}); // it may be closed; the watch goes on
main().then((code) => {
	process.exitCode = code;
	// libpcap's threads and timers are closed by now; what is left must not keep us
	process.stdout.write("", () => process.exit());
});
