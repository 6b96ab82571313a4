/** Clients of services, over IPv4 and IPv6, in whatever way they end: nothing to tell. */
import { once } from "node:events";
import { createServer as createHttp } from "node:http";
import { connect, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import t from "tap";
import { enterSandbox } from "./harness.ts";
import {
	listenForAlarms,
	runOn,
	serve,
	startOn,
	takeSilently,
} from "./tocsin-silence.ts";

enterSandbox(import.meta.url);

const { alice, bob, silent } = await listenForAlarms(t);

/** Watched ports among them: what is served is no trap. */
const SERVED = [22, 23, 80, 443, 3306, 8080];
/** Syslog, collectors of flows and figures: nobody answers. */
const TAKING = [514, 2055, 4739, 6343, 8125, 25_826];
for (const port of SERVED) await serve(port);
for (const port of TAKING) await takeSilently(port);
const http = createHttp((_, answer) => answer.end("hello")).unref();
await once(http.listen(8000, "::"), "listening");

// What takes its time runs beside all else, and every test looks at it.
const beside = [
	runOn(
		alice,
		`for (let i = 0; i < 8; i++) for (const port of ${JSON.stringify(TAKING)}) {
			for (const [n, host] of HOME.entries()) {
				const s = await open(n ? 6 : 4);
				s.send("x", port, host, () => s.close());
			}
			await sleep(250);
		}`,
	),
	// monitoring of six services each 5 s, and a health check each second
	runOn(
		bob,
		`for (let i = 0; i < 12; i++) {
			for (const host of HOME) {
				await ask(8080, host, (s) => s.destroy());
				if (i % 5 === 0) for (const port of ${JSON.stringify(SERVED)}) await ask(port, host);
			}
			await sleep(950);
		}`,
	),
];

silent("200 requests, one after another, and 30 at once", () =>
	runOn(
		alice,
		`const get = (s) => s.write("GET / HTTP/1.0\\r\\n\\r\\n");
		for (let i = 0; i < 200; i++) await ask(8000, HOME[i % 2], get);
		await Promise.all(Array.from({ length: 30 }, (_, i) => ask(8000, HOME[i % 2], get)));`,
	),
);

silent("sessions that the client resets, before and after data", () =>
	runOn(
		alice,
		`for (const host of HOME) for (const port of ${JSON.stringify([...SERVED, 8000])}) {
			await ask(port, host, (s) => s.resetAndDestroy());
			await ask(port, host, (s) => s.write("x", () => s.resetAndDestroy()));
		}`,
	),
);

silent("sessions that the server resets while data comes", async () => {
	const server = createServer((socket) => {
		socket.on("error", () => {});
		socket.once("data", () => socket.resetAndDestroy());
	}).listen(5900, "::");
	await runOn(
		alice,
		`for (let i = 0; i < 20; i++) await ask(5900, HOME[i % 2], (s) => {
			for (let n = 0; n < 20; n++) s.write(Buffer.alloc(60000));
		});`,
	);
	server.close();
});

silent("30 passive data connections, each to a port of its own", async () => {
	const dialer = await startOn(
		alice,
		`net.createServer((s) => s.on("data", async (port) => {
			await ask(Number(port), HOME[Number(port) % 2]);
			s.end();
		})).listen(4000, () => console.log("ready"))`,
	);
	for (let i = 0; i < 30; i++) {
		const server = await serve(0);
		const socket = connect(4000, alice.ipv4);
		socket.write(`${(server.address() as { port: number }).port}`);
		socket.resume();
		await once(socket, "close");
		server.close();
	}
	await dialer.stop();
});

silent("clients whose server is restarted", async () => {
	const first = await startOn(
		undefined,
		`net.createServer((s) => s.on("error", () => {}).resume())
			.listen(6379, "::", () => console.log("ready"))`,
	);
	const clients = runOn(
		alice,
		`await Promise.all(HOME.map(async (host) => {
			const s = net.connect({ port: 6379, host, allowHalfOpen: true });
			s.on("error", () => {}).resume();
			for (let i = 0; i < 20; i++) { s.write("data"); await sleep(50); }
			await ask(6379, host);
			await sleep(800);
			await ask(6379, host);
		}))`,
	);
	await sleep(500);
	await first.stop("SIGKILL");
	await sleep(900);
	const second = await serve(6379);
	await clients;
	second.close();
});

silent("replies to our queries, the late ones too", async () => {
	const servers = await startOn(
		bob,
		`for (const version of [4, 6]) for (const port of [53, 123]) {
			const s = await open(version, port);
			s.on("message", (_, { port, address }) => setTimeout(() => s.send("answer", port, address), 200));
		}
		console.log("ready");`,
	);
	await runOn(
		undefined,
		`for (let i = 0; i < 120; i++) {
			const [version, host] = i % 2 ? [4, "${bob.ipv4}"] : [6, "${bob.ipv6}"];
			const s = await open(version);
			// two thirds are gone when the answer comes, and the kernel refuses it
			s.send("question", i % 4 < 2 ? 53 : 123, host, () => setTimeout(() => s.close(), i % 3 ? 0 : 400));
			await sleep(10);
		}
		await sleep(300);`,
	);
	await servers.stop();
});

silent("traceroute by UDP that ends at us", () =>
	runOn(
		alice,
		`for (let i = 0; i < 30; i++) {
			const s = await open(4);
			s.setTTL(1 + (i % 8));
			s.send(Buffer.alloc(32), 33434 + i, HOME[0], () => s.close());
			await sleep(20);
		}`,
	),
);

silent("collectors that never answer, monitoring, health checks", () =>
	Promise.all(beside),
);
