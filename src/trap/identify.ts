import { fstatSync, readFileSync } from "node:fs";
import { isIP, Socket } from "node:net";
import { bareAddress, type SockAddress } from "./address.ts";
import type { Handed, Inherited } from "./handed.ts";
import { loadSockopt } from "./parts.ts";

/** xinetd names the peer in REMOTE_HOST, systemd in REMOTE_ADDR and REMOTE_PORT (systemd.exec(5)). */
export function peerFromEnvironment(
	env: NodeJS.ProcessEnv,
): SockAddress | undefined {
	const ip = [env.REMOTE_ADDR, env.REMOTE_HOST].find((text) =>
		isIP(text ?? ""),
	);
	return ip === undefined
		? undefined
		: bareAddress(ip, Number(env.REMOTE_PORT) || 0);
}

/** A socket of node:net on a descriptor; undefined for a datagram socket. It reads only when asked. */
export function netSocket(fd: number): Socket | undefined {
	try {
		return new Socket({ fd, manualStart: true } as object);
	} catch {
		return undefined;
	}
}

/** proc_net_tcp(5): TCP_LISTEN, and the columns that hold the state and the socket's inode. */
const LISTENING = "0A";
const STATE = 3;
const INODE = 9;

/** Whether a TCP socket waits for connections, which /proc tells where there is no FFI; true when it can't be told. */
function isListening(fd: number): boolean {
	const { ino } = fstatSync(fd);
	const waits = (row: string) => {
		const columns = row.trim().split(/\s+/);
		return columns[STATE] === LISTENING && Number(columns[INODE]) === ino;
	};
	try {
		return ["tcp", "tcp6"].some((table) =>
			readFileSync(`/proc/self/net/${table}`, "latin1").split("\n").some(waits),
		);
	} catch {
		return true;
	}
}

/**
 * Finds out what a descriptor is that has no peer at first sight: a trap to serve, a connection that
 * was reset already (its peer is named by the kernel, then by the super-server, else by nobody), or
 * nothing of ours.
 */
export async function identify(
	inherited: Inherited,
	env: NodeJS.ProcessEnv,
): Promise<Handed> {
	const { fd, name } = inherited;
	const sockets: Handed = { kind: "sockets", sockets: [inherited] };
	const socket = netSocket(fd);
	if (!socket) return sockets;
	// Sockets of another family, a pipe between programs for example, have no such address.
	if (socket.localAddress === undefined) return { kind: "nothing" };
	const sockopt = await loadSockopt();
	const { remoteAddress, remotePort = 0 } = socket;
	const isTrap = sockopt
		? sockopt.socketKind(fd) !== "connection"
		: isListening(fd);
	if (remoteAddress === undefined && isTrap) return sockets;
	const peer =
		remoteAddress === undefined
			? (sockopt?.peerName(fd) ?? peerFromEnvironment(env))
			: bareAddress(remoteAddress, remotePort);
	const here = bareAddress(socket.localAddress, socket.localPort ?? 0);
	return { kind: "connection", fd, name, peer, here };
}
