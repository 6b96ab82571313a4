import type { RemoteInfo } from "node:dgram";
import type { Socket } from "node:net";
import type { ConnectionAlert } from "../alert/alert.ts";
import { printable } from "../alert/printable.ts";
import { bareAddress, type SockAddress } from "./address.ts";
import {
	type CounterTools,
	createCounter,
	type Trap,
	trapAlert,
} from "./count.ts";
import { askName, fullAlert, MAX_DATA, plainAlert } from "./encounter.ts";
import { WINDOW_MS } from "./fold.ts";
import type { Options } from "./options.ts";

/** Encounters examined at once (ident, name, first bytes); each may hold a connection for seconds. */
const MAX_EXAMINED = 64;
/** Names remembered for a window, so that ten alerts of a source are one question. */
const MAX_NAMES = 256;

export interface Tripwire {
	connection(trap: Trap, socket: Socket): void;
	datagram(trap: Trap, bytes: Buffer, from: RemoteInfo): void;
	/** ms since the epoch of the newest encounter, or of the start. */
	readonly last: number;
	/** Waits for the encounters under examination, then tells every fold. */
	finish(): Promise<void>;
}

export interface Tools extends CounterTools {
	/** Names the peer of a connection that was reset (SO_PEERNAME). */
	peerName?: (fd: number) => SockAddress | undefined;
}

type Resolve = (ip: string) => Promise<string | undefined>;

/** Remembers names for a window; an attacker's many addresses push out the oldest. */
function rememberNames(now: () => number, ask: Resolve): Resolve {
	const known = new Map<string, { at: number; name: ReturnType<Resolve> }>();
	return (ip) => {
		const hit = known.get(ip);
		if (hit && now() - hit.at < WINDOW_MS) return hit.name;
		known.delete(ip);
		const [oldest] = known.keys();
		if (oldest !== undefined && known.size >= MAX_NAMES) known.delete(oldest);
		const name = ask(ip);
		known.set(ip, { at: now(), name });
		return name;
	};
}

/** The kernel's descriptor of a socket, which Node keeps to itself. */
const descriptor = (socket: Socket): number =>
	(socket as unknown as { _handle?: { fd: number } })._handle?.fd ?? -1;

/**
 * Counts and tells the encounters of many traps in one process: each at once while a source is
 * within its budget, folded beyond it. Singles and folds add up to the encounters, always.
 */
export function createTripwire(options: Options, tools: Tools): Tripwire {
	const { now, tell } = tools;
	const counter = createCounter(tools);
	const nameOf = rememberNames(now, askName);
	const examined = new Set<Promise<void>>();
	const slow =
		options.identMs !== undefined ||
		!options.numeric ||
		options.readBytes > 0 ||
		options.banner !== undefined;

	/** Tells the alert when it is complete; `plain` where a bug keeps it from that, ahead of the bug. */
	function examine(
		alert: Promise<ConnectionAlert>,
		plain: ConnectionAlert,
		done: () => void,
	): void {
		const work = alert
			.catch(() => plain)
			.then(tell)
			.then(() => alert)
			.then(() => {})
			.finally(() => {
				examined.delete(work);
				done();
			});
		examined.add(work);
	}

	return {
		get last() {
			return counter.last;
		},
		connection(trap, socket) {
			socket.on("error", () => {}); // a peer may reset at any time
			const { remoteAddress, remotePort = 0 } = socket;
			const peer =
				remoteAddress === undefined
					? tools.peerName?.(descriptor(socket))
					: bareAddress(remoteAddress, remotePort);
			if (!counter.admit(trap, peer?.ip)) {
				socket.destroy();
				return;
			}
			const { localAddress = "", localPort = 0 } = socket;
			const here = bareAddress(localAddress, localPort);
			const encounter = {
				peer,
				here,
				service: trap.service,
				time: counter.last,
			};
			const alert = plainAlert(encounter);
			if (slow && examined.size < MAX_EXAMINED) {
				const own = async () => socket;
				const full = fullAlert(encounter, options, own, nameOf);
				examine(full, alert, () => socket.destroy());
				return;
			}
			socket.destroy();
			if (options.identMs) alert.ident = { kind: "failed", reason: "busy" };
			tell(alert);
		},
		datagram(trap, bytes, from) {
			const source = bareAddress(from.address, from.port);
			if (!counter.admit(trap, source.ip)) return;
			const data = bytes.subarray(0, options.readBytes);
			const alert: ConnectionAlert = {
				...trapAlert(trap, counter.last),
				source,
				data: data.length > 0 ? printable(data, MAX_DATA) : undefined,
			};
			if (options.numeric || examined.size >= MAX_EXAMINED) {
				tell(alert);
				return;
			}
			const named = nameOf(source.ip).then((name) => ({
				...alert,
				source: { ...source, name },
			}));
			examine(named, alert, () => {});
		},
		async finish() {
			await Promise.all(examined);
			await counter.finish();
		},
	};
}
