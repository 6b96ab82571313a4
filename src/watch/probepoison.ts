import { hostname, networkInterfaces } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { PoisonAlert } from "../alert/alert.ts";
import { alertLine } from "../alert/render.ts";
import { wantsInterface } from "../config/interfaces.ts";
import { EX_OK, EX_OSERR } from "../delivery/exit.ts";
import { createAgenda } from "../detect/agenda.ts";
import { createPoison } from "../detect/poison.ts";
import type { LureInterface } from "../lure/lure.ts";
import { createPoisonLure } from "../lure/poison.ts";
import { createNameSockets } from "../lure/sockets.ts";
import { EX_ANSWERED, NO_INTERFACE, nobodyOn } from "./asking.ts";
import { createAgendaClock } from "./clock.ts";
import { lureInterface } from "./lures.ts";
import type { WatchOptions } from "./merge.ts";
import { createNames } from "./names.ts";
import { neighbours } from "./neighbours.ts";
import { createRandom } from "./random.ts";
import { createWpad } from "./wpad.ts";

/** ms that answers to the last question may take (FACTS 2: they come in about one). */
const PATIENCE = 1500;

/** The interfaces with addresses; without capture rights nobody tells more. */
function interfacesOf({ interfaces }: WatchOptions): LureInterface[] {
	const table = networkInterfaces();
	return Object.entries(table).flatMap(([name, infos]) =>
		infos?.some(({ internal }) => internal) || !wantsInterface(interfaces, name)
			? []
			: [lureInterface({ name, mac: infos?.[0]?.mac }, table)],
	);
}

/** Asks through sockets; resolves to the last word on each who answered, and what could not be asked. */
async function ask(
	options: WatchOptions,
	faces: LureInterface[],
): Promise<{ told: PoisonAlert[]; complaints: Set<string> }> {
	const told = new Map<string, PoisonAlert>();
	const agenda = createAgenda();
	const clock = createAgendaClock(agenda);
	const poison = createPoison({
		agenda,
		names: createNames(() => undefined),
		canaries: options.poison.names,
		ring(_, alert) {
			if (alert.kind === "poison") told.set(alert.source.ip, alert);
			return true;
		},
	});
	const complaints = new Set<string>();
	const sockets = createNameSockets({
		now: Date.now,
		answer(answer) {
			poison.answer(answer);
			clock.set();
		},
		failed: (message) => complaints.add(message),
	});
	const lure = createPoisonLure(options.poison, {
		agenda,
		random: createRandom(),
		interfaces: () => faces,
		send: () => {},
		asked: poison.asked,
		hasWpad: createWpad(Date.now),
		hostname: hostname(),
		ask: sockets.send,
	});
	lure.once(Date.now());
	await clock.settled();
	await sleep(PATIENCE);
	sockets.close();
	clock.stop();
	return { told: [...told.values()], complaints };
}

/**
 * Asks once for names that don't exist, through sockets, which need no rights, and prints who answered.
 * Resolves to 0 when nobody did, else to 1.
 */
export async function probePoison(
	options: WatchOptions,
	write: (text: string) => void,
	complain: (sentence: string) => void,
): Promise<number> {
	const faces = interfacesOf(options);
	if (faces.length === 0) {
		complain(NO_INTERFACE);
		return EX_OSERR;
	}
	const { told, complaints } = await ask(options, faces);
	complaints.forEach(complain);
	const macs = await neighbours();
	for (const alert of told) {
		const mac = alert.source.mac ?? macs.get(alert.source.ip);
		const source = { ...alert.source, ...(mac !== undefined && { mac }) };
		write(`NO  ${alertLine({ ...alert, source })}\n`);
	}
	if (told.length === 0) write(nobodyOn(faces.map(({ name }) => name)));
	return told.length > 0 ? EX_ANSWERED : EX_OK;
}
