import type { Inherited } from "./handed.ts";
import type { Listen } from "./listen.ts";
import type { Options } from "./options.ts";
import { preload } from "./parts.ts";
import {
	type Opened,
	type Origin,
	openDatagrams,
	openStream,
} from "./serve.ts";
import { createTripwire, type Tools, type Tripwire } from "./tripwire.ts";

/** How traps are told and when they end. */
export interface Life extends Omit<Tools, "now"> {
	/** Called when all traps are open; false when they must be closed at once. */
	ready: () => Promise<boolean>;
	/** Resolves when somebody wants us to leave (SIGTERM). */
	stopped: Promise<void>;
}

/** Resolves after `idleMs` without an encounter; never when that is 0. */
function idle(tripwire: Tripwire, idleMs: number): Promise<void> {
	return new Promise((resolve) => {
		// A process that was held up has its timers run before it looks at its sockets; immediates run after.
		const look = () => setImmediate(check);
		const check = () => {
			const left = tripwire.last + idleMs - Date.now();
			if (left <= 0) resolve();
			else setTimeout(look, Math.min(left, idleMs)).unref();
		};
		if (idleMs > 0) look();
	});
}

/** A descriptor from the super-server: a listening stream, else a datagram socket. */
async function openInherited(
	socket: Inherited,
	service: string | undefined,
	tripwire: Tripwire,
): Promise<Opened> {
	const origin: Origin = { from: "inherited", socket };
	const label = service ?? socket.name;
	try {
		return await openStream(origin, label, tripwire);
	} catch {
		return await openDatagrams(origin, label, tripwire);
	}
}

/** Why a port could not be opened, and what to do about it. */
function bindComplaint({ address, port, transport }: Listen, error: unknown) {
	const { code, message } = error as NodeJS.ErrnoException;
	const where = `${transport} port ${port}${address ? ` on ${address}` : ""}`;
	if (code === "EACCES")
		return `${where}: permission denied; ports below 1024 need root or CAP_NET_BIND_SERVICE`;
	if (code === "EADDRINUSE")
		return `${where} is in use; trap only ports that serve nothing`;
	return `${where}: ${message}`;
}

/** Opens every port of --listen; answers the complaints, one a port that could not be opened. */
async function openListens(
	listens: Listen[],
	service: string | undefined,
	tripwire: Tripwire,
	opened: Opened[],
): Promise<string[]> {
	const complaints: string[] = [];
	for (const listen of listens) {
		const origin: Origin = { from: "listen", listen };
		const open = listen.transport === "tcp" ? openStream : openDatagrams;
		try {
			opened.push(await open(origin, service, tripwire));
		} catch (error) {
			complaints.push(bindComplaint(listen, error));
		}
	}
	return complaints;
}

/**
 * Serves traps until nobody came for `--idle` (a super-server starts us again) or until `stopped`.
 * The sockets are let go first; what waits in an inherited one stays there for the next start. Then
 * all that was counted is told. Resolves to complaints where a port could not be opened.
 */
export async function waitMode(
	sockets: Inherited[],
	options: Options,
	life: Life,
): Promise<string[]> {
	const tripwire = createTripwire(options, { now: Date.now, ...life });
	const opened: Opened[] = [];
	for (const socket of sockets)
		opened.push(await openInherited(socket, options.service, tripwire));
	const complaints = await openListens(
		options.listen,
		options.service,
		tripwire,
		opened,
	);
	if (options.listen.length > 0) await preload(options);
	if (complaints.length === 0 && (await life.ready())) {
		const idleMs = options.listen.length > 0 ? 0 : options.idleMs;
		await Promise.race([life.stopped, idle(tripwire, idleMs)]);
	}
	for (const trap of opened) trap.close();
	await tripwire.finish();
	return complaints;
}
