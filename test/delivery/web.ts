import { once } from "node:events";
import {
	createServer,
	type IncomingMessage,
	type ServerResponse,
} from "node:http";
import {
	createServer as createTlsServer,
	type ServerOptions,
} from "node:https";
import type { AddressInfo } from "node:net";
import type { Test } from "tap";
import type { WebhookSink } from "../../src/config/sinktypes.ts";

/** A request as a server got it. */
export interface Asked {
	method: string;
	url: string;
	headers: IncomingMessage["headers"];
	body: string;
}

export interface Web {
	port: number;
	asked: Asked[];
}

/** Starts a server, HTTPS with `tls`, that keeps what it gets and answers 200 unless `answer` does otherwise. */
export async function web(
	t: Test,
	answer: (response: ServerResponse, asked: Asked) => void = (response) =>
		response.end("ok"),
	tls?: ServerOptions,
): Promise<Web> {
	const asked: Asked[] = [];
	const serve = (request: IncomingMessage, response: ServerResponse) => {
		let body = "";
		request.on("data", (chunk) => {
			body += chunk;
		});
		request.on("end", () => {
			const { method = "", url = "", headers } = request;
			const one = { method, url, headers, body };
			asked.push(one);
			answer(response, one);
		});
	};
	const server = tls ? createTlsServer(tls, serve) : createServer(serve);
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	t.teardown(() => {
		server.close();
		server.closeAllConnections();
	});
	return { port: (server.address() as AddressInfo).port, asked };
}

/** A sink to a URL. */
export const hookTo = (
	url: string,
	more: Partial<WebhookSink> = {},
): WebhookSink => ({
	type: "webhook",
	name: "hook",
	batch: { gather: 0, every: 0, max: 20 },
	preset: "generic",
	url: { from: "value", value: url },
	method: "POST",
	headers: {},
	status: [],
	timeout: 20_000,
	...more,
});
