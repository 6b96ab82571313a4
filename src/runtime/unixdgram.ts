import { constants } from "node:os";
import koffi from "koffi";
import { isLittleEndian } from "../wire/bytes.ts";

/** <sys/socket.h>, the same wherever Node runs on Linux but MIPS. */
const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
/** unix(7): sun_path has 108 bytes. */
const SUN_PATH = 108;

const libc = koffi.load("libc.so.6");
const calls = {
	socket: libc.func("int socket(int family, int type, int protocol)"),
	sendto: libc.func(
		"long sendto(int fd, const void *bytes, size_t size, int flags, const void *to, uint32_t length)",
	),
	close: libc.func("int close(int fd)"),
};

const NAMES = Object.entries(constants.errno);

/** `ENOENT` and the like: why the last call failed. */
function errno(): string {
	const number = koffi.errno();
	return NAMES.find(([, value]) => value === number)?.[0] ?? `errno ${number}`;
}

/** struct sockaddr_un of a path shorter than 108 bytes. */
function addressOf(path: string): Uint8Array {
	const address = new Uint8Array(2 + SUN_PATH);
	new DataView(address.buffer).setUint16(0, AF_UNIX, isLittleEndian);
	address.set(Buffer.from(path).subarray(0, SUN_PATH - 1), 2);
	return address;
}

/** A way to a datagram socket of unix(7), which Node has no module for. */
export interface UnixDatagrams {
	/** Sends one without waiting; undefined where it was taken, else the error's name: `EAGAIN` where its queue is full. */
	send(bytes: Uint8Array): string | undefined;
	close(): void;
}

/** Sends to whatever is bound to `path` at the time; the socket is made at the first datagram. */
export function unixDatagrams(path: string): UnixDatagrams {
	const to = addressOf(path);
	let fd = -1;
	return {
		send(bytes) {
			if (fd < 0)
				fd = calls.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0) as number;
			if (fd < 0) return errno();
			const flags = MSG_DONTWAIT | MSG_NOSIGNAL;
			const sent = calls.sendto(fd, bytes, bytes.length, flags, to, to.length);
			return Number(sent) < 0 ? errno() : undefined;
		},
		close() {
			if (fd >= 0) calls.close(fd);
			fd = -1;
		},
	};
}
