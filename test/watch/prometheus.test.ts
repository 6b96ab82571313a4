import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import t, { type Test } from "tap";
import { metrics } from "../../src/watch/exposition.ts";
import { isLoopback, openMetrics } from "../../src/watch/prometheus.ts";
import type { Status } from "../../src/watch/status.ts";
import { BUSY, QUIET } from "./statuses.ts";

async function serve(t: Test, status: () => Status) {
	const server = await openMetrics({ host: "127.0.0.1", port: 0 }, status);
	if (typeof server === "string") throw new Error(server);
	t.teardown(() => {
		server.close();
		server.closeAllConnections();
	});
	return (server.address() as { port: number }).port;
}

/** All that comes back for what is sent, until the connection ends. */
async function talk(port: number, request: string): Promise<string> {
	let text = "";
	const socket = connect(port, "127.0.0.1");
	socket.on("data", (chunk) => {
		text += chunk;
	});
	socket.on("error", () => {});
	socket.write(request);
	await once(socket, "close");
	return text;
}

t.test("metrics and health", async (t) => {
	let status = BUSY;
	const base = `http://127.0.0.1:${await serve(t, () => status)}`;
	const all = await fetch(`${base}/metrics?x=1`);
	t.equal(all.status, 200);
	t.equal(
		all.headers.get("content-type"),
		"text/plain; version=0.0.4; charset=utf-8",
	);
	t.equal(await all.text(), metrics(BUSY));
	const well = await fetch(`${base}/healthz`);
	t.same([well.status, await well.text()], [200, "ok\n"]);
	status = QUIET;
	const blind = await fetch(`${base}/healthz`);
	t.same(
		[blind.status, await blind.text()],
		[503, "blind: no interface is heard\n"],
	);
	const head = await fetch(`${base}/metrics`, { method: "HEAD" });
	t.same([head.status, await head.text()], [200, ""]);
});

t.test("nothing else", async (t) => {
	const base = `http://127.0.0.1:${await serve(t, () => BUSY)}`;
	for (const path of [
		"/",
		"/metrics/",
		"//metrics",
		"/%6detrics",
		"/healthz/..",
	])
		t.equal((await fetch(base + path)).status, 404, path);
	for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
		const { status, headers } = await fetch(`${base}/metrics`, { method });
		t.same([status, headers.get("allow")], [405, "GET, HEAD"], method);
	}
});

t.test("on a loopback address alone", async (t) => {
	const ours = ["127.0.0.1", "127.9.9.9", "::1"];
	const others = ["0.0.0.0", "::", "192.0.2.1", "localhost", "127.0.0.1.x", ""];
	t.same([...ours, ...others].filter(isLoopback), ours);
	t.equal(
		await openMetrics({ host: "0.0.0.0", port: 0 }, () => BUSY),
		"status: 0.0.0.0 is no loopback address: listen on 127.0.0.1 or [::1], and put a proxy before it",
	);
	const port = await serve(t, () => BUSY);
	t.match(
		await openMetrics({ host: "127.0.0.1", port }, () => BUSY),
		/^status: .*EADDRINUSE/,
	);
});

t.test("the slow, the long and the many are cut off", async (t) => {
	const port = await serve(t, () => BUSY);
	const long = `GET /metrics HTTP/1.1\r\nHost: x\r\nX: ${"x".repeat(9000)}\r\n\r\n`;
	t.match(await talk(port, long), /^HTTP\/1\.1 431 /);
	t.match(await talk(port, "nonsense\r\n\r\n"), /^HTTP\/1\.1 400 /);
	const began = Date.now();
	t.match(
		await talk(port, "GET /metrics HTTP/1.1\r\nHo"),
		/^(HTTP\/1\.1 408 |$)/,
	);
	const took = Date.now() - began;
	t.ok(took > 4000 && took < 20_000, `${took} ms`);
	const sockets = Array.from({ length: 40 }, () => connect(port, "127.0.0.1"));
	let cut = 0;
	for (const socket of sockets) {
		socket.on("error", () => {});
		socket.on("close", () => cut++);
		socket.resume();
	}
	await sleep(300);
	t.equal(cut, 24);
	for (const socket of sockets) socket.destroy();
	await sleep(100);
	t.equal((await fetch(`http://127.0.0.1:${port}/healthz`)).status, 200);
});
