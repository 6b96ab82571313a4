import type { ConnectionAlert } from "../alert/alert.ts";
import { classicLine, textLine } from "../alert/text.ts";
import { EX_NOPERM, EX_OK, EX_OSERR, EX_USAGE } from "../delivery/exit.ts";
import type { Fallback } from "../delivery/fallback.ts";
import type { Outlet } from "../delivery/outlet.ts";
import type { Sender } from "../delivery/sink.ts";
import { fullAlert, plainAlert } from "./encounter.ts";
import type { Handed, Inherited } from "./handed.ts";
import type { Options } from "./options.ts";
import { loadSockopt } from "./parts.ts";

/** What a run needs of the world. */
export interface World {
	sender: Sender;
	outlet: Outlet;
	fallback: () => Promise<Fallback>;
	/** Tells a sentence about klaxon itself to the administrator. */
	complain: (sentence: string) => void;
	/** Resolves when somebody wants us to leave. */
	stopped: () => Promise<void>;
}

async function serve(
	sockets: Inherited[],
	options: Options,
	world: World,
	tell: (alert: ConnectionAlert) => void,
): Promise<number> {
	const { outlet, fallback, complain, stopped } = world;
	const { waitMode } = await import("./wait.ts");
	let denied: string | undefined;
	const becomeNobody = async () => {
		if (options.listen.length === 0) return true;
		(await fallback()).open();
		const { dropPrivileges } = await import("./privileges.ts");
		denied = dropPrivileges(options.user);
		return denied === undefined;
	};
	const complaints = await waitMode(sockets, options, {
		tell,
		full: outlet.full,
		peerName: (await loadSockopt())?.peerName,
		ready: becomeNobody,
		stopped: stopped(),
	});
	complaints.forEach(complain);
	if (denied !== undefined) {
		complain(denied);
		return EX_NOPERM;
	}
	return complaints.length > 0 ? EX_OSERR : EX_OK;
}

/**
 * Tells what comes to the traps that this process was handed or opens itself. Errors of the command
 * line are told the same way, and the trap rings nevertheless. Resolves to the exit code.
 */
export async function run(
	handed: Handed,
	options: Options,
	errors: string[],
	world: World,
): Promise<number> {
	const { outlet, complain } = world;
	const render = options.classic ? classicLine : textLine;
	const tell = (alert: ConnectionAlert) =>
		outlet.send({
			time: alert.time,
			level: options.level,
			line: render(alert),
			alert,
		});
	errors.forEach(complain);
	let code = errors.length > 0 ? EX_USAGE : EX_OK;
	if (handed.kind === "connection") {
		const service = options.service ?? handed.name;
		const connection = { ...handed, service, time: Date.now() };
		const socketOf = async () => {
			const { netSocket } = await import("./identify.ts");
			return netSocket(handed.fd);
		};
		const full = fullAlert(connection, options, socketOf);
		tell(await full.catch(() => plainAlert(connection)));
		await full; // a bug ends us, but behind the alert
	} else {
		const sockets = handed.kind === "sockets" ? handed.sockets : [];
		const served = await serve(sockets, options, world, tell);
		code ||= served;
	}
	return (await outlet.finish()) || code;
}
