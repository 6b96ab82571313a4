/** What the tests of klaxon's failures share: one encounter behind a real inetd, and all it left behind. */
import {
	chmodSync,
	cpSync,
	existsSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	statSync,
	writeFileSync,
} from "node:fs";
import { privileged, root, startInetd, waitFor } from "./harness.ts";
import { inetdLine, KLAXON, touch } from "./klaxon.ts";

let lastPort = 7100;
/** Where lines go when syslog can't be reached. */
export const FALLBACK = "/var/log/klaxon.log";
/** Of a line there: when, in local time with its offset (RFC 3339), where, who. */
export const STAMP =
	/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d trap klaxon\[\d+\]: /;

export const MODES = ["nowait", "wait"] as const;
export type Mode = (typeof MODES)[number];

export interface Trial {
	/** What the peer read until the connection ended. */
	said: string;
	/** klaxon's exit code; 128 and more is a signal. */
	code: number;
	/** The fallback file's lines. */
	lines: string[];
}

export interface TrialOptions {
	mode?: Mode;
	args?: string;
	program?: string;
	/** A command that runs klaxon: with less of something than it needs. */
	under?: readonly string[];
	user?: string;
	/** Where lines go when syslog can't be reached, if not to FALLBACK. */
	fallback?: string;
}

/** Starts a program on the descriptors it has itself, and keeps its exit code in `codes`; says nothing there itself. */
export function recorder(folder: string, command: readonly string[]): string {
	const path = `${folder}/klaxon`;
	const script = `#!/bin/sh
exec 3>&1 >/dev/null 2>&1
(exec ${command.join(" ")} "$@" >&3 2>&3 3>&-)
echo $? >>${folder}/codes
`;
	writeFileSync(path, script);
	writeFileSync(`${folder}/codes`, "");
	chmodSync(`${folder}/codes`, 0o666);
	chmodSync(path, 0o755);
	chmodSync(folder, 0o755);
	return path;
}

export function fallbackLines(file = FALLBACK): string[] {
	return existsSync(file) && statSync(file).isFile()
		? readFileSync(file, "latin1").split("\n").slice(0, -1)
		: [];
}

/** Lets one peer meet a trap of a real openbsd-inetd, and waits until klaxon has ended. */
export async function trial(options: TrialOptions = {}): Promise<Trial> {
	const { mode = "nowait", user = "root", fallback } = options;
	const args = [
		...(mode === "wait" ? ["--idle 0.2"] : []),
		...(fallback === undefined ? [] : [`--fallback ${fallback}`]),
		options.args ?? "-n",
	].join(" ");
	const folder = mkdtempSync("/run/trial-");
	const command = [...(options.under ?? []), options.program ?? KLAXON];
	const program = recorder(folder, command);
	lastPort += 1;
	const port = lastPort;
	const inetd = await startInetd(
		"openbsd",
		inetdLine(port, args, { proto: "tcp4", wait: mode, user, program }),
	);
	const codes = () => fallbackLines(`${folder}/codes`);
	const touched = touch("127.0.0.1", port);
	try {
		await waitFor("an exit code", () => codes().length > 0, 15_000);
		// Where klaxon could not take the connection, it is inetd that ends it.
		if (mode === "nowait") await touched;
	} finally {
		await inetd.stop();
	}
	const { said } = await touched;
	return { said, code: Number(codes()[0]), lines: fallbackLines(fallback) };
}

/** The runtime that the program was built for. */
export const NODE =
	/node='([^']*)'/.exec(readFileSync(KLAXON, "latin1"))?.[1] ?? "";

/** A copy of what `make build` made, changed. */
export function brokenCopy(change: (folder: string) => void): string {
	const folder = mkdtempSync("/tmp/broken-");
	cpSync(`${root}/dist`, folder, { recursive: true });
	chmodSync(folder, 0o755);
	change(folder);
	return `${folder}/klaxon`;
}

/** Replaces a text that must be there. */
export function edit(file: string, from: string, to: string): void {
	const text = readFileSync(file, "latin1");
	const changed = text.replaceAll(from, to);
	if (changed === text) throw new Error(`${from} is not in ${file}`);
	writeFileSync(file, changed, "latin1");
}

/** Ordinary users with no process yet; root may have any number of them. */
let user = 200_000 + Math.floor(Math.random() * 1_000_000);

/** Runs a program whose user may have `count` processes, itself included; threads count as well. */
export function withProcesses(count: number): string[] {
	const ordinary = ["/usr/bin/setpriv", "--clear-groups"];
	const limit = ["/usr/bin/prlimit", `--nproc=${count}`];
	// A user namespace counts by itself the processes in it.
	if (!privileged)
		return ["/usr/bin/unshare", "--user", "--map-root-user", ...limit];
	user += 1;
	return [...ordinary, `--reuid=${user}`, `--regid=${user}`, ...limit];
}

/** An empty fallback file that everybody may write, as `make install` leaves one for nobody. */
export function openFallback(): void {
	rmSync(FALLBACK, { recursive: true, force: true });
	writeFileSync(FALLBACK, "");
	chmodSync(FALLBACK, 0o666);
}
