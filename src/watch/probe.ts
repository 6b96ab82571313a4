import { networkInterfaces } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { Alert, RogueAlert } from "../alert/alert.ts";
import { logfmt } from "../alert/logfmt.ts";
import { alertLine } from "../alert/render.ts";
import { ownAddresses } from "../capture/addresses.ts";
import type { Libpcap } from "../capture/handle.ts";
import { createLive } from "../capture/live.ts";
import { walkBatch } from "../capture/pcap.ts";
import { formatAddress } from "../config/cidr.ts";
import { EX_NOPERM, EX_OK, EX_OSERR } from "../delivery/exit.ts";
import { createAgenda } from "../detect/agenda.ts";
import { type Answers, createAnswers, isAnswer } from "../detect/answers.ts";
import { createKnown } from "../detect/known.ts";
import { decode } from "../wire/link.ts";
import { createPacket } from "../wire/packet.ts";
import { EX_ANSWERED, NO_INTERFACE, nobodyOn } from "./asking.ts";
import { createLures } from "./lures.ts";
import type { WatchOptions } from "./merge.ts";
import { createNames } from "./names.ts";
import { loadLearned } from "./state.ts";
import { NO_RIGHT, rosterOptions } from "./watch.ts";

/** ms that a slow server may take: ISC's pings the address first (`ping-timeout`, 1 s). */
const PATIENCE = 2500;

export interface ProbeWorld {
	lib: Libpcap;
	write(text: string): void;
	complain(sentence: string): void;
}

const isRogue = (alert: Alert): alert is RogueAlert =>
	alert.kind === "rogue-dhcp" || alert.kind === "rogue-ra";

/** A server that may be there, as a line. */
export function rightful({ source, message, details }: RogueAlert): string {
	const facts = Object.entries(details).map(logfmt);
	const who = [source.ip, source.mac ?? ""].join(" ").trim();
	return `ok  ${who} ${message} ${facts.join(" ")}\n`;
}

/** The judge as configured, and one that lets nobody pass: together they tell who is there and who should be. */
function createJudges(options: WatchOptions, nameOf: (i: number) => string) {
	const all: RogueAlert[] = [];
	const wrong: RogueAlert[] = [];
	const names = createNames(nameOf);
	const learned = options.state === undefined ? [] : loadLearned(options.state);
	const known = typeof learned === "string" ? [] : [...learned];
	const nobody = {
		...options,
		dhcp: { ...options.dhcp, servers: [], relays: [] },
		dhcp6: { ...options.dhcp6, servers: [] },
		ra: { ...options.ra, routers: [] },
	};
	const judge = (
		lures: WatchOptions,
		servers: typeof known,
		to: RogueAlert[],
	) =>
		createAnswers(
			{
				lures,
				names,
				known: createKnown(servers, () => {}),
				emit: (alert) => {
					if (isRogue(alert)) to.push(alert);
				},
			},
			createAgenda(),
		);
	const judges: Answers[] = [
		judge(nobody, [], all),
		judge(options, known, wrong),
	];
	return { all, wrong, judges };
}

/** Listens on all chosen interfaces and hands on what may be an answer. */
function listen(options: WatchOptions, { lib }: ProbeWorld) {
	const own = new Set(
		ownAddresses(networkInterfaces()).map((words) => formatAddress(words)),
	);
	const packet = createPacket();
	const live = createLive(rosterOptions(options), {
		lib,
		now: Date.now,
		idle: () => {},
		tell: () => {},
		batch(handle, index, bytes) {
			walkBatch(handle, index, bytes, (b, offset, captured, length) => {
				decode(b, offset, captured, length, handle.linktype, packet);
				packet.interface = index;
				if (!isAnswer(packet)) return;
				const isOurs = own.has(
					formatAddress([packet.s0, packet.s1, packet.s2, packet.s3]),
				);
				for (const each of judges) each.packet(packet, b, Date.now(), isOurs);
			});
		},
	});
	const { all, wrong, judges } = createJudges(
		options,
		(i) => live.nameOf(i) ?? "",
	);
	return { live, all, wrong };
}

const keyOf = ({ source }: RogueAlert) => `${source.ip} ${source.mac}`;

/**
 * Asks for DHCP and DHCPv6 servers, or for routers, once, and prints who answered: what should not be as
 * the alert of a watch, the others behind `ok`. Resolves to 0, or 1 when somebody answered who should not.
 */
export async function probeServers(
	what: "dhcp" | "ra",
	options: WatchOptions,
	world: ProbeWorld,
): Promise<number> {
	const { lib, write, complain } = world;
	const { live, all, wrong } = listen(options, world);
	const errors = live.start();
	if (live.names().length === 0) {
		const isDenied = errors.some(({ kind }) => kind === "permission");
		complain(isDenied ? NO_RIGHT : (errors[0]?.message ?? NO_INTERFACE));
		return isDenied ? EX_NOPERM : EX_OSERR;
	}
	const running = live.run();
	const lures = createLures(options, lib, {
		asked: () => {},
		complain,
	});
	const asked = what === "dhcp" ? [lures.dhcp, lures.dhcp6] : [lures.ra];
	for (const lure of asked) lure.once(Date.now());
	await lures.settled();
	await sleep(PATIENCE);
	const names = live.names();
	live.stop();
	await running;
	const culprits = new Set(wrong.map(keyOf));
	for (const alert of wrong) write(`NO  ${alertLine(alert)}\n`);
	for (const alert of all.filter((one) => !culprits.has(keyOf(one))))
		write(rightful(alert));
	if (all.length === 0) write(nobodyOn(names));
	return wrong.length > 0 ? EX_ANSWERED : EX_OK;
}
