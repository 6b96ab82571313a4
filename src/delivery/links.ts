import type { Socket as DatagramSocket } from "node:dgram";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { isIP, type Socket } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
// @ts-expect-error: it has no types
import { createClient, Transport } from "syslog-client";
import type { TlsFiles } from "../config/target.ts";
import { readPems, secureContext } from "./trust.ts";
import { within, words } from "./words.ts";

/** ms that a datagram waits for an ICMP error; from this machine and this network it comes sooner. */
const SETTLE_MS = 50;
/** Datagrams in a row, as many as fit a server's usual buffer (208 KiB) at their longest, and ms between two rows. */
const ROW = 40;
const PAUSE_MS = 20;
/** ms without traffic until the kernel asks whether the server still lives. */
const KEEP_ALIVE_MS = 30_000;

/** A way to one address of the server that stays open between batches; its reasons are undefined when all is well. */
export interface Link {
	/** Writes the frames; resolves to why it could not. */
	send(frames: string[]): Promise<string | undefined>;
	/** True when nothing can be sent any more. */
	isOver(): boolean;
	/** Why it broke, so that what it took may be lost; undefined as well where the server closed it in good order. */
	failure(): string | undefined;
	/** Closes it in good order and resolves when the server has done so too. */
	end(): Promise<void>;
	/** Ends it at once; `why` becomes its failure unless it has one. */
	abort(why: string): void;
}

/** Resolves after every socket has been looked at: the first immediate may still belong to this round. */
export async function nextPoll(): Promise<void> {
	await turn();
	await turn();
}

function client(address: string, port: number, transport: number) {
	const made = createClient(address, { port, transport });
	// Its own calls the deprecated Buffer() and knows no structured data.
	made.buildFormattedMessage = (frame: string) => Buffer.from(frame);
	made.on("error", () => {}); // our listeners on the socket hear it too
	return made;
}

/** A connected datagram socket refuses to be told where to send. */
const UNADDRESSED = { port: 0, target: "" };

/** Sends one by one, with a pause after each row unless the socket is gone. */
async function inRows(
	frames: string[],
	gone: Promise<void>,
	sendOne: (frame: string) => Promise<void> | undefined,
): Promise<void> {
	for (const [i, frame] of frames.entries()) {
		if (i > 0 && i % ROW === 0) await within(PAUSE_MS, gone, () => {});
		await sendOne(frame);
	}
}

/** A connected datagram socket: only for such a one does the kernel report ICMP errors. */
export async function udpLink(address: string, port: number): Promise<Link> {
	const syslog = client(address, port, Transport.Udp);
	syslog.getTransport(() => {});
	const socket: DatagramSocket = syslog.transport_;
	const gone = new Promise<void>((resolve) => socket.on("close", resolve));
	let failure: string | undefined;
	let over = false;
	const abort = (why?: string) => {
		failure ??= why;
		if (!over) socket.close();
		over = true;
		return gone;
	};
	const heed = (done: () => void) => (error?: Error) => {
		if (error) abort(words(error));
		done();
	};
	socket.on("error", (error) => abort(words(error)));
	const connected = new Promise<void>((done) =>
		socket.connect(port, address, heed(done)),
	);
	await Promise.race([connected, gone]);
	Object.assign(syslog, UNADDRESSED);
	return {
		async send(frames) {
			await inRows(frames, gone, (frame) =>
				over ? undefined : new Promise((done) => syslog.log(frame, heed(done))),
			);
			await within(SETTLE_MS, gone, () => {});
			const why = failure;
			failure = undefined; // it says nothing about what went before
			return why;
		},
		isOver: () => over,
		failure: () => failure,
		end: () => abort(),
		abort,
	};
}

function tune(socket: Socket): void {
	socket.resume(); // nothing a server says matters, but unread it would hide its end
	socket.unref(); // while something is under way, a timer holds the process
	socket.setNoDelay(); // a line doesn't wait until the one before is acknowledged
	socket.setKeepAlive(true, KEEP_ALIVE_MS);
}

/** A connection, TCP or TLS; `write` calls back when the kernel has taken the bytes, or with an error. */
function streamLink(
	socket: Socket,
	write: (bytes: string, done: (error?: Error | null) => void) => void,
): Link {
	let failure: string | undefined;
	let over = false;
	const abort = (why: string) => {
		failure ??= why;
		over = true;
		socket.destroy();
	};
	socket.on("error", (error) => abort(words(error)));
	socket.on("end", () => {
		over = true;
	});
	const gone = new Promise<void>((resolve) =>
		socket.on("close", () => resolve()),
	);
	tune(socket);
	return {
		async send(frames) {
			const taken = new Promise<true>((done) => {
				write(frames.join(""), (error) => error || done(true));
			});
			if (!(await Promise.race([taken, gone])))
				return failure ?? "closed by the server";
			await nextPoll(); // a reset that has come already
			return failure;
		},
		isOver: () => over,
		failure: () => failure,
		async end() {
			socket.end();
			await gone;
		},
		abort,
	};
}

export function tcpLink(address: string, port: number): Link {
	const syslog = client(address, port, Transport.Tcp);
	let socket: Socket | undefined;
	const take = (told: unknown) => {
		socket = (told as { socket: Socket }).socket;
	};
	// syslog-client keeps a socket that hangs in connect() to itself, but Node tells of every one it makes.
	subscribe("net.client.socket", take);
	syslog.getTransport(() => {});
	unsubscribe("net.client.socket", take);
	if (!socket) throw new Error("syslog-client made no socket");
	socket.setTimeout(0); // it would call a quiet connection an error
	return streamLink(socket, (bytes, done) => syslog.log(bytes, done));
}

/**
 * Makes links by TLS to the addresses of `host`, which must prove to be it (RFC 5425 section 5.2);
 * a string says what is wrong with `files`, which are read now, while the process still may.
 */
export function tlsLinks(
	host: string,
	port: number,
	files: TlsFiles,
): (address: string) => Promise<Link | string> {
	const pems = readPems(files);
	let context: Awaited<ReturnType<typeof secureContext>>;
	return async (address) => {
		if (typeof pems === "string") return pems;
		const { connect } = await import("node:tls");
		try {
			context ??= await secureContext(pems);
		} catch (error) {
			return `bad certificate or key: ${words(error)}`;
		}
		const socket = connect({
			host: address,
			port,
			// No address may be a server name (RFC 6066 section 3); Node verifies `host` then.
			servername: isIP(host) ? undefined : host,
			rejectUnauthorized: true, // whatever the environment says
			secureContext: context,
		});
		const verified = new Promise((resolve) =>
			socket.on("secureConnect", resolve),
		);
		return streamLink(socket, async (bytes, done) => {
			await verified; // else the alert might be told to anybody
			socket.write(bytes, done);
		});
	};
}
