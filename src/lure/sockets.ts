import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import type { Answer } from "../detect/poison.ts";
import { encodeQuestion, PORT, type Question, TTL } from "./question.ts";

/** Questions without root: each leaves through a socket of its own, which hears what is answered to it. */
export interface NameSockets {
	/** Sends a question from its own address, from its port where that is free, else from any. */
	send(question: Question): void;
	close(): void;
}

export interface NameSocketsWorld {
	/** A datagram came in. */
	answer(answer: Answer): void;
	/** A question could not be sent; the message names the interface and the address. */
	failed(message: string): void;
	now(): number;
}

/** A link-local address of IPv6 needs its interface (RFC 4007 section 11.2). */
const zoned = ({ version, from, interface: name }: Question) =>
	version === 6 ? `${from}%${name}` : from;

const keyOf = ({ protocol, interface: name, from, sport, version }: Question) =>
	`${protocol} ${version} ${name} ${from} ${sport}`;

const withoutZone = (address: string) => address.replace(/%.*$/, "");

/** The groups' routes: out by this interface, with the TTL that their RFCs want, unheard by ourselves. */
function aim(
	socket: Socket,
	{ protocol, version, interface: name, from }: Question,
) {
	if (protocol === "nbns") return socket.setBroadcast(true);
	socket.setMulticastTTL(TTL[protocol]);
	socket.setMulticastLoopback(false);
	socket.setMulticastInterface(version === 6 ? `::%${name}` : from);
}

/** Binds to the port or, where it is taken or needs root (137), to any. */
function bind(
	socket: Socket,
	question: Question,
	done: (error?: Error) => void,
): void {
	const address = zoned(question);
	const onListening = () => done();
	socket.once("error", () => {
		socket.once("error", done);
		socket.bind({ port: 0, address, exclusive: true });
	});
	socket.once("listening", onListening);
	// 5353 may be the system's mDNS responder, which would take the answers.
	const port = question.sport === PORT.mdns ? 0 : question.sport;
	socket.bind({ port, address, exclusive: true });
}

export function createNameSockets({
	answer,
	failed,
	now,
}: NameSocketsWorld): NameSockets {
	/** Resolves to undefined where no socket could be had. */
	const sockets = new Map<string, Promise<Socket | undefined>>();
	const open = new Set<Socket>();
	const fail = (question: Question, error: Error) =>
		failed(
			`${question.interface}: cannot ask from ${question.from}: ${error.message}`,
		);

	function hear(question: Question, payload: Buffer, peer: RemoteInfo): void {
		const { protocol, version, interface: name, from } = question;
		answer({
			protocol,
			version,
			interface: name,
			ip: withoutZone(peer.address),
			port: peer.port,
			to: from,
			payload,
			time: now(),
		});
	}

	function connect(question: Question): Promise<Socket | undefined> {
		const socket = createSocket(question.version === 6 ? "udp6" : "udp4");
		open.add(socket);
		socket.on("message", (payload, peer) => hear(question, payload, peer));
		return new Promise((resolve) => {
			bind(socket, question, (error) => {
				try {
					if (error) throw error;
					socket.on("error", (later) => fail(question, later));
					aim(socket, question);
					resolve(socket);
				} catch (cause) {
					fail(question, cause as Error);
					resolve(undefined);
				}
			});
		});
	}

	return {
		send(question) {
			const key = keyOf(question);
			const ready = sockets.get(key) ?? connect(question);
			sockets.set(key, ready);
			const { protocol, version, to, interface: name } = question;
			const target = version === 6 ? `${to}%${name}` : to;
			void ready.then((socket) => {
				if (!socket || !open.has(socket)) return;
				socket.send(
					encodeQuestion(question),
					PORT[protocol],
					target,
					(error) => {
						if (error) fail(question, error);
					},
				);
			});
		},
		close() {
			for (const socket of open) socket.close();
			open.clear();
			sockets.clear();
		},
	};
}
