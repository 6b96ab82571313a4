import { execFile } from "node:child_process";
import { subscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import {
	type AddressInfo,
	connect,
	createServer,
	type Server,
	type Socket,
} from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";
import fc from "fast-check";
import t, { type Test } from "tap";
import { type IdentQuery, queryIdent } from "../../src/trap/ident.ts";

const PORTS = { localPort: 23, remotePort: 6193 };
const PAIR = "6193 , 23";
const JOE = { kind: "user", os: "UNIX", user: "joe" };
const failed = (reason: string) => ({ kind: "failed", reason });

/** Every TCP client socket this process opens, ours and the tests' own. */
const opened: Socket[] = [];
subscribe("net.client.socket", (message) => {
	opened.push((message as { socket: Socket }).socket);
});

async function listen(
	t: Test,
	serve: (socket: Socket) => void,
	host = "127.0.0.1",
): Promise<Server & { port: number }> {
	const sockets = new Set<Socket>();
	const server = createServer((socket) => {
		sockets.add(socket.on("error", () => {}));
		serve(socket);
	}).listen(0, host);
	t.teardown(() => {
		server.close();
		for (const socket of sockets) socket.destroy();
	});
	await once(server, "listening");
	return Object.assign(
		server,
		(server.address() as AddressInfo) && {
			port: (server.address() as AddressInfo).port,
		},
	);
}

/** Asks, and checks what must hold whatever comes: at most one socket, gone; at most 512 bytes taken. */
async function ask(t: Test, identPort: number, more: Partial<IdentQuery> = {}) {
	opened.length = 0;
	const start = performance.now();
	const ident = await queryIdent({
		...PORTS,
		localAddress: "127.0.0.1",
		remoteAddress: "127.0.0.1",
		timeoutMs: 5000,
		identPort,
		...more,
	});
	const took = performance.now() - start;
	t.ok(opened.length <= 1, "one connection at most");
	for (const socket of opened) {
		t.ok(socket.destroyed, "the socket is destroyed");
		t.ok(socket.bytesRead <= 512, `${socket.bytesRead} bytes read`);
	}
	return { ident, took };
}

/** A server that answers each query with these pieces, then does what is asked. */
async function answering(
	t: Test,
	pieces: (string | Uint8Array)[],
	then: (socket: Socket) => void = () => {},
) {
	return listen(t, (socket) => {
		socket.setNoDelay().once("data", async () => {
			for (const piece of pieces) {
				socket.write(piece);
				if (pieces.length > 1) await sleep(1);
			}
			then(socket);
		});
	});
}

const end = (socket: Socket) => socket.end();
const reset = (socket: Socket) => socket.resetAndDestroy();

t.test("the query, and from where it is sent", async (t) => {
	const hosts = [
		["127.0.0.1", "127.0.0.2", "127.0.0.1", "127.0.0.2"],
		["127.0.0.1", "::ffff:127.0.0.3", "::FFFF:127.0.0.1", "127.0.0.3"],
		["::1", "::1", "::1", "::1"],
	] as const;
	for (const [host, localAddress, remoteAddress, seen] of hosts) {
		const queries: string[] = [];
		const serve = (socket: Socket) =>
			socket.on("data", (data) => {
				queries.push(`${socket.remoteAddress} ${data}`);
				socket.write(`${PAIR} : USERID : UNIX : joe\r\n`);
			});
		const { port } = await listen(t, serve, host);
		const { ident } = await ask(t, port, { localAddress, remoteAddress });
		t.strictSame(ident, JOE);
		t.strictSame(queries, [`${seen} ${PAIR}\r\n`]);
	}
});

t.test("replies", async (t) => {
	const cases: [string | Uint8Array, object][] = [
		[`${PAIR}:USERID:UNIX:a b\r\n`, { ...JOE, user: "a b" }],
		[`${PAIR}:USERID:UNIX:\x1b[31mjoe\n`, { ...JOE, user: "\\x1b[31mjoe" }],
		[`${PAIR}:USERID:UNIX:a\0b\r\n`, { ...JOE, user: "a\\x00b" }],
		[`${PAIR}:ERROR:NO-USER\r\n`, { kind: "error", error: "NO-USER" }],
		[`${PAIR}:ERROR:X-ASLEEP\r\n`, { kind: "error", error: "X-ASLEEP" }],
		[`${PAIR}:USERID:UNIX:joe\r\n1 , 2:USERID:UNIX:eve\r\n`, JOE],
		["23 , 6193:USERID:UNIX:joe\r\n", failed("mismatch")],
		["1 , 23:USERID:UNIX:joe\r\n", failed("mismatch")],
		["-6193 , 23:USERID:UNIX:joe\r\n", failed("malformed")],
		["9".repeat(400).concat("\n"), failed("malformed")],
		["HTTP/1.1 400 Bad Request\r\n\r\n", failed("malformed")],
		[`${PAIR}:USERID:UNIX:\r\n`, failed("malformed")],
		["\r\n", failed("malformed")],
		[
			Buffer.concat([Buffer.alloc(400), Buffer.from("\n")]),
			failed("malformed"),
		],
		[Buffer.alloc(512, "a"), failed("too-long")],
	];
	for (const [reply, want] of cases) {
		const { port } = await answering(t, [reply]);
		t.strictSame((await ask(t, port)).ident, want);
	}
});

t.test("a reply in any number of segments", async (t) => {
	const reply = `${PAIR} : USERID : UNIX : joe\r\n`;
	const { port } = await answering(t, [...reply]);
	t.strictSame((await ask(t, port)).ident, JOE, "a byte each");
	await fc.assert(
		fc.asyncProperty(fc.array(fc.nat(reply.length)), async (cuts) => {
			const ends = [0, ...cuts.sort((a, b) => a - b), reply.length];
			const pieces = ends.slice(1).map((end, i) => reply.slice(ends[i], end));
			const { port } = await answering(t, pieces);
			return (await ask(t, port)).ident.kind === "user";
		}),
		{ numRuns: 20 },
	);
	const long = await answering(t, ["a".repeat(300), "b".repeat(300)]);
	t.strictSame((await ask(t, long.port)).ident, failed("too-long"));
});

t.test("the server closes or resets", async (t) => {
	const line = `${PAIR}:USERID:UNIX:joe`;
	const cases: [string[], (socket: Socket) => void, object][] = [
		[[line], end, JOE],
		[[`${line}\r`], end, JOE],
		[[`${line}\r\n`], end, JOE],
		[[], end, failed("closed")],
		[[PAIR], end, failed("malformed")],
		[[], reset, failed("reset")],
		[[PAIR, ""], reset, failed("reset")],
	];
	for (const [pieces, then, want] of cases) {
		const { port } = await answering(t, pieces, then);
		t.strictSame((await ask(t, port)).ident, want);
	}
	const atOnce = await listen(t, reset);
	t.strictSame((await ask(t, atOnce.port)).ident, failed("reset"));
	const shut = await listen(t, end);
	t.strictSame((await ask(t, shut.port)).ident, failed("closed"));
	const late = await answering(t, [`${line}\r\n`], reset);
	t.match((await ask(t, late.port)).ident.kind, /user|failed/);
	await sleep(50); // a late ECONNRESET would end the process here
});

t.test("no server, no way", async (t) => {
	const server = await listen(t, end);
	server.close();
	await once(server, "close");
	const from = (localAddress: string) => ask(t, server.port, { localAddress });
	t.strictSame((await from("127.0.0.2")).ident, failed("refused"));
	t.strictSame((await from("192.0.2.1")).ident, failed("unreachable"));
	t.strictSame((await from("::1")).ident, failed("unreachable"));
	for (const remoteAddress of ["localhost", "", "127.0.0.1.example", "1"]) {
		const { ident } = await ask(t, server.port, { remoteAddress });
		t.strictSame(ident, failed("unreachable"));
		t.equal(opened.length, 0, "nothing is looked up");
	}
	const nonsense = { remoteAddress: "127.0.0.1", identPort: 99_999 };
	const query = { ...PORTS, localAddress: "127.0.0.1", ...nonsense };
	t.strictSame(await queryIdent(query), failed("unreachable"));
});

t.test("one deadline for the whole exchange", async (t) => {
	const drip = (socket: Socket) => {
		const timer = setInterval(() => socket.write("6"), 50);
		socket.on("close", () => clearInterval(timer));
	};
	for (const serve of [() => {}, drip]) {
		const { port } = await listen(t, serve);
		const { ident, took } = await ask(t, port, { timeoutMs: 300 });
		t.strictSame(ident, failed("timeout"));
		t.ok(took > 290 && took < 10_000, `after ${took} ms`);
	}
});

t.test("the deadline covers the connecting as well", async (t) => {
	// A thread that listens and then sleeps for good: its queue fills and the kernel drops the next SYN.
	const worker = new Worker(
		`const server = require("node:net").createServer().listen(0, "127.0.0.1", 1, () => {
			require("node:worker_threads").parentPort.postMessage(server.address().port);
			setTimeout(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0), 50);
		});`,
		{ eval: true },
	);
	const [port] = await once(worker, "message");
	await sleep(100);
	const fillers = Array.from({ length: 4 }, () => connect(port, "127.0.0.1"));
	await sleep(100);
	t.ok(
		fillers.some((socket) => socket.connecting),
		"the queue is full",
	);
	const { ident, took } = await ask(t, port, { timeoutMs: 300 });
	t.strictSame(ident, failed("timeout"));
	t.ok(took > 290 && took < 10_000, `after ${took} ms`);
	for (const socket of fillers) socket.on("error", () => {}).destroy();
	await worker.terminate();
});

t.test("a flood without a line end", async (t) => {
	let sent = 0;
	const gone = Promise.withResolvers<void>();
	const flood = (socket: Socket) => {
		const pour = () => {
			while (sent < 1 << 28 && socket.writable) {
				sent += 1 << 16;
				if (!socket.write(Buffer.alloc(1 << 16, "a"))) return;
			}
		};
		socket.on("drain", pour).on("close", gone.resolve);
		pour();
	};
	const { port } = await listen(t, flood);
	const { ident } = await ask(t, port);
	t.strictSame(ident, failed("too-long"));
	await gone.promise;
	t.ok(sent < 1 << 25, `the server met a closed door after ${sent} bytes`);
});

t.test("refused before a connection is made", async (t) => {
	let connections = 0;
	const { port } = await listen(t, () => connections++);
	const cases = [
		[113, 40000, "loop"],
		[512, 113, "loop"],
		[7, 40000, "service"],
		[540, 40000, "service"],
	] as const;
	for (const [localPort, remotePort, reason] of cases) {
		const { ident } = await ask(t, port, { localPort, remotePort });
		t.strictSame(ident, failed(reason));
		t.equal(opened.length, 0, "no socket was opened");
	}
	t.equal(connections, 0);
});

/** Runs the module alone, in a process of its own that may have 64 descriptors; gives what it prints. */
async function alone(identPort: number, before = "") {
	const query = { ...PORTS, localAddress: "127.0.0.1", identPort };
	const script = `
		const { queryIdent } = await import("./src/trap/ident.ts");
		const { openSync } = await import("node:fs");
		${before}
		const query = ${JSON.stringify({ ...query, remoteAddress: "127.0.0.1" })};
		console.log(JSON.stringify(await queryIdent({ ...query, timeoutMs: 20_000 })));`;
	const args = ["-c", 'ulimit -n 64; exec "$@"', "sh", process.execPath];
	args.push("--input-type=module", "-e", script);
	return JSON.parse((await promisify(execFile)("sh", args)).stdout);
}

t.test("alone: the process ends with its answer, no timer left", async (t) => {
	const start = performance.now();
	const { port } = await answering(t, [`${PAIR}:USERID:UNIX:joe\r\n`]);
	t.strictSame(await alone(port), JOE);
	const silent = await listen(t, end);
	t.strictSame(await alone(silent.port), failed("closed"));
	t.ok(performance.now() - start < 15_000, "well before the deadline");
});

t.test("out of descriptors", async (t) => {
	const hoard = `try { for (;;) openSync("/dev/null"); } catch {}`;
	t.strictSame(await alone(9, hoard), failed("busy"));
});
