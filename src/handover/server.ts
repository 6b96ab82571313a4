import { createServer, type Socket } from "node:net";
import type { Popup } from "../delivery/desktop.ts";
import { type Credentials, credentialsOf } from "../runtime/peercred.ts";
import type { Allowed } from "./allowed.ts";
import { createLines } from "./lines.ts";
import { listenAt, type Place } from "./place.ts";
import { MAX_REQUEST, REQUEST_MS } from "./protocol.ts";
import type { Received } from "./received.ts";
import { parseRequest } from "./request.ts";

/** Connections at once; whoever comes beyond is cut off, and a klaxon then delivers itself. */
const MAX_CONNECTIONS = 256;
/** Connections of a user who may not hand over: no one person can keep klaxons out. */
const MAX_OF_STRANGER = 16;
/** Bytes that wait for a subscriber that doesn't read; with more it is cut off. */
const MAX_BACKLOG = 1 << 18;
/** Connections that wait to be accepted: listen(2), up to net.core.somaxconn. */
const BACKLOG = 1024;

/** What the socket needs of the world. */
export interface ControlWorld {
	/** Absolute. */
	path: string;
	/** ms since the epoch */
	now(): number;
	allowed: Allowed;
	/** Takes alerts, so that they survive us; a sentence where it can't. */
	onAlerts(
		alerts: Received[],
	): string | undefined | Promise<string | undefined>;
	status(): object;
	/** Shows a popup on the desktops of users, everybody's where none is named; how many heard of it. */
	onPopup(popup: Popup, users: readonly string[]): number;
	/** Who is connected; by default the kernel is asked. */
	whoIs?: (socket: Socket) => Credentials | undefined;
}

/** The socket of a running tocsin. */
export interface Control {
	/** Sends an object as a line to the subscribers that `wants` picks, by default to all; how many. */
	broadcast(message: object, wants?: (uid: number) => boolean): number;
	/** Subscribers there are. */
	desktops(): number;
	/** Ends all connections, and takes the file away. */
	close(): Promise<void>;
}

/** Somebody who is connected. */
interface Client {
	socket: Socket;
	uid: number | undefined;
	subscribed: boolean;
}

interface Answer {
	say: object;
	/** No further request is read. */
	last: boolean;
}

const refuse = (error: string): Answer => ({ say: { error }, last: true });
const grant = (say: object): Answer => ({ say, last: false });

async function answer(
	line: string,
	client: Client,
	world: ControlWorld,
): Promise<Answer> {
	const { uid } = client;
	const { allowed } = world;
	const request = parseRequest(line, world.now());
	if (typeof request === "string") return refuse(request);
	if (request.want === "status") return grant(world.status());
	if (request.want === "subscribe") {
		if (uid === undefined || !allowed.subscribe(uid))
			return refuse(`user ${uid} is not among the users of a desktop sink`);
		client.subscribed = true;
		return grant({ subscribed: "desktop" });
	}
	if (uid === undefined || !allowed.handover(uid))
		return refuse(`user ${uid} may not hand over alerts: list it in handover`);
	if (request.want === "popup")
		return grant({ told: world.onPopup(request.popup, request.users) });
	const why = await world.onAlerts(request.alerts);
	return why === undefined
		? grant({ taken: request.alerts.length })
		: refuse(why);
}

/** Resolves when the system has taken it; to false when the connection is gone. */
const say = ({ socket }: Client, message: object) =>
	new Promise<boolean>((resolve) => {
		socket.write(`${JSON.stringify(message)}\n`, (error) => resolve(!error));
	});

/** Talks with a client until it has no more to ask. One answer is taken before the next request is looked at. */
async function converse(client: Client, world: ControlWorld): Promise<void> {
	const { socket } = client;
	const lines = createLines(MAX_REQUEST);
	const deadline = setTimeout(() => socket.destroy(), REQUEST_MS);
	socket.on("close", () => clearTimeout(deadline));
	for await (const chunk of socket) {
		if (client.subscribed) return; // it has nothing more to say
		const complete = lines.push(chunk);
		if (!complete) {
			await say(client, { error: `longer than ${MAX_REQUEST} bytes` });
			return;
		}
		for (const line of complete) {
			const { say: message, last } = await answer(line, client, world);
			if (!(await say(client, message)) || last) return;
			if (client.subscribed) clearTimeout(deadline);
			else deadline.refresh();
		}
	}
	socket.end();
}

/** A client may leave at any time: that is no error of ours. */
const hasLeft = (error: unknown, socket: Socket) =>
	error === socket.errored ||
	(error as NodeJS.ErrnoException).code === "ERR_STREAM_PREMATURE_CLOSE";

/** Takes a connection, unless there are too many. */
function admit(
	socket: Socket,
	clients: Set<Client>,
	world: ControlWorld,
): void {
	const uid = (world.whoIs ?? credentialsOf)(socket)?.uid;
	const mayHandOver = uid !== undefined && world.allowed.handover(uid);
	const same = [...clients].filter((other) => other.uid === uid).length;
	if (
		clients.size >= MAX_CONNECTIONS ||
		(!mayHandOver && same >= MAX_OF_STRANGER)
	) {
		socket.destroy();
		return;
	}
	const client = { socket, uid, subscribed: false };
	clients.add(client);
	socket.on("close", () => clients.delete(client));
	socket.on("error", () => {}); // `converse` meets it
	converse(client, world).catch((error) => {
		if (!hasLeft(error, socket)) throw error;
	});
}

function controlOf(clients: Set<Client>, place: Place): Control {
	const subscribers = () => [...clients].filter(({ subscribed }) => subscribed);
	return {
		broadcast(message, wants = () => true) {
			const line = `${JSON.stringify(message)}\n`;
			let told = 0;
			for (const { socket, uid } of subscribers()) {
				if (uid === undefined || !wants(uid)) continue;
				if (socket.writableLength + line.length > MAX_BACKLOG) socket.destroy();
				else {
					socket.write(line);
					told++;
				}
			}
			return told;
		},
		desktops: () => subscribers().length,
		close() {
			for (const { socket } of clients) socket.destroy();
			return place.close();
		},
	};
}

/**
 * Opens the socket (protocol.ts says what is spoken) and serves it; the sentence that says why it can't
 * be opened. Anybody may connect, and the kernel says who it is: what comes is bounded, and not believed.
 */
export async function openControl(
	world: ControlWorld,
): Promise<Control | string> {
	const clients = new Set<Client>();
	// A client may end its side and still want its answer.
	const server = createServer({ allowHalfOpen: true }, (socket) =>
		admit(socket, clients, world),
	);
	const place = await listenAt(server, world.path, BACKLOG);
	return typeof place === "string" ? place : controlOf(clients, place);
}
