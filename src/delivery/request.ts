import type { ClientRequest, IncomingMessage } from "node:http";
import type { SecureContext } from "node:tls";
import { words } from "./words.ts";

/** Bytes of an answer that are read. */
const MAX_ANSWER = 4096;
/** Bytes of an answer's header. */
const MAX_HEADER = 16_384;

export interface Request {
	url: URL;
	method: string;
	headers: Record<string, string>;
	/** None for a GET. */
	body: string | undefined;
	/** ms until the answer is there. */
	timeout: number;
	/** Who is trusted to be a server of https. */
	secureContext: SecureContext | undefined;
}

export interface Answer {
	status: number;
	/** The `Retry-After` header: RFC 9110 section 10.2.3. */
	retryAfter: string | undefined;
	/** The beginning of the body, whatever it is. */
	text: string;
}

/** What comes of an answer until it ends, breaks or is enough. */
function read(response: IncomingMessage, done: (answer: Answer) => void): void {
	const { statusCode = 0, headers } = response;
	let text = "";
	const finish = () => {
		response.destroy();
		done({ status: statusCode, retryAfter: headers["retry-after"], text });
	};
	response.setEncoding("latin1");
	response.on("data", (chunk) => {
		text = (text + chunk).slice(0, MAX_ANSWER);
		if (text.length === MAX_ANSWER) finish();
	});
	response.on("error", finish); // the status counts, the rest is talk
	response.on("close", finish);
}

/**
 * One request on a connection of its own, by node:http: fetch costs a daemon megabytes. Redirects are not
 * followed; the answer, or why there is none, within `timeout`.
 */
export async function request(asked: Request): Promise<Answer | string> {
	const { url, method, headers, body, timeout, secureContext } = asked;
	const isTls = url.protocol === "https:";
	const http = isTls ? await import("node:https") : await import("node:http");
	const options = {
		method,
		headers:
			body === undefined
				? headers
				: { ...headers, "Content-Length": String(Buffer.byteLength(body)) },
		agent: false as const,
		maxHeaderSize: MAX_HEADER,
		...(isTls ? { secureContext, rejectUnauthorized: true } : {}),
	};
	return new Promise((resolve) => {
		let sent: ClientRequest;
		let answer: IncomingMessage | undefined;
		try {
			sent = http.request(url, options);
		} catch (error) {
			resolve(words(error)); // a header that can't be sent
			return;
		}
		const timer = setTimeout(() => {
			if (answer) answer.destroy();
			else sent.destroy(new Error(`timed out after ${timeout / 1000} s`));
		}, timeout);
		const end = (result: Answer | string) => {
			clearTimeout(timer);
			sent.destroy();
			resolve(result);
		};
		sent.on("error", (error: NodeJS.ErrnoException) => {
			if (answer) return; // its end tells
			const isHttp = !error.code?.startsWith("HPE_");
			end(`${isHttp ? "" : "that is no HTTP: "}${words(error)}`);
		});
		sent.on("response", (response) => {
			answer = response;
			read(response, end);
		});
		sent.end(body);
	});
}
