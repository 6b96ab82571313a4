import { createSocket, type Socket as Datagrams } from "node:dgram";
import { createServer, type Server } from "node:net";
import type { Transport } from "../alert/alert.ts";
import { bareAddress } from "./address.ts";
import type { Trap } from "./count.ts";
import type { Inherited } from "./handed.ts";
import type { Listen } from "./listen.ts";
import { loadSockopt } from "./parts.ts";
import { serviceOf } from "./services.ts";
import type { Tripwire } from "./tripwire.ts";

/** An open trap: its socket can be given back, which leaves what waits in it to the next process. */
export interface Opened {
	close(): void;
}

/** Where a trap's socket comes from. */
export type Origin =
	| { from: "inherited"; socket: Inherited }
	| { from: "listen"; listen: Listen };

/** A wildcard address is none that a peer reached. */
const isWildcard = (ip: string): boolean => ip === "::" || ip === "0.0.0.0";

function trapAt(
	transport: Transport,
	address: { address: string; port: number },
	label: string | undefined,
): Trap {
	const { ip, port } = bareAddress(address.address, address.port);
	return {
		transport,
		service: label ?? serviceOf(port, transport),
		here: { ip: isWildcard(ip) ? undefined : ip, port },
	};
}

/** Resolves when the emitter says `listening`, rejects with its error. */
function ready(emitter: Server | Datagrams): Promise<void> {
	return new Promise((resolve, reject) => {
		emitter.once("listening", resolve).once("error", reject);
	});
}

export async function openStream(
	origin: Origin,
	label: string | undefined,
	tripwire: Tripwire,
): Promise<Opened> {
	// Nothing is read until somebody asks: a peer that sends 100 MB must not cost any memory.
	const server = createServer({ pauseOnConnect: true });
	const up = ready(server);
	if (origin.from === "inherited") server.listen({ fd: origin.socket.fd });
	else server.listen({ host: origin.listen.address, port: origin.listen.port });
	await up;
	const trap = trapAt(
		"tcp",
		server.address() as { address: string; port: number },
		label,
	);
	server.on("connection", (socket) => tripwire.connection(trap, socket));
	server.on("error", () => {}); // accept failed; the next one may not
	return server;
}

/** Without an address the trap hears IPv6 and IPv4, as a stream's does; without IPv6 just IPv4. */
async function bindDatagrams(listen: Listen): Promise<Datagrams> {
	const families =
		listen.address === undefined
			? (["udp6", "udp4"] as const)
			: listen.address.includes(":")
				? (["udp6"] as const)
				: (["udp4"] as const);
	let failure: unknown;
	for (const family of families) {
		const socket = createSocket(family);
		try {
			const up = ready(socket);
			socket.bind({
				address: listen.address,
				port: listen.port,
				exclusive: true,
			});
			await up;
			return socket;
		} catch (error) {
			socket.close();
			failure ??= error;
			if ((error as NodeJS.ErrnoException).code !== "EAFNOSUPPORT") break;
		}
	}
	throw failure;
}

/** node:dgram takes no descriptor 0, on which inetd and xinetd pass theirs, and binds a new socket instead. */
async function datagramDescriptor(fd: number): Promise<number> {
	if (fd > 0) return fd;
	const copy = (await loadSockopt())?.duplicate(fd) ?? -1;
	if (copy < 0)
		throw new Error("can't open the datagram socket on descriptor 0");
	return copy;
}

export async function openDatagrams(
	origin: Origin,
	label: string | undefined,
	tripwire: Tripwire,
): Promise<Opened> {
	let socket: Datagrams;
	if (origin.from === "listen") socket = await bindDatagrams(origin.listen);
	else {
		socket = createSocket("udp4"); // its family is the descriptor's own
		const up = ready(socket); // a bound descriptor is listening at once
		socket.bind({ fd: await datagramDescriptor(origin.socket.fd) });
		await up;
	}
	const trap = trapAt("udp", socket.address(), label);
	socket.on("message", (bytes, from) => tripwire.datagram(trap, bytes, from));
	socket.on("error", () => {});
	return { close: () => socket.close() };
}
