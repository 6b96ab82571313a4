import type { Socket } from "node:net";
import koffi from "koffi";

/** <asm-generic/socket.h>; PowerPC's own <asm/socket.h> counts on from another number. */
const SOL_SOCKET = 1;
const SO_PEERCRED = process.arch === "ppc64" ? 21 : 17;
/** struct ucred of <sys/socket.h>: pid, uid and gid, 32 bits each. */
const UCRED_SIZE = 12;
/** What the kernel answers for a socket that nobody connected: (uid_t) -1. */
const NOBODY_YET = 0xffff_ffff;

const libc = koffi.load("libc.so.6");
const getsockopt = libc.func(
	"int getsockopt(int fd, int level, int name, void *value, _Inout_ uint32_t *length)",
);

/** Who is at the other end, as of its connect(2). Numbers of our own user namespace; one it doesn't know is 65534. */
export interface Credentials {
	pid: number;
	uid: number;
	gid: number;
}

/** The peer of a connected Unix socket's descriptor (unix(7), SO_PEERCRED); undefined for any other. */
export function peerCredentials(fd: number): Credentials | undefined {
	const value = Buffer.alloc(UCRED_SIZE);
	const length = [UCRED_SIZE];
	const failed = getsockopt(fd, SOL_SOCKET, SO_PEERCRED, value, length);
	if (failed || length[0] !== UCRED_SIZE) return undefined;
	const [pid = 0, uid = NOBODY_YET, gid = NOBODY_YET] = new Uint32Array(
		value.buffer,
		value.byteOffset,
		3,
	);
	return uid === NOBODY_YET ? undefined : { pid, uid, gid };
}

/** The peer of a connection that a node:net server accepted. */
export function credentialsOf(socket: Socket): Credentials | undefined {
	const { _handle } = socket as unknown as { _handle?: { fd?: number } | null };
	const fd = _handle?.fd ?? -1;
	return fd < 0 ? undefined : peerCredentials(fd);
}
