import { printable } from "./alert/printable.ts";
import { EX_OK, EX_SOFTWARE, EX_USAGE } from "./delivery/exit.ts";
import type { Fallback } from "./delivery/fallback.ts";
import { createOutlet, type Outlet } from "./delivery/outlet.ts";
import { chooseSinks } from "./delivery/sinks.ts";
import { guardOutput, inherited } from "./trap/inherited.ts";
import { type Options, parseOptions } from "./trap/options.ts";
import { run } from "./trap/run.ts";
import { VERSION } from "./version.ts";

/** Characters of a complaint; it quotes what stood on the command line. */
const MAX_COMPLAINT = 500;
const NO_SOCKET =
	"no socket on standard input: klaxon is started by inetd, xinetd or systemd; to try it here: klaxon --listen 127.0.0.1:7001 --syslog stdout:";

/** Under a super-server standard output is the peer's socket: nothing may be sent there. */
function keepOffThePeer(options: Options, errors: string[]): void {
	if (options.json) errors.push("--json: never under a super-server");
	options.json = false;
	if (options.syslog.via !== "stdout") return;
	errors.push("--syslog stdout: never under a super-server");
	options.syslog = { via: "local" };
}

function stopSignal(): Promise<void> {
	return new Promise((resolve) => {
		for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"])
			process.on(signal, () => resolve());
	});
}

/** Sends a sentence about klaxon itself the way the alerts go. */
const complainer = (outlet: Outlet) => (sentence: string) =>
	outlet.send({
		time: Date.now(),
		level: "err",
		line: `klaxon: ${printable(sentence, MAX_COMPLAINT)}`,
	});

const sayOnTerminal = (sentence: string) => {
	process.stderr.write(`klaxon: ${sentence}\n`);
};

/** The answers to a person at a terminal who doesn't open a trap. */
async function talk(options: Options, errors: string[]): Promise<number> {
	if (errors.length > 0 || options.action === "run") {
		(errors.length > 0 ? errors : [NO_SOCKET]).forEach(sayOnTerminal);
		return EX_USAGE;
	}
	const { HELP } = await import("./trap/help.ts");
	process.stdout.write(
		options.action === "help" ? HELP : `klaxon ${VERSION}\n`,
	);
	return EX_OK;
}

async function main(): Promise<number> {
	guardOutput();
	const { options, errors } = parseOptions(process.argv.slice(2));
	const handed = await inherited(process.env, process.pid);
	const alone = handed.kind === "nothing";
	const toldAlone = errors.length > 0 || options.action !== "run";
	if (alone && (toldAlone || options.listen.length === 0))
		return talk(options, errors);
	if (!alone) keepOffThePeer(options, errors);
	const { facility, tag, fallback: file } = options;
	const sender = { facility, tag, pid: process.pid };
	let opened: Promise<Fallback> | undefined;
	const fallback = () => {
		opened ??= import("./delivery/fallback.ts").then((part) =>
			part.fallbackFile(file, sender),
		);
		return opened;
	};
	const { sinks, errors: sinkErrors } = await chooseSinks(
		options,
		sender,
		VERSION,
		handed.kind === "connection",
	);
	errors.push(...sinkErrors);
	if (alone && errors.length > 0) return talk(options, errors);
	const outlet = createOutlet(sinks, fallback);
	const complain = alone ? sayOnTerminal : complainer(outlet);
	process.on("uncaughtException", async (error) => {
		complain(`a bug: ${error.stack ?? error}`);
		process.exit((await outlet.finish()) || EX_SOFTWARE);
	});
	const world = { outlet, fallback, complain, stopped: stopSignal };
	return run(handed, options, errors, world);
}

main().then(process.exit);
