import type { Socket } from "node:net";
import type { ConnectionAlert } from "../alert/alert.ts";
import type { Ident } from "../alert/ident.ts";
import { printable } from "../alert/printable.ts";
import type { SockAddress } from "./address.ts";
import type { Ends } from "./bare.ts";
import type { Options } from "./options.ts";
import { serviceOf } from "./services.ts";

/** ms that `--read` waits for the peer's first bytes. */
const READ_MS = 2000;
/** Characters of data kept: 1,500 bytes as escapes of four; the line's own cap cuts further. */
export const MAX_DATA = 6000;

/** The first bytes a peer sends, at most `max`, waiting at most `ms`; never rejects. */
export function readFirst(
	socket: Socket,
	max: number,
	ms = READ_MS,
): Promise<Buffer> {
	return new Promise((resolve) => {
		const chunks: Buffer[] = [];
		let size = 0;
		const done = () => {
			clearTimeout(timer);
			socket.pause().off("data", take).off("close", done).off("end", done);
			resolve(Buffer.concat(chunks).subarray(0, max));
		};
		const take = (chunk: Buffer) => {
			chunks.push(chunk);
			size += chunk.length;
			if (size >= max) done();
		};
		const timer = setTimeout(done, ms);
		socket.on("data", take).on("close", done).on("end", done).resume();
	});
}

async function askIdent(
	peer: SockAddress,
	here: SockAddress,
	timeoutMs: number,
): Promise<Ident> {
	const { queryIdent } = await import("./ident.ts");
	const zoned = ({ ip, zone }: SockAddress) => (zone ? `${ip}%${zone}` : ip);
	return queryIdent({
		localAddress: zoned(here),
		localPort: here.port,
		remoteAddress: zoned(peer),
		remotePort: peer.port,
		timeoutMs,
	});
}

export async function askName(ip: string): Promise<string | undefined> {
	const { reverseName } = await import("./reverse.ts");
	return reverseName(ip);
}

/** What is known of a connection before anybody is asked. */
export interface Connection extends Ends {
	/** The trap's name, by default the name of the port the peer reached. */
	service: string | undefined;
	time: number;
}

/** The alert of a connection as it stands: no lookup, no waiting. */
export function plainAlert(connection: Connection): ConnectionAlert {
	const { peer, here, service, time } = connection;
	return {
		kind: "connection",
		time,
		transport: "tcp",
		service: service ?? serviceOf(here.port, "tcp"),
		source: { ...peer, port: peer?.port || undefined },
		destination: { ip: here.ip, port: here.port },
	};
}

/**
 * The alert of a connection with what the options ask for: the ident user and the name, asked side by
 * side, and the first bytes. The socket is only taken when the peer is talked with. Resolves after the longest of their deadlines; never rejects.
 */
export async function fullAlert(
	connection: Connection,
	options: Options,
	socketOf: () => Promise<Socket | undefined>,
	nameOf: (ip: string) => Promise<string | undefined> = askName,
): Promise<ConnectionAlert> {
	const { peer, here } = connection;
	const talks = options.banner !== undefined || options.readBytes > 0;
	const socket = talks ? await socketOf() : undefined;
	socket?.on("error", () => {}); // a peer may reset at any time
	if (options.banner !== undefined) socket?.end(options.banner);
	const [ident, name, data] = await Promise.all([
		options.identMs && peer ? askIdent(peer, here, options.identMs) : undefined,
		options.numeric || !peer ? undefined : nameOf(peer.ip),
		socket && options.readBytes
			? readFirst(socket, options.readBytes)
			: undefined,
	]);
	const alert = plainAlert(connection);
	return {
		...alert,
		source: { ...alert.source, name },
		ident,
		data: data?.length ? printable(data, MAX_DATA) : undefined,
	};
}
