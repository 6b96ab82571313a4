import { connect, isIP } from "node:net";
import type { Ident, IdentFailure } from "../alert/ident.ts";
import {
	failed,
	type IdentPorts,
	identRefusal,
	MAX_REPLY,
	parseIdentReply,
} from "./identreply.ts";

export { identRefusal, parseIdentReply } from "./identreply.ts";

/** A connection to this machine, and how to ask about it. Addresses are literal, a link-local one with its `%zone`. */
export interface IdentQuery extends IdentPorts {
	localAddress: string;
	remoteAddress: string;
	/** ms for the whole exchange, below 2^31; 3000, the original's. */
	timeoutMs?: number;
	/** Where the peer's ident server listens: 113; another one in tests. */
	identPort?: number;
}

// What the system says of a connection that fails; whatever is not here means `unreachable`.
const REASONS: Record<string, IdentFailure> = {
	ECONNREFUSED: "refused",
	ECONNRESET: "reset",
	EPIPE: "reset",
	ETIMEDOUT: "timeout",
	EMFILE: "busy",
	ENFILE: "busy",
};

/**
 * Asks the ident server (RFC 1413) on the peer's machine who owns the other end of a connection. One TCP
 * connection from `localAddress`, one deadline for all of it, at most 512 bytes read. Never rejects: what
 * goes wrong is a `failed` reason. `identRefusal`'s port pairs are refused before any connection is made.
 */
export function queryIdent(q: IdentQuery): Promise<Ident> {
	const refusal = identRefusal(q.localPort, q.remotePort);
	if (refusal) return Promise.resolve(failed(refusal));
	return new Promise<Ident>((resolve) => exchange(q, resolve)).catch(() =>
		failed("unreachable"),
	);
}

/** An address without the prefix of an IPv4 peer on an IPv6 socket (RFC 4291 section 2.5.5.2). */
function plain(address: string): string {
	const v4 = address.replace(/^::ffff:/i, "");
	if (!isIP(v4)) throw new TypeError("not an address"); // a name would be looked up
	return v4;
}

function exchange(q: IdentQuery, resolve: (ident: Ident) => void): void {
	const reply = Buffer.alloc(MAX_REPLY);
	let used = 0;
	const settle = (ident: Ident) => {
		clearTimeout(deadline);
		socket.destroy();
		resolve(ident);
	};
	const parsed = () => parseIdentReply(reply.subarray(0, used), q);
	const socket = connect({
		host: plain(q.remoteAddress),
		port: q.identPort ?? 113,
		localAddress: plain(q.localAddress),
		// Reads go straight into what is left of `reply`: no more than 512 bytes are ever taken.
		onread: {
			buffer: () => reply.subarray(used),
			callback: (size) => {
				used += size;
				const more = used < MAX_REPLY && !reply.includes("\n");
				if (!more) settle(parsed());
				return more;
			},
		},
	});
	const deadline = setTimeout(
		() => settle(failed("timeout")),
		q.timeoutMs ?? 3000,
	);
	// The listener stays after settling, so that a late error finds somebody home.
	socket.on("error", (error: NodeJS.ErrnoException) =>
		settle(failed(REASONS[error.code ?? ""] ?? "unreachable")),
	);
	socket.on("end", () => settle(used ? parsed() : failed("closed")));
	// Section 4: "<port-on-server> , <port-on-client>", as the peer's machine sees the connection: its own port first.
	socket.write(`${q.remotePort} , ${q.localPort}\r\n`);
}
