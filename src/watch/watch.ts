import { randomInt } from "node:crypto";
import { networkInterfaces } from "node:os";
import type { Alert, SensorAlert } from "../alert/alert.ts";
import { ownAddresses, ownNetworks } from "../capture/addresses.ts";
import { createBound } from "../capture/bound.ts";
import { chooseInterfaces } from "../capture/devices.ts";
import { kernelFilter } from "../capture/filter.ts";
import type { Handle, Libpcap, OpenError } from "../capture/libpcap.ts";
import { createLive, type Live, LOOK } from "../capture/live.ts";
import { walkRecords } from "../capture/pcap.ts";
import { wantsInterface } from "../config/interfaces.ts";
import { EX_NOPERM, EX_OK, EX_OSERR } from "../delivery/exit.ts";
import { detectorOf } from "./detect.ts";
import { createFeed } from "./feed.ts";
import type { WatchOptions } from "./merge.ts";
import { createNames } from "./names.ts";

/** Without the right to capture nothing can be heard: how to get it. */
export const NO_RIGHT =
	"no right to capture: start tocsin as root (it becomes an ordinary user), or with CAP_NET_RAW (see inetd/systemd/tocsin.service)";

/** ms between two alerts that sources are forgotten early. */
const PRESSURE_WINDOW = 60_000;
/** Sources forgotten within it that are worth a word. */
const PRESSURE = 1_000;

const isLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

export interface WatchWorld {
	lib: Libpcap;
	/** Resolves when somebody wants us to leave. */
	stopped: Promise<void>;
	emit(alert: Alert): void;
	complain(sentence: string): void;
}

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

/** Says once a minute that sources had to be forgotten early: slow scans may be missed then. */
function createPressure(tell: (alert: SensorAlert) => void) {
	let sum = 0;
	let toldAt = 0;
	return (forgotten: number, time: number): void => {
		sum += forgotten;
		if (sum < PRESSURE || time - toldAt < PRESSURE_WINDOW) return;
		const message = `${sum} sources were forgotten early, there are too many: slow scans may be missed`;
		tell({
			kind: "sensor",
			time,
			state: "state-pressure",
			message,
			count: sum,
		});
		sum = 0;
		toldAt = time;
	};
}

/** The detector's clock between packets: what is due is told at its time, packets that wait first. */
function createClock(
	next: () => number | undefined,
	live: Live,
	advance: () => void,
) {
	let timer: NodeJS.Timeout | undefined;
	let due = Number.POSITIVE_INFINITY;
	const stop = () => clearTimeout(timer);
	function set(): void {
		const at = next() ?? Number.POSITIVE_INFINITY;
		if (at === due) return;
		stop();
		due = at;
		if (at === Number.POSITIVE_INFINITY) return;
		timer = setTimeout(ring, Math.max(0, at - Date.now()));
	}
	function ring(): void {
		due = Number.POSITIVE_INFINITY;
		live.drain();
		advance();
		set();
	}
	return { set, stop };
}

/** Watches until somebody stops it. Resolves to the exit code. */
export async function runWatch(
	options: WatchOptions,
	{ lib, stopped, emit, complain }: WatchWorld,
): Promise<number> {
	const now = Date.now;
	const walk = { littleEndian: isLittleEndian, nanoseconds: false };

	const live = createLive(
		{
			promiscuous: options.scope === "segment",
			filter: (linktype) => kernelFilter(options, linktype),
			choose: (found) =>
				chooseInterfaces(
					found,
					(name) => wantsInterface(options.interfaces, name),
					options.interfaces.some((pattern) => !pattern.startsWith("!")),
				),
		},
		{ lib, now, batch, idle: () => clock.set(), tell: emit },
	);
	const detector = detectorOf(
		options,
		{
			seed: randomInt(2 ** 32) | 0,
			names: createNames(live.nameOf),
			isBound: createBound(now),
		},
		emit,
	);
	const feed = createFeed(detector);
	const clock = createClock(detector.next, live, () => detector.advance(now()));
	const pressure = createPressure(emit);

	function batch(handle: Handle, index: number, bytes: number): void {
		const { buffer, linktype } = handle;
		const format = { ...walk, linktype, iface: index };
		walkRecords(buffer, 0, bytes, format, feed.record);
		feed.flush();
	}

	function learnAddresses(): void {
		const table = networkInterfaces();
		detector.setOwn(ownAddresses(table));
		detector.setHome(
			options.home.length > 0 ? options.home : ownNetworks(table),
		);
	}

	const sensor = (state: "start" | "stop", message: string) =>
		emit({ kind: "sensor", time: now(), state, message });

	learnAddresses();
	const errors = live.start();
	if (live.names().length === 0) return giveUp(errors, complain);
	for (const { message } of errors)
		emit({
			kind: "sensor",
			time: now(),
			state: "blind",
			message: `can't hear ${message}`,
		});
	sensor(
		"start",
		`watching ${live.names().join(", ")}, scope ${options.scope}`,
	);
	const looking = setInterval(() => {
		learnAddresses();
		live.look();
		pressure(detector.takeForgotten(), now());
		clock.set();
	}, LOOK);
	stopped.then(() => live.stop());
	await live.run();
	clearInterval(looking);
	clock.stop();
	detector.finish(now());
	const { received, dropped } = live.totals();
	sensor("stop", `stopped after ${received} packets, ${dropped} lost`);
	return EX_OK;
}
