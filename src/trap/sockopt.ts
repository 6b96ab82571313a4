import koffi from "koffi";
import { parseSockaddr, type SockAddress } from "./address.ts";

/** <asm-generic/socket.h>; the same on every architecture that Node runs on but MIPS, SPARC and PA-RISC. */
const SOL_SOCKET = 1;
const SO_TYPE = 3;
const SO_PEERNAME = 28;
const SO_ACCEPTCONN = 30;
/** <bits/socket_type.h> */
const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;
/** <linux/fcntl.h> */
const F_DUPFD_CLOEXEC = 1030;
/** SO_PEERNAME answers EINVAL to a longer buffer than the address, so each size is tried. */
const SOCKADDR_SIZES = [16, 28]; // sockaddr_in, sockaddr_in6

const libc = koffi.load("libc.so.6");
const getsockopt = libc.func(
	"int getsockopt(int fd, int level, int name, void *value, _Inout_ uint32_t *length)",
);

const fcntl = libc.func("int fcntl(int fd, int command, ...)");

/** Another descriptor, above 2, of the same socket; negative where there is none left. */
export const duplicate = (fd: number): number =>
	fcntl(fd, F_DUPFD_CLOEXEC, "int", 3);

function option(fd: number, name: number, size: number): Buffer | undefined {
	const value = Buffer.alloc(size);
	const failed = getsockopt(fd, SOL_SOCKET, name, value, [size]) as number;
	return failed ? undefined : value;
}

/** The peer of a TCP socket even after it reset the connection, when getpeername(2) is silent. */
export function peerName(fd: number): SockAddress | undefined {
	for (const size of SOCKADDR_SIZES) {
		const raw = option(fd, SO_PEERNAME, size);
		const address = raw && parseSockaddr(raw);
		if (address) return address;
	}
	return undefined;
}

/** What a descriptor is: a listening stream, a connected (or reset) one, a datagram socket, or none of them. */
export function socketKind(
	fd: number,
): "listener" | "connection" | "datagram" | undefined {
	const int = (name: number) => {
		const raw = option(fd, name, 4);
		return raw && new Int32Array(raw.buffer, raw.byteOffset, 1)[0];
	};
	const type = int(SO_TYPE);
	if (type === SOCK_DGRAM) return "datagram";
	if (type !== SOCK_STREAM) return undefined;
	return int(SO_ACCEPTCONN) ? "listener" : "connection";
}
