/** What we use of the runtime's own modules for sockets and processes. */
interface TcpHandle {
	open(fd: number): number;
	getpeername(out: object): number;
	getsockname(out: object): number;
}
interface TcpWrap {
	TCP: new (type: number) => TcpHandle;
	constants: { SOCKET: number };
}
/** How a child ended: its exit code, or a negative errno; and what it wrote, by descriptor. */
export interface Spawned {
	status: number | null;
	error?: number | undefined;
	output: (Buffer | string | null)[] | null;
}
interface SpawnSync {
	spawn(options: object): Spawned;
}

/** A request under way: its end is told by `oncomplete`, with 0 or a negative errno. */
interface Pending {
	oncomplete?: (status: number) => void;
}
interface PipeHandle {
	onread: (bytes: ArrayBuffer | undefined) => void;
	/** These answer 0 or a negative errno; the request must be kept until it is complete. */
	connect(request: Pending, path: string): number;
	writeUtf8String(request: Pending, text: string): number;
	readStart(): number;
	close(): void;
}
interface PipeWrap {
	Pipe: new (type: number) => PipeHandle;
	PipeConnectWrap: new () => Pending;
	constants: { SOCKET: number };
}
interface StreamWrap {
	WriteWrap: new () => Pending;
	/** What the last event of any stream was about, by the two indices. */
	streamBaseState: Int32Array;
	kReadBytesOrError: number;
	kArrayBufferOffset: number;
}

type Binder = { binding(name: string): unknown };

/**
 * Node's inner modules beneath node:net and node:child_process. Loading those two takes a sixth of a
 * nowait start, for one getpeername(2), one posix_spawn(3) and one connect(2). `process.binding` is deprecated
 * (DEP0111) but present in Node 24 and 26; where it is gone, the public modules do the same.
 */
export function inner(name: "tcp_wrap"): TcpWrap | undefined;
export function inner(name: "spawn_sync"): SpawnSync | undefined;
export function inner(name: "pipe_wrap"): PipeWrap | undefined;
export function inner(name: "stream_wrap"): StreamWrap | undefined;
export function inner(name: string): unknown {
	try {
		return (process as unknown as Binder).binding(name);
	} catch {
		return undefined;
	}
}
