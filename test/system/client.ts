import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** A TCP client's own end of a connection, as the server should have seen it. */
export interface End {
	address: string;
	port: number;
}

/** Connects and resets at once, as `nmap -sT` does: the server's accept finds a peer that is gone. */
export async function connectAndReset(
	host: string,
	port: number,
	from?: string,
): Promise<End> {
	const socket = connect({ host, port, localAddress: from });
	await once(socket, "connect");
	const end = own(socket);
	socket.resetAndDestroy();
	return end;
}

/** All bytes a server sends until it closes or resets; `send` goes out first. Fails after `timeout` ms. */
export async function readAll(
	host: string,
	port: number,
	options: {
		send?: string | Buffer;
		timeout?: number;
		from?: string;
		onConnect?: (end: End) => void;
	} = {},
): Promise<Buffer> {
	const socket = connect({ host, port, localAddress: options.from });
	const chunks: Buffer[] = [];
	socket.on("data", (chunk) => chunks.push(chunk));
	const timeout = options.timeout ?? 5000;
	socket.setTimeout(timeout, () =>
		socket.destroy(new Error(`${host}:${port} silent for ${timeout} ms`)),
	);
	socket.once("connect", () => {
		options.onConnect?.(own(socket));
		if (options.send !== undefined) socket.write(options.send);
	});
	try {
		await once(socket, "end");
	} catch (error) {
		if (!isReset(error)) throw error;
	}
	socket.destroy();
	return Buffer.concat(chunks);
}

function own(socket: Socket): End {
	return { address: socket.localAddress ?? "", port: socket.localPort ?? 0 };
}

/** A server that exits with our bytes unread resets the connection; what it sent before still counts. */
function isReset(error: unknown): boolean {
	const code = (error as NodeJS.ErrnoException).code;
	return code === "ECONNRESET" || code === "EPIPE";
}
