import { type ChildProcess, spawn } from "node:child_process";
import { printable } from "../alert/printable.ts";
import { words } from "./words.ts";

/** Bytes of standard error that are kept, and characters of its first line that are told. */
const MAX_STDERR = 4096;
const MAX_TOLD = 200;
/** ms in which what a program wrote last arrives; a child it left behind may hold the pipe for ever. */
const SETTLE_MS = 200;
/** ms for the kernel to end what was killed. */
const DEATH_MS = 1000;

/** What to run: never by a shell. */
export interface Command {
	/** Absolute. */
	program: string;
	args: readonly string[];
	/** The whole environment. */
	env: Record<string, string>;
	input: string;
	/** ms until it and all of its process group are killed. */
	timeout: number;
}

/** What can be done about what spawn(2) says. */
const REMEDIES: Record<string, string> = {
	ENOENT: "no such program: install it, or name another", // or its interpreter
	EACCES: "permission denied: make it executable for tocsin's user",
	EPERM: "not permitted",
	E2BIG: "its arguments are too long: use standard input",
	EAGAIN: "too many processes: it is tried again",
	EMFILE: "too many open files: it is tried again",
	ENFILE: "too many open files: it is tried again",
};

const why = (error: NodeJS.ErrnoException) =>
	REMEDIES[error.code ?? ""] ?? words(error);

/** Kills the whole group; the program alone where that is not ours to kill. */
function kill(child: ChildProcess): void {
	try {
		process.kill(-(child.pid as number), "SIGKILL");
	} catch {
		child.kill("SIGKILL");
	}
}

/** Keeps the first bytes of what is written, and reads on: a full pipe would stop the writer. */
function heed(stream: NodeJS.ReadableStream | null): () => string {
	let bytes = Buffer.alloc(0);
	stream?.on("data", (chunk: Buffer) => {
		if (bytes.length < MAX_STDERR)
			bytes = Buffer.concat([bytes, chunk.subarray(0, MAX_STDERR)]);
	});
	stream?.on("error", () => {});
	return () => {
		const [first = ""] = bytes.toString("latin1").trim().split("\n");
		return printable(Buffer.from(first.trimEnd(), "latin1"), MAX_TOLD);
	};
}

function launch({ program, args, env }: Command): ChildProcess {
	return spawn(program, args, {
		env,
		cwd: "/",
		stdio: ["pipe", "ignore", "pipe"],
		detached: true, // a group of its own, which can be killed whole
	});
}

/** Waits for the end of a child, which is killed when its time is over. */
function outcome(child: ChildProcess, timeout: number): Promise<string> {
	return new Promise((resolve) => {
		let end = "";
		let last: NodeJS.Timeout | undefined;
		const settle = () => {
			clearTimeout(timer);
			clearTimeout(last);
			resolve(end);
		};
		const settleIn = (ms: number) => {
			clearTimeout(last);
			last = setTimeout(settle, ms);
		};
		const timer = setTimeout(() => {
			end = `killed after ${timeout / 1000} s`;
			kill(child);
			settleIn(DEATH_MS);
		}, timeout);
		child.on("error", (error) => {
			end ||= why(error);
			if (child.pid === undefined) settle();
		});
		child.on("exit", (code, signal) => {
			clearTimeout(timer);
			if (signal) end ||= `ended by ${signal}`;
			else if (code !== 0) end ||= `exit ${code}`;
			settleIn(SETTLE_MS);
		});
		child.on("close", settle);
	});
}

/**
 * Runs a program to its end, or kills it with its process group. Undefined where it exits 0, else why not, with
 * the first line of its standard error. It need not read its input, and may leave children behind.
 */
export async function runCommand(
	command: Command,
): Promise<string | undefined> {
	const { program, input, timeout } = command;
	let child: ChildProcess;
	try {
		child = launch(command);
	} catch (error) {
		return `${program}: ${why(error as NodeJS.ErrnoException)}`;
	}
	const said = heed(child.stderr);
	child.stdin?.on("error", () => {}); // it need not read
	child.stdin?.end(input);
	const end = await outcome(child, timeout);
	child.stdin?.destroy();
	child.stderr?.destroy();
	child.unref();
	const [words, reason] = [said(), `${program}: ${end}`];
	if (end === "") return undefined;
	return words === "" ? reason : `${reason}: ${words}`;
}
