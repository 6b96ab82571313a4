import { createSocket } from "node:dgram";
import { once } from "node:events";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import t, { type Test } from "tap";
import { type RemoteOptions, remoteSink } from "../../src/delivery/remote.ts";
import { waitFor } from "../system/wait.ts";
import { entry, fake, HOSTNAME, SENDER, timed, wire } from "./servers.ts";

type Via = "udp" | "tcp";
const HOST = "127.0.0.1";
const PORT = 7; // nobody listens there

function sinkTo(
	t: Test,
	via: Via,
	port: number,
	opts: RemoteOptions = {},
	host = HOST,
) {
	const sink = remoteSink({ via, host, port }, SENDER, {
		hostname: HOSTNAME,
		...opts,
	});
	t.teardown(() => sink.close());
	return sink;
}

async function udpServer(t: Test, port = 0) {
	const socket = createSocket("udp4");
	const got: string[] = [];
	socket.on("message", (bytes) => got.push(String(bytes)));
	socket.bind(port, HOST);
	await once(socket, "listening");
	let open = true;
	const close = async () => {
		if (open) await new Promise<void>((done) => socket.close(done));
		open = false;
	};
	t.teardown(close);
	return { got, close, port: socket.address().port };
}

t.test("udp", async (t) => {
	for (const host of [HOST, "localhost"])
		t.test(`to ${host}: one message a datagram`, async (t) => {
			const server = await udpServer(t);
			const sink = sinkTo(t, "udp", server.port, {}, host);
			const [ms, why] = await timed(sink.deliver([entry("a"), entry("b")]));
			t.equal(why, undefined);
			t.ok(ms < 4000, `${ms} ms`);
			t.equal(await sink.deliver([entry("c")]), undefined);
			t.equal(await sink.close(), undefined);
			t.strictSame(server.got, [wire("a"), wire("b"), wire("c")]);
		});

	t.test("to a closed port is not delivered", async (t) => {
		const { port, close } = await udpServer(t);
		await close();
		const sink = sinkTo(t, "udp", port);
		const batch = [entry("a"), entry("b")];
		const refused = `udp://127.0.0.1:${port}: connection refused`;
		t.equal(await sink.deliver(batch), refused);
		t.equal(await sink.deliver(batch), refused);
		const server = await udpServer(t, port);
		t.equal(await sink.deliver([entry("c")]), undefined);
		t.strictSame(server.got, [wire("c")]);
		await server.close();
		t.equal(await sink.deliver([entry("d")]), refused);
		t.equal(await sink.close(), undefined, "nothing else was lost");
	});

	t.test("the server comes back between two batches", async (t) => {
		const first = await udpServer(t);
		const sink = sinkTo(t, "udp", first.port);
		await sink.deliver([entry("a")]);
		await first.close();
		const second = await udpServer(t, first.port);
		t.equal(await sink.deliver([entry("b")]), undefined);
		t.strictSame(second.got, [wire("b")]);
	});

	t.test("a host that can't be reached", async (t) => {
		const sink = sinkTo(t, "udp", PORT, {}, "255.255.255.255");
		t.equal(
			await sink.deliver([entry("a")]),
			"udp://255.255.255.255:7: permission denied",
		);
	});
});

