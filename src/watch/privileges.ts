import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { ttyGroup } from "../delivery/wall.ts";
import { findUser } from "../trap/privileges.ts";

/** Where setpriv(1) of util-linux is. */
const SETPRIV = ["/usr/bin/setpriv", "/bin/setpriv"];
/** <linux/capability.h> */
const CAP_NET_RAW = 13n;

/** Whether all a process may do is to capture, by its /proc/PID/status. */
export function hasNetRawAlone(status: string): boolean {
	const [, hex = "0"] = /^CapEff:\s*([\da-f]+)/m.exec(status) ?? [];
	return BigInt(`0x${hex}`) === 1n << CAP_NET_RAW;
}

/** Whether user_namespaces(7) knows an ID here, by /proc/PID/uid_map. */
export function isMapped(uid: number, map: string): boolean {
	return map.split("\n").some((line) => {
		const [first = Number.NaN, , count = 0] = line
			.trim()
			.split(/\s+/)
			.map(Number);
		return uid >= first && uid < first + count;
	});
}

/**
 * Whether this process has more rights than it needs. In a user namespace that knows no ID but its
 * own, "root" is an ordinary user already, once its capabilities are gone.
 */
export function hasTooManyRights(user: string): boolean {
	if (process.getuid?.() !== 0) return false;
	const uid = findUser(user, readFileSync("/etc/passwd", "latin1"))?.uid ?? 0;
	const isAlone = !isMapped(uid, readFileSync("/proc/self/uid_map", "latin1"));
	return !(
		isAlone && hasNetRawAlone(readFileSync("/proc/self/status", "latin1"))
	);
}

/** setpriv's arguments for a user without any right but CAP_NET_RAW, and no way to get more; `group` is one more group. */
export function setprivArgs(
	user: { uid: number; gid: number } | undefined,
	group?: number,
): string[] {
	const groups = group === undefined ? "--clear-groups" : `--groups=${group}`;
	const change = user
		? [`--reuid=${user.uid}`, `--regid=${user.gid}`, groups]
		: [];
	return [
		...change,
		"--inh-caps=-all,+net_raw",
		"--ambient-caps=-all,+net_raw",
		"--bounding-set=-all,+net_raw",
		"--no-new-privs",
		"--",
	];
}

/** A command that runs another as `name` with CAP_NET_RAW alone, or the sentence that says why not. */
function commandFor(name: string, group?: number): string[] | string {
	const user = findUser(name, readFileSync("/etc/passwd", "latin1"));
	if (!user) return `unknown user '${name}': it is not in /etc/passwd`;
	if (user.uid === 0)
		return `user '${name}' is root: tocsin never stays root, name another with --user`;
	const setpriv = SETPRIV.find((path) => existsSync(path));
	if (!setpriv)
		return "setpriv is missing: install util-linux, or start tocsin as a user with CAP_NET_RAW";
	const map = readFileSync("/proc/self/uid_map", "latin1");
	const args = setprivArgs(isMapped(user.uid, map) ? user : undefined, group);
	return [setpriv, ...args];
}

/** Whether test(1) says yes, asked as the user of a `commandFor`; what it or setpriv complained about. */
function ask(
	[setpriv = "", ...args]: string[],
	test: string[],
): { yes: boolean; complaint: string } {
	const command = [...args, "/usr/bin/test", ...test];
	const { status, stderr } = spawnSync(setpriv, command, {
		encoding: "latin1",
	});
	return { yes: status === 0, complaint: stderr.trim() };
}

/** How to run this program as `name`, or the sentence that says why it can't be. */
function commandToRun(name: string, group?: number): string[] | string {
	const command = commandFor(name, group);
	if (typeof command === "string") return command;
	const { yes, complaint } = ask(command, ["-d", "/"]);
	if (!yes)
		return `can't become user '${name}' with CAP_NET_RAW: ${complaint || "setpriv failed"}`;
	for (const [test, file] of [
		["-x", process.execPath],
		["-r", process.argv[1] ?? ""],
	] as const)
		if (!ask(command, [test, file]).yes)
			return `user '${name}' can't read ${file}: run tocsin from where everybody may (make install), or name another user with --user`;
	return command;
}

/** Why `name` can't run this program with CAP_NET_RAW alone, as a sentence; undefined where it can. */
export function obstacleFor(name: string): string | undefined {
	const command = commandToRun(name);
	return typeof command === "string" ? command : undefined;
}

/** What test(1) is asked of a path: readable, writable, executable. */
export type Right = "-r" | "-w" | "-x";

/** Whether `name` may read, write or execute `path`, for root, who may everything. */
export function mayAs(name: string, right: Right, path: string): boolean {
	const command = commandFor(name);
	return typeof command !== "string" && ask(command, [right, path]).yes;
}

/**
 * Becomes `name` with CAP_NET_RAW alone by executing this program anew through setpriv(1): does not
 * return where that works, else answers the sentence that says why not. With `isOnTerminals` it may write to
 * those of others, as wall(1) does.
 */
export function becomeUser(name: string, isOnTerminals = false): string {
	const group = isOnTerminals
		? ttyGroup(readFileSync("/etc/group", "latin1"))
		: undefined;
	const command = commandToRun(name, group);
	if (typeof command === "string") return command;
	const [setpriv = "", ...args] = command;
	const self = [
		process.execPath,
		...process.execArgv,
		...process.argv.slice(1),
	];
	try {
		process.execve?.(setpriv, [setpriv, ...args, ...self], process.env);
	} catch (error) {
		return `can't execute ${setpriv}: ${(error as Error).message}`;
	}
	return "this Node can't replace its process: version 24 or newer is needed";
}
