import { once } from "node:events";
import {
	type AddressInfo,
	createServer,
	type Server,
	type Socket,
} from "node:net";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";
import type { Test } from "tap";
import type { Entry, Sender } from "../../src/delivery/sink.ts";

export const SENDER: Sender = { facility: "auth", tag: "klaxon", pid: 123 };
export const HOSTNAME = "trap";

process.env.TZ = "UTC";

/** An entry without an alert, and how it must arrive. */
export const entry = (line: string): Entry => ({
	time: 0,
	level: "notice",
	line,
});
export const wire = (line: string) =>
	`<37>1 1970-01-01T00:00:00.000+00:00 trap klaxon 123 - - ${line}`;

/** A fake syslog server, TCP or TLS. */
export interface Fake {
	port: number;
	/** Every connection so far; over TLS those whose handshake went well. */
	sockets: Socket[];
	/** All bytes received. */
	text(): string;
	server: Server;
}

/** Starts a server that keeps what it receives; `serve` may do more, or pause the socket. */
export async function fake(
	t: Test,
	serve: (socket: Socket, number: number) => void = () => {},
	tls?: TlsOptions,
	host = "127.0.0.1",
	port = 0,
): Promise<Fake> {
	const sockets: Socket[] = [];
	let text = "";
	const accept = (socket: Socket) => {
		sockets.push(socket);
		socket.on("error", () => {});
		socket.on("data", (chunk) => {
			text += chunk;
		});
		serve(socket, sockets.length);
	};
	const server = tls ? createTlsServer(tls, accept) : createServer(accept);
	server.on("tlsClientError", () => {});
	server.listen(port, host);
	await once(server, "listening");
	t.teardown(() => {
		server.close();
		for (const socket of sockets) socket.destroy();
	});
	const address = server.address() as AddressInfo;
	return { port: address.port, sockets, text: () => text, server };
}

/** The time in ms that `work` takes, and what it comes to. */
export async function timed<T>(work: Promise<T>): Promise<[number, T]> {
	const start = performance.now();
	const result = await work;
	return [performance.now() - start, result];
}
