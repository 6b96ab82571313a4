import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import type { Socket } from "node:net";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { privileged, root } from "./sandbox.ts";
import { waitFor } from "./wait.ts";

/** What every program starts with: nothing of the test runner's, and this Node before the system's. */
const ENVIRONMENT = {
	PATH: `${dirname(process.execPath)}:/usr/sbin:/usr/bin:/sbin:/bin`,
	HOME: "/tmp",
	TERM: "dumb",
};

const PRETEND = [process.execPath, `${root}/test/system/pretend.ts`];

/** Where a program runs: in the sandbox's own network, or in that of a host (see host.ts). */
export interface Place {
	enter: readonly string[];
}

export interface RunOptions {
	at?: Place;
	/** For a program that insists on changing its user ID: see pretend.ts. */
	changesUser?: boolean;
	cwd?: string;
	env?: NodeJS.ProcessEnv;
}

interface Feed {
	/** What it reads from standard input, and whether the end of that is withheld (telnet leaves at the end). */
	input?: string | Buffer;
	keepOpen?: boolean;
	timeout?: number;
}

export interface Result {
	code: number | null;
	signal: NodeJS.Signals | null;
	stdout: string;
	stderr: string;
}

/** A real program under test or beside it, running until `stop`. */
export interface Peer {
	readonly pid: number;
	/** What it has written so far, standard output and error together. */
	output(): string;
	/** Ends it, and what it started if it is a super-server; returns when all are gone, with SIGKILL after 3 s. */
	stop(signal?: NodeJS.Signals): Promise<void>;
}

/** A program that is our own child, so that its end is told. */
export interface Program extends Peer {
	/** Its exit code, or the signal that ended it. */
	readonly ended: Promise<number | NodeJS.Signals>;
}

/** The path of a program that scripts/peers.sh fetched. */
export function peer(name: string): string {
	const path = `${root}/.peers/bin/${name}`;
	if (!existsSync(path))
		throw new Error(`no peer ${name}: run scripts/peers.sh`);
	return path;
}

/** Runs a command to its end, whatever that is; killed with SIGKILL after `timeout` ms. */
export async function run(
	command: string,
	args: readonly string[] = [],
	options: RunOptions & Feed = {},
): Promise<Result> {
	const child = launch(command, args, options);
	const stdout = collect(child.stdout);
	const stderr = collect(child.stderr);
	child.stdin?.on("error", () => {}); // it need not read what we send
	child.stdin?.write(options.input ?? "");
	if (!options.keepOpen) child.stdin?.end();
	const limit = options.timeout ?? 10_000;
	const timer = setTimeout(() => child.kill("SIGKILL"), limit);
	const closed = once(child, "close").catch(() => {});
	const [code, signal] = await once(child, "exit").finally(() =>
		clearTimeout(timer),
	);
	// What it leaves behind may keep the pipes open for ever.
	await Promise.race([closed, sleep(500, undefined, { ref: false })]);
	return { code, signal, stdout: stdout(), stderr: stderr() };
}

/** Like `run`, for commands of a test's set-up: throws unless it exits 0, else returns its output. */
export async function must(
	command: string,
	args: readonly string[],
	options: Parameters<typeof run>[2] = {},
): Promise<string> {
	const { code, signal, stdout, stderr } = await run(command, args, options);
	if (code !== 0)
		throw new Error(
			`${command} ${args.join(" ")}: ${signal ?? code} ${stderr}`,
		);
	return stdout;
}

/** Starts a program that stays, and waits until `ready`, which is given its process ID and what it has written. */
export async function start(
	command: string,
	args: readonly string[],
	ready: (pid: number, output: string) => unknown,
	options: RunOptions = {},
): Promise<Program> {
	const child = launch(command, args, options);
	const ended = new Promise<number | NodeJS.Signals>((resolve) => {
		child.once("exit", (code, signal) => resolve(signal ?? code ?? 0));
	});
	child.stdin?.end();
	const outputs = [collect(child.stdout), collect(child.stderr)];
	const output = () => outputs.map((text) => text()).join("");
	await once(child, "spawn");
	const pid = child.pid as number;
	const stop = async (signal: NodeJS.Signals = "SIGTERM") => {
		if (hasEnded(child)) return;
		child.ref();
		const ended = once(child, "exit");
		child.kill(signal);
		const timer = setTimeout(() => child.kill("SIGKILL"), 3000);
		await ended;
		clearTimeout(timer);
	};
	const describe = () => `${command} ${args.join(" ")}: ${output()}`;
	try {
		await waitFor(describe, () => {
			if (hasEnded(child)) throw new Error(`ended early: ${describe()}`);
			return ready(pid, output());
		});
	} catch (error) {
		await stop("SIGKILL");
		throw error;
	}
	release(child);
	return { pid, output, stop, ended };
}

function launch(
	command: string,
	args: readonly string[],
	{ at, changesUser, cwd, env }: RunOptions,
): ChildProcess {
	const pretend = changesUser && !privileged ? PRETEND : [];
	const [first = command, ...rest] = [
		...[...(at?.enter ?? []), ...pretend],
		...[command, ...args],
	];
	return spawn(first, rest, { cwd, env: { ...ENVIRONMENT, ...env } });
}

/** A test that forgets to stop a peer still ends, and the peer with it. */
function release(child: ChildProcess): void {
	child.unref();
	for (const stream of [child.stdout, child.stderr])
		(stream as Socket | null)?.unref();
}

function collect(stream: NodeJS.ReadableStream | null): () => string {
	const chunks: Buffer[] = [];
	stream?.on("data", (chunk) => chunks.push(chunk));
	return () => Buffer.concat(chunks).toString();
}

function hasEnded(child: ChildProcess): boolean {
	return child.exitCode !== null || child.signalCode !== null;
}
