import {
	chmodSync,
	closeSync,
	lstatSync,
	mkdirSync,
	unlinkSync,
} from "node:fs";
import { connect, type Server } from "node:net";
import { dirname } from "node:path";
import { lockFile } from "../runtime/lock.ts";

/** unix(7): sun_path has 108 bytes with its NUL. */
const MAX_PATH = 107;
/** ms; connect(2) to a Unix socket answers at once. */
const PROBE_MS = 1000;
/** Anybody may connect: who it is decides, not the file. */
const MODE = 0o666;

/** A place in the file system where a server listens. */
export interface Place {
	/** Takes the file away and lets another one have the place, once nobody is connected. */
	close(): Promise<void>;
}

type Found = "nothing" | "stale" | "answers" | { why: string };

/** Whether somebody listens at a path. */
function probe(path: string): Promise<Found> {
	return new Promise((resolve) => {
		const socket = connect(path);
		const done = (found: Found) => {
			clearTimeout(timer);
			socket.destroy();
			resolve(found);
		};
		// Its queue is full, or it is slow: there is one.
		const timer = setTimeout(done, PROBE_MS, "answers");
		socket.on("connect", () => done("answers"));
		socket.on("error", ({ code, message }: NodeJS.ErrnoException) => {
			if (code === "ENOENT") done("nothing");
			else if (code === "ECONNREFUSED") done("stale");
			else if (code === "EAGAIN") done("answers");
			else done({ why: message });
		});
	});
}

/** Makes room for a socket: one that nobody listens at any more goes, nothing else ever does. */
async function makeRoom(path: string): Promise<string | undefined> {
	// A link is no socket, wherever it leads.
	if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() === false)
		return `${path} is there and no socket: remove it, or name another file with socket`;
	const found = await probe(path);
	if (typeof found === "object") return `${path}: ${found.why}`;
	if (found === "answers") return another(path);
	if (found === "stale") unlinkSync(path);
	return undefined;
}

const another = (path: string) =>
	`another tocsin answers at ${path}: stop it, or name another file with socket`;

const listen = (server: Server, path: string, backlog: number) =>
	new Promise<void>((resolve, reject) => {
		server.once("error", reject);
		server.listen(path, backlog, () => {
			server.off("error", reject);
			resolve();
		});
	});

const close = (server: Server) =>
	new Promise<void>((resolve) => server.close(() => resolve()));

/**
 * Listens at `path`, for everybody; `backlog` as listen(2) takes it. The sentence that says why it can't be.
 * A lock beside it, PATH.lock, which stays, is held as long: of several that start at once one wins, and
 * what that one finds stale can't become another's live socket under its hands.
 */
export async function listenAt(
	server: Server,
	path: string,
	backlog: number,
): Promise<Place | string> {
	if (Buffer.byteLength(path) > MAX_PATH)
		return `the socket's path is longer than ${MAX_PATH} bytes: ${path.slice(0, MAX_PATH)}`;
	let lock: number | undefined;
	let why: string | undefined;
	try {
		mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
		lock = lockFile(`${path}.lock`);
		if (lock === undefined) return another(path);
		why = await makeRoom(path);
		if (why === undefined) {
			await listen(server, path, backlog);
			chmodSync(path, MODE);
		}
	} catch (error) {
		why = `can't listen at ${path}: ${(error as Error).message}`;
	}
	const place = {
		async close() {
			if (server.listening) await close(server); // libuv removes the file
			if (lock !== undefined) closeSync(lock);
			lock = undefined;
		},
	};
	if (why === undefined) return place;
	await place.close();
	return why;
}
