import {
	createServer,
	type IncomingMessage,
	type Server,
	type ServerResponse,
} from "node:http";
import { isIPv4 } from "node:net";
import { EXPOSITION, metrics } from "./exposition.ts";
import type { Status } from "./status.ts";

/** Connections at once: a scraper and somebody who looks; who comes beyond is cut off. */
const MAX_CONNECTIONS = 16;
/** Bytes of a request's line and headers. */
const MAX_HEADERS = 4096;
/** ms for a request to come, and for a connection to be idle. */
const REQUEST_MS = 5000;
/** ms between two looks for requests that take longer. */
const LOOK_MS = 1000;

const PLAIN = "text/plain; charset=utf-8";

/** Whether only this machine can reach an address (RFC 1122 section 3.2.1.3, RFC 4291 section 2.5.3). */
export const isLoopback = (host: string): boolean =>
	host === "::1" || (isIPv4(host) && host.startsWith("127."));

function reply(
	response: ServerResponse,
	code: number,
	body: string,
	headers: Record<string, string> = {},
): void {
	response.writeHead(code, {
		"Content-Type": PLAIN,
		"Content-Length": Buffer.byteLength(body),
		...headers,
	});
	response.end(body);
}

function serve(
	{ method, url }: IncomingMessage,
	response: ServerResponse,
	status: () => Status,
): void {
	const path = url?.split("?", 1)[0];
	const isKnown = path === "/metrics" || path === "/healthz";
	if (!isKnown) reply(response, 404, "there are /metrics and /healthz\n");
	else if (method !== "GET" && method !== "HEAD")
		reply(response, 405, "GET only\n", { Allow: "GET, HEAD" });
	else if (path === "/metrics")
		reply(response, 200, metrics(status()), { "Content-Type": EXPOSITION });
	else if (status().blind)
		reply(response, 503, "blind: no interface is heard\n");
	else reply(response, 200, "ok\n");
}

/**
 * Serves GET /metrics to Prometheus, and GET /healthz: 200 while packets are heard, else 503. On a loopback
 * address alone, for anybody there. The sentence that says why it can't.
 */
export function openMetrics(
	{ host, port }: { host: string; port: number },
	status: () => Status,
): Promise<Server | string> {
	if (!isLoopback(host))
		return Promise.resolve(
			`status: ${host} is no loopback address: listen on 127.0.0.1 or [::1], and put a proxy before it`,
		);
	const server = createServer(
		{
			maxHeaderSize: MAX_HEADERS,
			headersTimeout: REQUEST_MS,
			requestTimeout: REQUEST_MS,
			keepAliveTimeout: REQUEST_MS,
			connectionsCheckingInterval: LOOK_MS,
		},
		(request, response) => serve(request, response, status),
	);
	server.maxConnections = MAX_CONNECTIONS;
	// A client that takes no answer.
	server.setTimeout(2 * REQUEST_MS);
	return new Promise((resolve) => {
		server.once("error", ({ message }) => resolve(`status: ${message}`));
		server.listen(port, host, () => resolve(server));
	});
}
