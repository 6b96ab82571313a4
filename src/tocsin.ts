import { printable } from "./alert/printable.ts";
import { loadLibpcap } from "./capture/libpcap.ts";
import {
	EX_CONFIG,
	EX_NOPERM,
	EX_OK,
	EX_SOFTWARE,
	EX_UNAVAILABLE,
	EX_USAGE,
} from "./delivery/exit.ts";
import { VERSION } from "./version.ts";
import { checkWatch, noLibpcap, report } from "./watch/check.ts";
import { entryOf, outletOf } from "./watch/deliver.ts";
import { HELP } from "./watch/help.ts";
import { loadOptions } from "./watch/load.ts";
import type { WatchOptions } from "./watch/merge.ts";
import { parseOptions } from "./watch/options.ts";
import { becomeUser, hasTooManyRights } from "./watch/privileges.ts";
import { runReplay } from "./watch/replay.ts";
import { runWatch } from "./watch/watch.ts";

/** Characters of a complaint; it may quote what stood on the command line. */
const MAX_COMPLAINT = 500;

const say = (sentence: string) => {
	process.stderr.write(`tocsin: ${printable(sentence, MAX_COMPLAINT)}\n`);
};

const stopSignal = () =>
	new Promise<void>((resolve) => {
		for (const signal of ["SIGTERM", "SIGINT"] as const)
			process.on(signal, () => resolve());
	});

async function watch(options: WatchOptions): Promise<number> {
	const lib = loadLibpcap();
	if (typeof lib === "string") {
		say(noLibpcap(lib));
		return EX_UNAVAILABLE;
	}
	if (hasTooManyRights(options.user)) {
		say(becomeUser(options.user));
		return EX_NOPERM;
	}
	const outlet = await outletOf(options, VERSION);
	const complain = (sentence: string) => {
		say(sentence);
		const line = `tocsin: ${printable(sentence, MAX_COMPLAINT)}`;
		outlet.send({ time: Date.now(), level: "err", line });
	};
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
	return (await outlet.finish()) || code;
}

async function main(): Promise<number> {
	const { action, options, errors } = parseOptions(process.argv.slice(2));
	if (errors.length > 0) {
		errors.forEach(say);
		return EX_USAGE;
	}
	if (action === "help" || action === "version") {
		process.stdout.write(action === "help" ? HELP : `tocsin ${VERSION}\n`);
		return EX_OK;
	}
	const loaded = loadOptions(action, options);
	if (Array.isArray(loaded)) {
		loaded.forEach(say);
		return EX_CONFIG;
	}
	const write = (text: string) => {
		process.stdout.write(text);
	};
	if (action === "replay") return runReplay(loaded, VERSION, write, say);
	if (action === "check")
		return report(checkWatch(loaded, loadLibpcap()), write);
	return watch(loaded);
}

main().then((code) => {
	process.exitCode = code;
	// libpcap's threads and timers are closed by now; what is left must not keep us
	process.stdout.write("", () => process.exit());
});
