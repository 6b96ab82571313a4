import { connect } from "node:net";
import { createLines } from "./lines.ts";

/** Bytes of an answer: a status with thousands of rules. */
const MAX_ANSWER = 1 << 20;
const ASK_MS = 5000;

/** What came of asking: the answer, whatever it is, or a sentence that says why there is none. */
export type Asked = { answer: unknown } | { why: string };

const NO_DAEMON: Record<string, string> = {
	ENOENT: "no tocsin runs here",
	ECONNREFUSED: "no tocsin runs here any more",
	EACCES: "no permission",
	ENOTSOCK: "not a socket",
};

function read(line: string): Asked {
	try {
		return { answer: JSON.parse(line) };
	} catch {
		return { why: "the answer is no JSON" };
	}
}

/** Asks what listens at a Unix socket one thing, and waits at most `ms` for its line. Never rejects. */
export function ask(
	path: string,
	request: object,
	ms = ASK_MS,
): Promise<Asked> {
	return new Promise((resolve) => {
		const lines = createLines(MAX_ANSWER);
		const socket = connect(path);
		const done = (asked: Asked) => {
			clearTimeout(timer);
			socket.destroy();
			resolve("why" in asked ? { why: `${path}: ${asked.why}` } : asked);
		};
		const timer = setTimeout(done, ms, { why: `no answer within ${ms} ms` });
		socket.on("error", ({ code = "", message }: NodeJS.ErrnoException) =>
			done({ why: NO_DAEMON[code] ?? message }),
		);
		socket.on("close", () => done({ why: "closed without an answer" }));
		socket.on("data", (chunk) => {
			const complete = lines.push(chunk);
			if (!complete) done({ why: "the answer is too long" });
			else if (complete[0] !== undefined) done(read(complete[0]));
		});
		socket.write(`${JSON.stringify(request)}\n`);
	});
}
