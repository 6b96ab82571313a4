import { printable } from "./alert/printable.ts";
import { EX_SOFTWARE } from "./delivery/exit.ts";
import type { Fallback } from "./delivery/fallback.ts";
import { localNow } from "./delivery/localnow.ts";
import { createOutlet } from "./delivery/outlet.ts";
import { chooseSinks } from "./delivery/sinks.ts";
import { guardOutput, inherited, isSocket } from "./trap/inherited.ts";
import { type Options, parseOptions } from "./trap/options.ts";
import { run, type World } from "./trap/run.ts";
import { VERSION } from "./version.ts";

/** Characters of a complaint; it quotes what stood on the command line. */
const MAX_COMPLAINT = 500;

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
const complainer = (world: Pick<World, "outlet">) => (sentence: string) =>
	world.outlet.send({
		time: Date.now(),
		level: "err",
		line: `klaxon: ${printable(sentence, MAX_COMPLAINT)}`,
	});

const sayOnTerminal = (sentence: string) => {
	process.stderr.write(`klaxon: ${sentence}\n`);
};

/** The launcher's watchdog ends a start that doesn't come as far as this. */
function callOffWatchdog(): void {
	try {
		process.kill(Number(process.env.KLAXON_DOG || Number.NaN));
	} catch {
		// there is none, or none any more
	}
}

/** Tells a bug before it ends the process; one that is met while telling goes to standard error, which is never the peer. */
function confess(world: World): void {
	let met = false;
	process.on("uncaughtException", async (error) => {
		const sentence = `a bug: ${error.stack ?? error}`;
		if (met) {
			sayOnTerminal(sentence);
			process.exit(EX_SOFTWARE);
		}
		met = true;
		world.complain(sentence);
		process.exit((await world.outlet.finish()) || EX_SOFTWARE);
	});
}

/** What a run needs, with the local syslog as the way out until another one is chosen. */
function worldOf({ facility, tag, fallback: file }: Options): World {
	const sender = { facility, tag, pid: process.pid };
	let opened: Promise<Fallback> | undefined;
	const fallback = () => {
		opened ??= import("./delivery/fallback.ts").then((part) =>
			part.fallbackFile(file, sender),
		);
		return opened;
	};
	const outlet = createOutlet([localNow(sender)], fallback);
	return {
		sender,
		outlet,
		fallback,
		complain: sayOnTerminal,
		stopped: stopSignal,
	};
}

async function main(): Promise<number> {
	callOffWatchdog();
	guardOutput();
	const { options, errors } = parseOptions(process.argv.slice(2));
	const world = worldOf(options);
	if (isSocket(0)) world.complain = complainer(world);
	confess(world);
	const handed = await inherited(process.env, process.pid);
	const alone = handed.kind === "nothing";
	if (alone) world.complain = sayOnTerminal; // a pipe between programs, no peer
	const toldAlone = errors.length > 0 || options.action !== "run";
	const talk = async () =>
		(await import("./trap/talk.ts")).talk(options, errors, world);
	if (alone && (toldAlone || options.listen.length === 0)) return talk();
	if (!alone) keepOffThePeer(options, errors);
	const { sinks, errors: sinkErrors } = await chooseSinks(
		options,
		world.sender,
		VERSION,
		handed.kind === "connection",
		(sentence) => world.complain(sentence),
	);
	errors.push(...sinkErrors);
	if (alone && errors.length > 0) return talk();
	world.outlet = createOutlet(sinks, world.fallback);
	if (!alone) world.complain = complainer(world);
	return run(handed, options, errors, world);
}

main().then(process.exit);
