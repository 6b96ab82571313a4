import { inner, type TcpHandle } from "../runtime/inner.ts";
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
		const { address, port }: { address?: string; port?: number } = read(
			handle,
			name,
		);
		return address === undefined ? undefined : bareAddress(address, port ?? 0);
	};
	if (handle.open(fd) !== 0) return undefined;
	const [peer, here] = [end("getpeername"), end("getsockname")];
	return peer && here && { peer, here };
}

function read(handle: TcpHandle, name: "getpeername" | "getsockname"): object {
	const out = {};
	handle[name](out);
	return out;
}
