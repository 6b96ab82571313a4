/** Servers of mail, webhooks and syslog that misbehave as they are told, and keep what they took. */
import { once } from "node:events";
import { createServer as createHttp, type ServerResponse } from "node:http";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { SMTPServer } from "smtp-server";
import { parseMime } from "../delivery/mime.ts";

/**
 * How a server is: `refuse` is a closed port; `hang` takes what comes and doesn't answer, or reads nothing;
 * `reset` ends the connection before or after it has read all; `error` answers 500, 451, or by closing at once.
 */
export const MOODS = [
	"well",
	"slow",
	"refuse",
	"hang",
	"reset",
	"error",
] as const;
export type Mood = (typeof MOODS)[number];

/** What a server took. */
export interface Taken {
	/** The text of a batch. */
	text: string;
	/** Whether the sender was told so. */
	isTold: boolean;
}

/** A server of one sink. */
export interface Server {
	port: number;
	taken: readonly Taken[];
	/** Other moods from now on; who hung is cut off. */
	become(mood: Mood): Promise<void>;
	close(): Promise<void>;
}

/** What a server's protocol is given. */
interface Front {
	mood(): Mood;
	/** From 0 to below 1, by the test's seed. */
	random(): number;
	/** Keeps what came; `isTold` may be set later. */
	keep(text: string): Taken;
}

/** ms that a slow server takes. */
const SLOW_MS = 200;

/** The port that opens and closes before a protocol, with connections that hang or are reset before a word. */
async function serverOf(
	random: () => number,
	open: (front: Front) => (socket: Socket) => void,
): Promise<Server> {
	let mood: Mood = "well";
	const taken: Taken[] = [];
	const sockets = new Set<Socket>();
	const serve = open({
		mood: () => mood,
		random,
		keep(text) {
			const one = { text, isTold: false };
			taken.push(one);
			return one;
		},
	});
	// The mood is that of the moment when a batch is there, since a connection may be older.
	const front = createServer({ allowHalfOpen: true }, (socket) => {
		sockets.add(socket);
		socket.on("close", () => sockets.delete(socket));
		socket.on("error", () => {});
		const isEarly = random() < 0.3;
		if (isEarly && mood === "reset") socket.resetAndDestroy();
		else if (!isEarly || mood !== "hang") serve(socket);
	});
	front.listen(0, "127.0.0.1");
	await once(front, "listening");
	const { port } = front.address() as AddressInfo;

	async function shut(): Promise<void> {
		if (!front.listening) return;
		front.close();
		await sleep(1);
	}

	/** By a reset: a syslog server that has read all and closes in good order says that it took it. */
	function cutOff(): void {
		for (const socket of sockets) socket.resetAndDestroy();
	}

	return {
		port,
		taken,
		async become(next) {
			if (mood === "hang") cutOff();
			mood = next;
			if (next === "refuse") await shut();
			else if (!front.listening) {
				front.listen(port, "127.0.0.1");
				await once(front, "listening");
			}
		},
		async close() {
			await shut();
			cutOff();
		},
	};
}

/** HTTP: 200, 500, or nothing. */
export const webServer = (random: () => number): Promise<Server> =>
	serverOf(random, ({ mood, keep }) => {
		async function answer(response: ServerResponse, text: string) {
			const now = mood();
			if (now === "error") {
				response.writeHead(500).end("no");
				return;
			}
			const one = keep(text);
			if (now === "hang") return;
			if (now === "reset") {
				response.socket?.resetAndDestroy();
				return;
			}
			if (now === "slow") await sleep(SLOW_MS);
			response.end("ok", () => {
				one.isTold = true;
			});
		}
		const http = createHttp((request, response) => {
			let text = "";
			request.on("data", (chunk) => {
				text += chunk;
			});
			request.on("error", () => {});
			request.on("end", () => answer(response, text));
		});
		return (socket) => http.emit("connection", socket);
	});

/** SMTP without TLS: 250, 451 to the mail as a whole, or nothing. */
export const mailServer = (random: () => number): Promise<Server> =>
	serverOf(random, ({ mood, keep }) => {
		const sockets = new Map<number | undefined, Socket>();
		const smtp = new SMTPServer({
			authOptional: true,
			disabledCommands: ["STARTTLS"],
			disableReverseLookup: true,
			onData(stream, { remotePort }, done) {
				const chunks: Buffer[] = [];
				stream.on("data", (chunk) => chunks.push(chunk));
				stream.on("end", async () => {
					const now = mood();
					if (now === "error")
						return done(
							Object.assign(new Error("not now"), { responseCode: 451 }),
						);
					const raw = Buffer.concat(chunks).toString("latin1");
					const one = keep(parseMime(raw).body);
					if (now === "hang") return;
					if (now === "reset")
						return sockets.get(remotePort)?.resetAndDestroy();
					if (now === "slow") await sleep(SLOW_MS);
					one.isTold = true;
					done();
				});
			},
		});
		smtp.on("error", () => {});
		return (socket) => {
			const { remotePort } = socket;
			sockets.set(remotePort, socket);
			socket.on("close", () => sockets.delete(remotePort));
			smtp.server.emit("connection", socket);
		};
	});

/** Syslog over TCP: who has read to the end closes in good order, and that is all it says. */
export const syslogServer = (random: () => number): Promise<Server> =>
	serverOf(random, ({ mood, keep }) => (socket) => {
		if (mood() === "error") {
			socket.end();
			socket.destroy();
			return;
		}
		const one = keep("");
		socket.on("data", (chunk) => {
			one.text += chunk;
			if (mood() === "reset") socket.resetAndDestroy();
		});
		socket.on("end", async () => {
			if (mood() === "hang") return;
			if (mood() === "slow") await sleep(SLOW_MS);
			one.isTold = !socket.destroyed;
			socket.end();
		});
	});
