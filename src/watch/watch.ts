import { randomInt } from "node:crypto";
import { networkInterfaces } from "node:os";
import type { Alert } from "../alert/alert.ts";
import { ownAddresses, ownMacs, ownNetworks } from "../capture/addresses.ts";
import { createBound } from "../capture/bound.ts";
import { chooseInterfaces } from "../capture/devices.ts";
import { createEvidence, type Evidence } from "../capture/evidence.ts";
import { kernelFilter } from "../capture/filter.ts";
import type { Handle, Libpcap, OpenError } from "../capture/handle.ts";
import { createLive, type Live, LOOK } from "../capture/live.ts";
import { walkBatch } from "../capture/pcap.ts";
import type { RosterOptions } from "../capture/roster.ts";
import { wantsInterface } from "../config/interfaces.ts";
import { EX_CANTCREAT, EX_NOPERM, EX_OK, EX_OSERR } from "../delivery/exit.ts";
import type { Detector } from "../detect/detector.ts";
import { createDhcpAsked } from "../detect/dhcpasked.ts";
import { DLT_EN10MB } from "../wire/link.ts";
import { createClock } from "./clock.ts";
import { detectorOf } from "./detect.ts";
import { createFeed, createKeepingFeed, type Feed } from "./feed.ts";
import { createLures } from "./lures.ts";
import { createMemory } from "./memory.ts";
import type { WatchOptions } from "./merge.ts";
import { createNames } from "./names.ts";
import { createPressure } from "./pressure.ts";

/** Without the right to capture nothing can be heard: how to get it. */
export const NO_RIGHT =
	"no right to capture: start tocsin as root (it becomes an ordinary user), or with CAP_NET_RAW (see inetd/systemd/tocsin.service)";

export interface WatchWorld {
	lib: Libpcap;
	/** Resolves when somebody wants us to leave. */
	stopped: Promise<void>;
	emit(alert: Alert): void;
	complain(sentence: string): void;
	/** Called when the watch has begun, with what can be asked of it. */
	watching(sight: Sight): void;
	/** Tells what was folded; what the rules have ignored, for the last line. */
	settle(): string;
}

/** What a watch says of itself. */
export interface Sight extends Pick<Live, "perInterface" | "totals"> {}

/** Why nothing can be watched, as sentences, and the exit code for it. */
function giveUp(
	errors: OpenError[],
	complain: (sentence: string) => void,
): number {
	if (errors.some(({ kind }) => kind === "permission")) {
		complain(NO_RIGHT);
		return EX_NOPERM;
	}
	for (const { message } of errors) complain(`can't open ${message}`);
	if (errors.length === 0)
		complain("no interface to watch: none is up, or none matches (-i)");
	return EX_OSERR;
}

export const rosterOptions = (options: WatchOptions): RosterOptions => ({
	promiscuous: options.scope === "segment",
	filter: (linktype) => kernelFilter(options, linktype),
	choose: (found) =>
		chooseInterfaces(
			found,
			(name) => wantsInterface(options.interfaces, name),
			options.interfaces.some((pattern) => !pattern.startsWith("!")),
		),
});

/** What the interfaces say of who we are. */
function learnAddresses(detector: Detector, { home }: WatchOptions): void {
	const table = networkInterfaces();
	detector.setOwn(ownAddresses(table), ownMacs(table));
	detector.setHome(home.length > 0 ? home : ownNetworks(table));
}

function feedOf(
	detector: Detector,
	live: Live,
	evidence: Evidence | undefined,
): Feed {
	if (!evidence) return createFeed(detector);
	return createKeepingFeed(
		detector,
		(bytes, offset, captured, length, time, linktype, iface) => {
			const data = bytes.subarray(offset, offset + captured);
			evidence.keep(data, length, time, linktype, live.nameOf(iface) ?? "");
		},
	);
}

/** Watches until somebody stops it. Resolves to the exit code. */
export async function runWatch(
	options: WatchOptions,
	world: WatchWorld,
): Promise<number> {
	const { evidence: path, evidenceSize } = options;
	if (path === undefined) return watchWith(options, world, undefined);
	let evidence: Evidence;
	try {
		evidence = createEvidence(path, evidenceSize, world.complain);
	} catch (error) {
		world.complain(`can't keep evidence: ${(error as Error).message}`);
		return EX_CANTCREAT;
	}
	const code = await watchWith(options, world, evidence);
	evidence.close();
	return code;
}

async function watchWith(
	options: WatchOptions,
	{ lib, stopped, emit, complain, watching, settle }: WatchWorld,
	evidence: Evidence | undefined,
): Promise<number> {
	const now = Date.now;
	const live = createLive(rosterOptions(options), {
		lib,
		now,
		batch,
		idle: () => clock.set(),
		tell: emit,
	});
	const seed = randomInt(2 ** 32) | 0;
	const names = createNames(live.nameOf);
	const isBound = createBound(now);
	const dhcpAsked = createDhcpAsked();
	const memory = createMemory(options.state, complain);
	const { known } = memory;
	const detector = detectorOf(
		options,
		{
			seed,
			names,
			isBound,
			known,
			dhcpAsked,
			lure: {
				confirm(...about) {
					lures.poison.confirm(...about);
					lures.set();
				},
				exists: (name) => lures.poison.exclude(name),
			},
		},
		emit,
	);
	const lures = createLures(options, lib, {
		asked: detector.asked,
		sent,
		complain,
		dhcpAsked,
	});
	const feed = feedOf(detector, live, evidence);
	const clock = createClock(detector.next, live.drain, () =>
		detector.advance(now()),
	);
	const pressure = createPressure(emit);

	function batch(handle: Handle, iface: number, bytes: number) {
		walkBatch(handle, iface, bytes, feed.record);
		feed.flush();
	}

	/** What we asked is what others may answer. */
	function sent(name: string, frame: Uint8Array): void {
		const { length } = frame;
		const index = live.indexOf(name);
		feed.record(frame, 0, length, length, now(), DLT_EN10MB, index);
		feed.flush();
	}

	const sensor = (state: "start" | "stop" | "blind", message: string) =>
		emit({ kind: "sensor", time: now(), state, message });

	learnAddresses(detector, options);
	const errors = live.start();
	if (live.names().length === 0) return giveUp(errors, complain);
	for (const { message } of errors) sensor("blind", `can't hear ${message}`);
	const heard = live.names().join(", ");
	sensor("start", `watching ${heard}, scope ${options.scope}`);
	watching(live);
	lures.start();
	const looking = setInterval(() => {
		learnAddresses(detector, options);
		live.look();
		pressure(detector.takeForgotten(), now());
		memory.refresh();
		evidence?.flush();
		clock.set();
	}, LOOK);
	stopped.then(() => live.stop());
	await live.run();
	clearInterval(looking);
	lures.stop();
	clock.stop();
	detector.finish(now());
	const { received, dropped } = live.totals();
	const ignored = settle();
	sensor(
		"stop",
		`stopped after ${received} packets, ${dropped} lost${ignored}`,
	);
	return EX_OK;
}
