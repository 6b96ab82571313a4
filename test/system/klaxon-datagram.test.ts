import { createSocket } from "node:dgram";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { isIPv6 } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import t, { type Test } from "tap";
import {
	enterSandbox,
	type Peer,
	startInetd,
	startSocketActivate,
	startXinetd,
	waitFor,
} from "./harness.ts";
import {
	alertLine,
	inetdLine,
	KLAXON,
	klaxonsOf,
	startLog,
	sum,
	xinetdService,
} from "./klaxon.ts";

enterSandbox(import.meta.url);

const PORT = 69;
const ARGS = "-n --read 12";
/** What a peer sends, and what the line may tell of it. */
const PAYLOADS: [bytes: Buffer, told: string | undefined][] = [
	[Buffer.from("GET / HTTP/1.1"), "GET / HTTP/1"],
	[Buffer.from('\0\x1b[2J"\n\\ü'), String.raw`\x00\x1b[2J\"\x0a\\\xc3\xbc`],
	[Buffer.from("\r\nALERT: host x"), String.raw`\x0d\x0aALERT: hos`],
	[Buffer.alloc(0), undefined],
];

const log = await startLog();

const inetd = (kind: "openbsd" | "inetutils", protos: string[]) => () =>
	startInetd(
		kind,
		protos
			.map((proto) => inetdLine(PORT, ARGS, { proto, wait: "wait" }))
			.join(""),
	);
const activated = (more: string[]) => () =>
	startSocketActivate([
		...["-l", `${PORT}`, "--datagram", ...more],
		...[KLAXON, ...ARGS.split(" ")],
	]);
const servers: Record<string, () => Promise<Peer>> = {
	"openbsd-inetd": inetd("openbsd", ["udp"]),
	"inetutils-inetd": inetd("inetutils", ["udp6"]),
	xinetd: () => {
		const options = { proto: "udp", wait: true, flags: "IPv6" };
		return startXinetd(xinetdService("tftp", PORT, ARGS, options));
	},
	"systemd-socket-activate --datagram": activated([]),
	"systemd-socket-activate --datagram --inetd": activated(["--inetd"]),
};

/** Bytes that wait in the trap's sockets, and datagrams that found no room there. */
function queues(): { waiting: number; dropped: number } {
	const port = PORT.toString(16).padStart(4, "0").toUpperCase();
	const rows = ["udp", "udp6"]
		.flatMap((table) => readFileSync(`/proc/net/${table}`, "utf8").split("\n"))
		.map((line) => line.trim().split(/\s+/))
		.filter((row) => row[1]?.endsWith(`:${port}`));
	return {
		waiting: rows.reduce(
			(total, row) => total + Number.parseInt(row[4]?.split(":")[1] ?? "0", 16),
			0,
		),
		dropped: rows.reduce((total, row) => total + Number(row.at(-1)), 0),
	};
}

/** Sends datagrams from one socket; gives the port they came from. */
async function send(address: string, from: string, payloads: Buffer[]) {
	const socket = createSocket(isIPv6(address) ? "udp6" : "udp4");
	socket.bind(0, from);
	await once(socket, "listening");
	const { port } = socket.address();
	for (const payload of payloads) {
		await new Promise((done) => socket.send(payload, PORT, address, done));
		// A socket holds some 200 of them: what the kernel drops, no trap can count.
		await waitFor("room", () => queues().waiting < 50_000);
	}
	socket.close();
	return port;
}

/** Ends the klaxons when they have read everything; gives what they told. */
async function told(t: Test, server: Peer) {
	await waitFor("empty sockets", () => queues().waiting === 0);
	t.equal(queues().dropped, 0);
	for (const pid of klaxonsOf(server)) process.kill(pid, "SIGTERM");
	await waitFor("their end", () => klaxonsOf(server).length === 0);
	return log.messages();
}

for (const [name, start] of Object.entries(servers))
	t.test(name, async (t) => {
		let server = await start();
		t.teardown(() => server.stop());
		const wanted: string[] = [];
		for (const [address, from] of [
			["127.0.0.1", "127.0.0.9"],
			["::1", "::1"],
		] as const) {
			const payloads = PAYLOADS.map(([bytes]) => bytes);
			const port = await send(address, from, payloads);
			const facts = {
				from: { address: from, port },
				to: { port: PORT },
				service: "tftp",
				proto: "udp",
			} as const;
			for (const [, data] of PAYLOADS)
				wanted.push(
					alertLine(data ? { ...facts, more: `data="${data}"` } : facts),
				);
		}
		const lines = await told(t, server);
		t.strictSame(lines.sort(), wanted.sort(), "one alert a datagram");

		// systemd-socket-activate has become klaxon; systemd itself would start it again.
		await server.stop();
		server = await start();
		await send("127.0.0.1", "127.0.0.9", Array(500).fill(Buffer.from("x")));
		const burst = await told(t, server);
		t.equal(sum(burst), 500, "singles and folds are the datagrams");
		t.ok(burst.length >= 11 && burst.length < 20, "most were folded");
		t.match(
			burst.at(-1),
			/^ALERT: host 127\.0\.0\.9 accessing port tftp \d+ more times in \d+s kind=connection proto=udp dport=69 count=\d+$/,
		);
	});

t.test("none is lost while it leaves because nobody came", async (t) => {
	const idle = 30; // ms
	const args = `-n --idle ${idle / 1000}`;
	const options = { proto: "udp", wait: "wait.10000" };
	const server = await startInetd("openbsd", inetdLine(PORT, args, options));
	t.teardown(() => server.stop());
	for (let round = 0; round < 30; round++) {
		const burst = Array(10).fill(Buffer.from("x"));
		await send("127.0.0.1", "127.0.0.9", burst);
		await waitFor("empty sockets", () => queues().waiting === 0);
		await sleep(idle - 5 + (round % 10));
	}
	await waitFor("empty sockets", () => queues().waiting === 0);
	t.equal(sum(await told(t, server)), 300);
});
