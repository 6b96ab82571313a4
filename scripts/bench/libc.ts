/**
 * The system calls of the measurements, blocking: a client or a starter made of Node's own sockets
 * and processes would be slower than what it measures.
 */
import { chmodSync } from "node:fs";
import koffi from "koffi";

/** <sys/socket.h>, <asm-generic/socket.h> and <linux/in.h> */
const AF_UNIX = 1;
const AF_INET = 2;
const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_LINGER = 13;
const SO_RCVTIMEO = 20;
const IPPROTO_IP = 0;
const IP_BIND_ADDRESS_NO_PORT = 24;
const SOCKADDR_IN_SIZE = 16;
const SOCKADDR_UN_SIZE = 110;

const libc = koffi.load("libc.so.6");
const calls = {
	socket: libc.func("int socket(int, int, int)"),
	bind: libc.func("int bind(int, const void *, uint32_t)"),
	listen: libc.func("int listen(int, int)"),
	accept: libc.func("int accept(int, void *, void *)"),
	connect: libc.func("int connect(int, const void *, uint32_t)"),
	setsockopt: libc.func(
		"int setsockopt(int, int, int, const void *, uint32_t)",
	),
	getsockname: libc.func(
		"int getsockname(int, _Out_ void *, _Inout_ uint32_t *)",
	),
	recv: libc.func("long recv(int, _Out_ void *, size_t, int)"),
	close: libc.func("int close(int)"),
	waitpid: libc.func("int waitpid(int, _Out_ int *, int)"),
	initActions: libc.func("int posix_spawn_file_actions_init(void *)"),
	addDup2: libc.func("int posix_spawn_file_actions_adddup2(void *, int, int)"),
	spawn: libc.func(
		"int posix_spawn(_Out_ int *, const char *, void *, void *, const char **, const char **)",
	),
};

const int32 = (...numbers: number[]) =>
	Buffer.from(new Int32Array(numbers).buffer);
const YES = int32(1);
/** struct linger: on, 0 seconds. */
const AT_ONCE = int32(1, 0);

/** struct timeval: what a dead trap may cost us. */
const PATIENCE = Buffer.from(new BigInt64Array([5n, 0n]).buffer);

function checked(name: string, result: number): number {
	if (result >= 0) return result;
	throw new Error(`${name}: errno ${koffi.errno()}`);
}

function open(family: number, type: number): number {
	return checked("socket", calls.socket(family, type | SOCK_CLOEXEC, 0));
}

function address(family: number, size: number): Buffer {
	const raw = Buffer.alloc(size);
	int32(family).copy(raw, 0, 0, 2);
	return raw;
}

/** struct sockaddr_in of an IPv4 address. */
export function ipAddress(ip: string, port: number): Buffer {
	const raw = address(AF_INET, SOCKADDR_IN_SIZE);
	raw.writeUInt16BE(port, 2);
	raw.set(ip.split(".").map(Number), 4);
	return raw;
}

/** The port a socket is bound to. */
export function portOf(fd: number): number {
	const raw = Buffer.alloc(SOCKADDR_IN_SIZE);
	checked("getsockname", calls.getsockname(fd, raw, [raw.length]));
	return raw.readUInt16BE(2);
}

/** A connection to `to`, from the address `from` and a port of the kernel's choice. */
export function connect(from: Buffer, to: Buffer): number {
	const fd = open(AF_INET, SOCK_STREAM);
	// Without it bind() looks for a port that is free for every destination, ever longer.
	calls.setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, YES, YES.length);
	checked("bind", calls.bind(fd, from, from.length));
	checked("connect", calls.connect(fd, to, to.length));
	return fd;
}

/** The two ends of a fresh TCP connection from this loopback address to 127.0.0.1. */
export function connectedPair(from: string): [client: number, server: number] {
	const listener = open(AF_INET, SOCK_STREAM);
	const any = ipAddress("127.0.0.1", 0);
	checked("bind", calls.bind(listener, any, any.length));
	checked("listen", calls.listen(listener, 1));
	const to = ipAddress("127.0.0.1", portOf(listener));
	const client = connect(ipAddress(from, 0), to);
	const server = checked("accept", calls.accept(listener, null, null));
	calls.close(listener);
	return [client, server];
}

/** A socket that stands in for the syslog daemon's. */
export function datagramsAt(path: string): number {
	const fd = open(AF_UNIX, SOCK_DGRAM);
	const raw = address(AF_UNIX, SOCKADDR_UN_SIZE);
	raw.write(path, 2);
	checked("bind", calls.bind(fd, raw, raw.length));
	chmodSync(path, 0o666);
	limitWait(fd);
	return fd;
}

const buffer = Buffer.alloc(4096);

/** Lets `receive` wait 5 s at most. */
export function limitWait(fd: number): void {
	calls.setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, PATIENCE, PATIENCE.length);
}

/** Waits for bytes or for the other side's end, by close or by reset; how many came. */
export function receive(fd: number): number {
	return Math.max(0, calls.recv(fd, buffer, buffer.length, 0));
}

export function close(fd: number): void {
	calls.close(fd);
}

export function reset(fd: number): void {
	calls.setsockopt(fd, SOL_SOCKET, SO_LINGER, AT_ONCE, AT_ONCE.length);
	calls.close(fd);
}

/** posix_spawn_file_actions_t with room to spare: its size is the C library's own affair. */
const actions = Buffer.alloc(1024);

/** Runs a program to its end, `fd` being its descriptors 0, 1 and 2, and returns its wait status. */
export function runOn(fd: number, argv: string[], env: string[]): number {
	calls.initActions(actions);
	for (const standard of [0, 1, 2]) calls.addDup2(actions, fd, standard);
	const [pid, status] = [[0], [0]];
	const nul = null;
	const error = calls.spawn(
		pid,
		argv[0],
		actions,
		nul,
		[...argv, nul],
		[...env, nul],
	);
	if (error !== 0) throw new Error(`posix_spawn ${argv[0]}: error ${error}`);
	checked("waitpid", calls.waitpid(pid[0], status, 0));
	return status[0] ?? -1;
}
