import { readFileSync, statSync } from "node:fs";
import { type Command, runCommand } from "./child.ts";

const WALL = "/usr/bin/wall";
const WRITE = "/usr/bin/write";
/** Seconds that wall waits for a terminal that takes nothing (its own default is 300), and ms for it to end. */
const TERMINAL_S = "5";
const TIMEOUT_MS = 10_000;
/** Lines of one batch; a terminal has few. */
const MAX_LINES = 10;
/** <sys/stat.h> */
const S_ISGID = 0o2000;

/** What it needs of the world; by default Linux's. */
export interface WallWorld {
	run(command: Command): Promise<string | undefined>;
	/** Why no terminal can be written to, as far as that can be told. */
	obstacle(program: string): string | undefined;
}

/** The number of the group that may write to terminals that allow it (mesg(1)); 5 on every Debian. */
export const ttyGroup = (group: string) =>
	Number(/^tty:[^:]*:(\d+)/m.exec(group)?.[1] ?? 5);

/**
 * wall(1) exits 0 even where it may write to no terminal: root may, who is in group tty may, and anybody where the
 * program is set-group-ID, which a process without new privileges doesn't heed.
 */
function obstacle(program: string): string | undefined {
	const file = statSync(program, { throwIfNoEntry: false });
	if (!file)
		return "no such program: install bsdutils (wall) or bsdextrautils (write), or set wall = false";
	if (process.geteuid?.() === 0) return undefined;
	const group = ttyGroup(readFileSync("/etc/group", "latin1"));
	const isMember = [process.getegid?.(), ...(process.getgroups?.() ?? [])];
	if (isMember.includes(group)) return undefined;
	const status = readFileSync("/proc/self/status", "latin1");
	const mayGain = !/^NoNewPrivs:\s*1/m.test(status);
	if (mayGain && file.gid === group && file.mode & S_ISGID) return undefined;
	return "not in group tty, so no terminal takes anything: SupplementaryGroups=tty in tocsin.service, or wall = false";
}

const LINUX: WallWorld = { run: runCommand, obstacle };

const ENVIRONMENT = { PATH: "/usr/bin:/bin", LANG: "C" };

function command(program: string, args: string[], input: string): Command {
	return { program, args, env: ENVIRONMENT, input, timeout: TIMEOUT_MS };
}

/** Whoever isn't there, or wants no messages, isn't told. */
const isAbsent = (why: string | undefined) =>
	/is not logged in|has messages disabled/.test(why ?? "");

/** The lines that fit, and how many don't. */
function input(texts: readonly string[]): string {
	const rest = texts.length - MAX_LINES;
	const lines = texts.slice(0, MAX_LINES);
	if (rest > 0) lines.push(`(and ${rest} more alerts)`);
	return `${lines.join("\n")}\n`;
}

/**
 * Writes texts to terminals: by wall(1) to everybody's, by write(1) to those of `users`. Answers why it could not. Both
 * programs make control characters visible; ours hold none.
 */
export function wallOut(
	users: readonly string[],
	{ run, obstacle }: WallWorld = LINUX,
): (texts: readonly string[]) => Promise<string | undefined> {
	return async (texts) => {
		const program = users.length > 0 ? WRITE : WALL;
		const why = obstacle(program);
		if (why !== undefined) return `${program}: ${why}`;
		const text = input(texts);
		if (users.length === 0) return run(command(WALL, ["-t", TERMINAL_S], text));
		const failed = await Promise.all(
			users.map((user) => run(command(WRITE, [user], text))),
		);
		return failed.find((reason) => reason && !isAbsent(reason));
	};
}
