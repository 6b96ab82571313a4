import { inner } from "../runtime/inner.ts";
import { bareAddress, type SockAddress } from "./address.ts";

/** Both ends of a connection. */
export interface Ends {
	peer: SockAddress | undefined;
	here: SockAddress;
}

/** The ends of a connected TCP socket; undefined when it is none, was reset, or can't be told here. */
export function bareEnds(fd: number): Ends | undefined {
	const wrap = inner("tcp_wrap");
	if (!wrap) return undefined;
	const handle = new wrap.TCP(wrap.constants.SOCKET);
	const end = (name: "getpeername" | "getsockname") => {
		const out: { address?: string; port?: number } = {};
		handle[name](out);
		// Sockets of other families have an empty address.
		return out.address ? bareAddress(out.address, out.port ?? 0) : undefined;
	};
	if (handle.open(fd) !== 0) return undefined;
	const [peer, here] = [end("getpeername"), end("getsockname")];
	return peer && here && { peer, here };
}
