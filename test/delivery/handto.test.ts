import { once } from "node:events";
import { chownSync, writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import fc from "fast-check";
import t, { type Test } from "tap";
import {
	handoverSink,
	requestsOf,
	socketIn,
	socketOf,
} from "../../src/delivery/handto.ts";
import type { Entry } from "../../src/delivery/sink.ts";
import type { Received } from "../../src/handover/received.ts";
import { parseRequest } from "../../src/handover/request.ts";
import { open, scratch } from "../handover/guest.ts";
import { CONNECTION, connections, TIME } from "../handover/samples.ts";

const DEFAULT = "/run/tocsin/tocsin.sock";

const entry = (service = "rexec"): Entry => ({
	time: TIME,
	level: "notice",
	line: "ALERT: ...",
	alert: { ...CONNECTION, service },
});

/** A tocsin that remembers what it took. */
async function tocsin(t: Test, why?: string) {
	const taken: Received[] = [];
	const { path } = await open(t, {
		onAlerts(alerts) {
			taken.push(...alerts);
			return why;
		},
	});
	return { path, taken };
}

/** Something that listens and is no tocsin. */
async function impostor(t: Test, onConnection: (socket: Socket) => void) {
	const path = `${scratch(t)}/sock`;
	const server = createServer((socket) => {
		socket.on("error", () => {});
		onConnection(socket);
	}).listen(path);
	await once(server, "listening");
	t.teardown(() => server.close());
	return path;
}

t.test("where the socket is, without reading TOML", async (t) => {
	for (const [text, path] of [
		["", DEFAULT],
		["# socket = '/x'\n[watch]\n", DEFAULT],
		['socket = "/run/x.sock"', "/run/x.sock"],
		["state = '/s'\n  socket='/run/x' # here\r\n[watch]", "/run/x"],
		['\n[[sink]]\nsocket = "/run/x.sock"\n', DEFAULT],
		['[a]\nsocket = "/run/x.sock"\n', DEFAULT],
		['my_socket = "/run/x.sock"\n', DEFAULT],
		['socket = "/run/\\u0041"', undefined],
		['socket = "run/x"', undefined],
		['socket = ""', undefined],
		["socket = 1", undefined],
		["socket = '''/x'''", undefined],
		['socket = "/x" "', undefined],
	] as const)
		t.equal(socketIn(text), path, JSON.stringify(text));
	t.equal(socketOf(`${scratch(t)}/none`), undefined);
	t.doesNotThrow(() =>
		fc.assert(fc.property(fc.string(), (text) => void socketIn(text))),
	);
});

t.test("a running tocsin gets the alerts, each with a name", async (t) => {
	const { path, taken } = await tocsin(t);
	const sink = handoverSink(path);
	const entries = [entry("a"), { ...entry("b"), id: "b1" }];
	const about: Entry = { time: TIME, level: "err", line: "klaxon: full" };
	t.equal(await sink.deliver([...entries, about]), undefined);
	t.match(entries[0]?.id, /^[\da-f]{8}-[\da-f-]{27}$/);
	t.same(
		taken,
		entries.map(({ id, alert }) => ({ id, alert })),
	);
	t.equal(await sink.deliver([about]), undefined, "nothing to hand over");
	t.equal(await sink.deliver([entry("c")]), undefined, "and once more");
	t.equal(taken.length, 3);
	t.equal(await sink.close(), undefined);
});

t.test("many go in several requests", async (t) => {
	const { path, taken } = await tocsin(t);
	const entries = Array.from({ length: 1000 }, (_, i) => entry(`t${i}`));
	t.equal(await handoverSink(path).deliver(entries), undefined);
	t.same(
		taken.map(({ alert }) => alert.service),
		entries.map((_, i) => `t${i}`),
	);
});

t.test("property: every request keeps to the limits", async () => {
	fc.assert(
		fc.property(fc.array(connections, { maxLength: 300 }), (alerts) => {
			const entries = alerts.map((alert) => ({ ...entry(), alert }));
			const read = requestsOf(entries).map((line) =>
				parseRequest(line.slice(0, -1), TIME),
			);
			const got = read.flatMap((request) =>
				typeof request === "object" && request.want === "handover"
					? request.alerts
					: [undefined],
			);
			const sizes = requestsOf(entries).map((line) => Buffer.byteLength(line));
			return (
				sizes.every((size) => size <= 65_537) &&
				JSON.stringify(got.map((each) => each?.alert.data)) ===
					JSON.stringify(alerts.map(({ data }) => data))
			);
		}),
		{ numRuns: 20 },
	);
});

t.test("no tocsin: the reason", async (t) => {
	const folder = scratch(t);
	const none = `${folder}/none`;
	const entries = [entry()];
	t.equal(
		await handoverSink(none).deliver(entries),
		`${none}: no tocsin runs here`,
	);
	writeFileSync(`${folder}/file`, "");
	t.equal(
		await handoverSink(`${folder}/file`).deliver(entries),
		`${folder}/file: not a socket`,
	);
	t.equal(
		await handoverSink(`${folder}/file/sock`).deliver(entries),
		`${folder}/file/sock: no way there: ENOTDIR`,
	);
	const { path } = await tocsin(t, "the disk is full\u001b");
	t.equal(
		await handoverSink(path).deliver(entries),
		`${path}: the disk is full\\x1b`,
	);
});

t.test("a person's socket may swallow alerts: not there", async (t) => {
	const { path, taken } = await tocsin(t);
	if (process.getuid?.() !== 0) {
		const own = process.getuid?.();
		t.equal(await handoverSink(path, own).deliver([entry()]), undefined);
		return;
	}
	for (const uid of [0, 1, 999, 61_184, 65_519, 65_534]) {
		chownSync(path, uid, 0);
		t.equal(await handoverSink(path).deliver([entry()]), undefined);
	}
	for (const uid of [1000, 61_183]) {
		chownSync(path, uid, 0);
		t.equal(
			await handoverSink(path).deliver([entry()]),
			`${path}: belongs to user ${uid}, who is no service`,
		);
		t.equal(await handoverSink(path, uid).deliver([entry()]), undefined);
	}
	t.equal(taken.length, 8);
});

t.test("one that answers nonsense, or nothing, or leaves", async (t) => {
	for (const [said, why] of [
		["\n", "the answer is no JSON"],
		["{", "no answer"],
		['{"taken":"all"}\n', "no answer"],
		["null\n", "no answer"],
		["x".repeat(1 << 20), "no answer"],
	] as const) {
		const path = await impostor(t, (socket) => void socket.end(said));
		t.equal(
			await handoverSink(path).deliver([entry()]),
			`${path}: ${why}`,
			said.slice(0, 20),
		);
	}
	const gone = await impostor(t, (socket) => socket.destroy());
	t.equal(await handoverSink(gone).deliver([entry()]), `${gone}: no answer`);
});

t.test("one that hangs costs a second", async (t) => {
	const path = await impostor(t, () => {});
	const began = Date.now();
	t.equal(await handoverSink(path).deliver([entry()]), `${path}: no answer`);
	const took = Date.now() - began;
	t.ok(took > 900 && took < 5000, `${took} ms`);
});

t.test("without the runtime's inner modules node:net does it", async (t) => {
	const { path, taken } = await tocsin(t);
	const runtime = process as unknown as { binding: unknown };
	const { binding } = runtime;
	t.teardown(() => {
		runtime.binding = binding;
	});
	runtime.binding = undefined;
	t.equal(await handoverSink(path).deliver([entry()]), undefined);
	t.equal(taken.length, 1);
});
