import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import t, { type Test } from "tap";
import { remoteBatchSink } from "../../src/delivery/remotebatch.ts";
import { entry, fake, HOSTNAME, SENDER, timed, wire } from "./servers.ts";

const HOST = "127.0.0.1";

const sinkTo = (port: number, more = {}) =>
	remoteBatchSink({ via: "tcp", host: HOST, port }, SENDER, {
		hostname: HOSTNAME,
		deadlineMs: 20_000,
		...more,
	});

const TWO = [entry("a"), entry("b")];
/** More than the kernels' buffers hold. */
const LARGE = Array.from({ length: 10_000 }, (_, i) =>
	entry(`${i} ${"x".repeat(900)}`),
);

/** A server that does something with each connection, and why a batch was not delivered. */
async function tried(
	t: Test,
	serve: (socket: Socket) => void,
	batch = TWO,
	more = {},
) {
	const server = await fake(t, serve);
	const sink = sinkTo(server.port, more);
	const [ms, why] = await timed(sink.deliver(batch));
	return { ...server, ms, why: why?.replace(`:${server.port}`, "") };
}

t.test("each batch has its connection, which the server closes", async (t) => {
	const server = await fake(t);
	const sink = sinkTo(server.port);
	t.equal(await sink.deliver([entry("a"), entry("b")]), undefined);
	t.equal(server.text(), `${wire("a")}\n${wire("b")}\n`, "it has them by then");
	t.equal(await sink.deliver([entry("c")]), undefined);
	t.equal(server.sockets.length, 2);
	t.equal(await sink.close(), undefined);
});

t.test("a large batch", async (t) => {
	const server = await fake(t);
	t.equal(await sinkTo(server.port).deliver(LARGE), undefined);
	t.equal(server.text().split("\n").length, 10_001);
});

t.test("RFC 3164", async (t) => {
	const server = await fake(t);
	const more = { format: "rfc3164" };
	t.equal(await sinkTo(server.port, more).deliver([entry("a")]), undefined);
	t.equal(server.text(), "<37>Jan  1 00:00:00 trap klaxon[123]: a\n");
});

t.test("a server that resets has not taken it", async (t) => {
	const { why } = await tried(t, (socket) =>
		socket.on("data", () => socket.resetAndDestroy()),
	);
	t.equal(why, "tcp://127.0.0.1: connection reset by peer");
});

t.test("nor one that leaves bytes unread", async (t) => {
	const leave = async (socket: Socket) => {
		socket.pause();
		await sleep(100);
		socket.destroy();
	};
	const { why } = await tried(t, leave, LARGE);
	t.match(
		why,
		/^tcp:\/\/127\.0\.0\.1: (connection reset by peer|broken pipe)$/,
	);
});

t.test("nor one that leaves first, in whatever order", async (t) => {
	const { why } = await tried(t, (socket) => socket.end());
	t.match(why, /: closed by the server( before the end)?$|reset|pipe/);
});

t.test("nor one that reads and never answers our farewell", async (t) => {
	const mute = (socket: Socket) => {
		socket.allowHalfOpen = true;
	};
	const { why, ms } = await tried(t, mute, TWO, { deadlineMs: 1000 });
	t.equal(why, "tcp://127.0.0.1: timed out");
	t.ok(ms < 8000, `${ms} ms`);
});

t.test("nor one that hangs", async (t) => {
	const deaf = (socket: Socket) => void socket.pause();
	const { why } = await tried(t, deaf, TWO, { deadlineMs: 1000 });
	t.equal(why, "tcp://127.0.0.1: timed out");
});

t.test("nor one that isn't there", async (t) => {
	const server = await fake(t);
	server.server.close();
	t.equal(
		await sinkTo(server.port).deliver([entry("a")]),
		`tcp://127.0.0.1:${server.port}: connection refused`,
	);
});
