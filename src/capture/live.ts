import { closeSync, readSync, writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { SensorAlert } from "../alert/alert.ts";
import { type Counts, createAccount } from "./account.ts";
import type { Handle, Libpcap, OpenError } from "./handle.ts";
import { createRoster, type RosterOptions, type Watched } from "./roster.ts";

/** Batches read from one interface before the others have their turn. */
const TURN = 32;
/** ms between two looks at the interfaces and the counters. */
export const LOOK = 3_000;

/** ms at the end, until the kernel has handed over what came just before. */
const LAST_BLOCK = 50;

export interface LiveWorld {
	lib: Libpcap;
	now(): number;
	/** A batch of records (pcap_dump(3), the machine's byte order) in `handle.buffer`. */
	batch(handle: Handle, index: number, bytes: number): void;
	/** After all that waited was read. */
	idle(): void;
	tell(alert: SensorAlert): void;
}

export interface Live {
	/** Opens what there is; the errors of what can't be opened. */
	start(): OpenError[];
	/** Reads until `stop`. */
	run(): Promise<void>;
	/** Reads what waits, without waiting. */
	drain(): void;
	/** Looks for interfaces that came or went, and for lost packets. */
	look(): void;
	stop(): void;
	/** Interfaces that are being watched. */
	names(): string[];
	nameOf(index: number): string | undefined;
	/** The number of an interface that is being watched, else -1. */
	indexOf(name: string): number;
	/** Packets that passed the filter so far, and those of them that were lost. */
	totals(): Counts;
	/** The same of each interface that is being watched, as of the last look. */
	perInterface(): { name: string; packets: number; drops: number }[];
}

/** Reads from all interfaces as they come and go. */
export function createLive(options: RosterOptions, world: LiveWorld): Live {
	const { lib, now, tell } = world;
	/** Closed by the loop only, when nobody polls their descriptors. */
	const leaving: Watched[] = [];
	const account = createAccount(now, tell);
	const bell = lib.eventfd();
	let isStopped = false;

	/** Ends the loop's poll, so that it sees what has changed. */
	function ring(): void {
		writeSync(bell, new BigUint64Array([1n]));
	}

	const roster = createRoster(options, {
		lib,
		now,
		tell,
		opened: () => [...watched.values()].forEach(read),
		left(one) {
			leaving.push(one);
			ring();
		},
	});
	const watched = roster.watched;

	function look(failed?: string): void {
		if (roster.look(failed)) ring();
	}

	/** Reads an interface's batches; false when it can't be read. */
	function read({ handle, index }: Watched): boolean {
		for (let turn = 0; turn < TURN; turn++) {
			const bytes = handle.read();
			if (typeof bytes === "string") return false;
			if (bytes === 0) break;
			world.batch(handle, index, bytes);
		}
		return true;
	}

	/** The same; what one that fails has come to, a look tells. */
	function pump(one: Watched): void {
		if (!read(one)) look(one.handle.name);
	}

	function drain(): void {
		for (const one of [...watched.values()]) pump(one);
	}

	function closeLeaving(): void {
		for (const { handle } of leaving.splice(0)) {
			account.review(handle, true);
			handle.close();
		}
	}

	return {
		start: roster.start,
		async run() {
			while (!isStopped) {
				const all = [...watched.values()];
				const fds = all.map(({ handle }) => handle.fd);
				for (const i of await lib.poll([bell, ...fds])) {
					const one = all[i - 1];
					if (one === undefined) readSync(bell, new BigUint64Array(1));
					else if (!leaving.includes(one)) pump(one);
				}
				closeLeaving();
				world.idle();
			}
			await sleep(LAST_BLOCK);
			[...watched.values()].forEach(read);
			roster.leaveAll();
			closeLeaving();
			closeSync(bell);
		},
		drain,
		look() {
			look();
			for (const { handle } of watched.values()) account.review(handle, false);
		},
		stop() {
			isStopped = true;
			ring();
		},
		names: () => [...watched.keys()],
		nameOf: roster.nameOf,
		indexOf: (name) => watched.get(name)?.index ?? -1,
		totals: () => ({ ...account.sum }),
		perInterface: () =>
			[...watched.values()].map(({ handle }) => {
				const { received, dropped } = account.of(handle);
				return { name: handle.name, packets: received, drops: dropped };
			}),
	};
}