t.test("tcp", async (t) => {
	t.test("all batches by one connection, closed by a FIN", async (t) => {
		const server = await fake(t);
		const sink = sinkTo(t, "tcp", server.port);
		t.equal(await sink.deliver([entry("a"), entry("b")]), undefined);
		await sleep(20);
		t.equal(await sink.deliver([entry("c")]), undefined);
		t.equal(await sink.close(), undefined);
		t.equal(server.text(), ["a", "b", "c"].map((l) => `${wire(l)}\n`).join(""));
		t.equal(server.sockets.length, 1);
	});

	t.test("refused, then there", async (t) => {
		const gone = await fake(t);
		await new Promise((done) => gone.server.close(done));
		const sink = sinkTo(t, "tcp", gone.port);
		t.equal(
			await sink.deliver([entry("a")]),
			`tcp://127.0.0.1:${gone.port}: connection refused`,
		);
		const server = await fake(t, undefined, undefined, HOST, gone.port);
		t.equal(await sink.deliver([entry("b")]), undefined);
		t.equal(await sink.close(), undefined);
		t.equal(server.text(), `${wire("b")}\n`);
	});

	t.test("refused by IPv6", async (t) => {
		const sink = sinkTo(t, "tcp", PORT, {}, "::1");
		const why = await sink.deliver([entry("a")]);
		t.match(why, /^tcp:\/\/\[::1\]:7: /);
		t.equal(await sink.close(), undefined, "nothing else was lost");
	});

	t.test("a name that is none", async (t) => {
		const why = await sinkTo(t, "tcp", PORT, {}, "no.such.invalid").deliver([
			entry("a"),
		]);
		t.match(why, /^tcp:\/\/no\.such\.invalid:7: (no such host|temporary fail)/);
	});

	t.test("a server that closes after each message", async (t) => {
		const server = await fake(t, (socket) =>
			socket.once("data", () => socket.end("bye")),
		);
		const sink = sinkTo(t, "tcp", server.port);
		for (const [i, line] of ["a", "b", "c"].entries()) {
			t.equal(await sink.deliver([entry(line)]), undefined);
			await waitFor("the end", () => server.sockets[i]?.readableEnded);
		}
		t.equal(await sink.close(), undefined);
		t.equal(server.text(), ["a", "b", "c"].map((l) => `${wire(l)}\n`).join(""));
		t.equal(server.sockets.length, 3);
	});
});

t.test("tcp that breaks", async (t) => {
	const reset = (socket: Socket, number: number) => {
		if (number === 1) socket.once("data", () => socket.resetAndDestroy());
	};

	t.test("after a batch was taken: it goes again with the next", async (t) => {
		const server = await fake(t, reset);
		const sink = sinkTo(t, "tcp", server.port);
		t.equal(await sink.deliver([entry("a")]), undefined);
		await sleep(20);
		t.equal(await sink.deliver([entry("b")]), undefined);
		t.equal(await sink.close(), undefined);
		t.equal(server.text(), ["a", "a", "b"].map((l) => `${wire(l)}\n`).join(""));
	});

	t.test("after the last batch: close() tells", async (t) => {
		const server = await fake(t, reset);
		const sink = sinkTo(t, "tcp", server.port);
		t.equal(await sink.deliver([entry("a")]), undefined);
		await sleep(20);
		t.equal(
			await sink.close(),
			`tcp://127.0.0.1:${server.port}: connection reset by peer, the last lines may be lost`,
		);
		t.equal(await sink.close(), undefined, "once");
	});

	t.test("at once", async (t) => {
		const server = await fake(t, (socket) => socket.resetAndDestroy());
		const sink = sinkTo(t, "tcp", server.port);
		const delivered = await sink.deliver([entry("a")]);
		const closed = await sink.close();
		t.match(delivered ?? closed, /connection reset by peer|broken pipe/);
	});

	t.test("and the server stays away: the next batch fails", async (t) => {
		const server = await fake(t, reset);
		const sink = sinkTo(t, "tcp", server.port);
		t.equal(await sink.deliver([entry("a")]), undefined);
		server.server.close();
		await sleep(20);
		t.match(await sink.deliver([entry("b")]), /connection refused$/);
		t.match(await sink.deliver([entry("c")]), /connection refused$/);
		t.match(await sink.close(), /reset by peer, the last lines may be lost$/);
	});

	t.test("by never reading", async (t) => {
		const server = await fake(t, (socket) => socket.pause());
		const sink = sinkTo(t, "tcp", server.port, { deadlineMs: 300 });
		const batch = Array.from({ length: 20_000 }, () => entry("x".repeat(1000)));
		const [ms, why] = await timed(sink.deliver(batch));
		t.equal(why, `tcp://127.0.0.1:${server.port}: timed out`);
		t.ok(ms < 4000, `${ms} ms`);
		t.equal(await sink.close(), undefined, "nothing else was lost");
	});

	t.test("by never closing", async (t) => {
		const server = await fake(t, (socket) => {
			socket.allowHalfOpen = true;
		});
		const sink = sinkTo(t, "tcp", server.port, { farewellMs: 100 });
		t.equal(await sink.deliver([entry("a")]), undefined);
		const [ms, why] = await timed(sink.close());
		t.match(why, /no answer to our farewell, the last lines may be lost$/);
		t.ok(ms < 1900, `${ms} ms`);
	});
});
