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

type Binder = { binding(name: string): unknown };

/**
 * Node's inner modules beneath node:net and node:child_process. Loading those two takes a sixth of a
 * nowait start, for one getpeername(2) and one posix_spawn(3). `process.binding` is deprecated
 * (DEP0111) but present in Node 24 and 26; where it is gone, the public modules do the same.
 */
export function inner(name: "tcp_wrap"): TcpWrap | undefined;
export function inner(name: "spawn_sync"): SpawnSync | undefined;
export function inner(name: string): unknown {
	try {
		return (process as unknown as Binder).binding(name);
	} catch {
		return undefined;
	}
}
