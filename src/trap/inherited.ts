import { closeSync, fstatSync, openSync, type Stats } from "node:fs";
import { bareEnds } from "./bare.ts";
import type { Handed, Inherited } from "./handed.ts";

/** sd_listen_fds(3): the first descriptor, and names that say nothing about the trap. */
const SD_LISTEN_FDS_START = 3;
const NAMELESS = /\.socket$|^(|unknown|stored|connection)$/;
const SERVICE = /^\w[\w.+-]{0,63}$/;

function stat(fd: number): Stats | undefined {
	try {
		return fstatSync(fd);
	} catch {
		return undefined;
	}
}

export const isSocket = (fd: number): boolean => stat(fd)?.isSocket() === true;

/**
 * Under inetd descriptors 1 and 2 are the peer's socket. Whatever might be printed there, by us or by
 * the runtime, must not reach the peer: they become /dev/null. True when they were.
 */
export function guardOutput(): boolean {
	const input = stat(0);
	if (!input?.isSocket()) return false;
	let guarded = false;
	for (const fd of [1, 2]) {
		if (stat(fd)?.ino !== input.ino) continue;
		closeSync(fd);
		openSync("/dev/null", "w"); // takes the lowest free number, the one just closed
		guarded = true;
	}
	return guarded;
}

/** systemd's sockets (sd_listen_fds(3)): only when they were meant for this process. */
export function systemdSockets(
	env: NodeJS.ProcessEnv,
	pid: number,
): Inherited[] {
	const count = Number(env.LISTEN_FDS);
	if (Number(env.LISTEN_PID) !== pid || !(count > 0)) return [];
	const names = env.LISTEN_FDNAMES?.split(":") ?? [];
	return Array.from({ length: count }, (_, i) => {
		const name = names[i] ?? "";
		const fd = SD_LISTEN_FDS_START + i;
		return NAMELESS.test(name) || !SERVICE.test(name) ? { fd } : { fd, name };
	});
}

/** Finds what inetd, xinetd or systemd handed to this process. */
export async function inherited(
	env: NodeJS.ProcessEnv,
	pid: number,
): Promise<Handed> {
	const sockets = systemdSockets(env, pid);
	if (sockets.length > 1) return { kind: "sockets", sockets };
	const only = sockets[0] ?? { fd: 0 };
	if (!isSocket(only.fd)) return { kind: "nothing" };
	const ends = bareEnds(only.fd);
	if (ends) return { kind: "connection", ...only, ...ends };
	const { identify } = await import("./identify.ts");
	return identify(only, env);
}
