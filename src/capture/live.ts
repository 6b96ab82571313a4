import { readSync, writeSync } from "node:fs";
import type { SensorAlert } from "../alert/alert.ts";
import type { Handle, Interface, Libpcap, OpenError } from "./libpcap.ts";

/** Bytes of the kernel's ring: what half a million SYNs a second need for the pauses of a garbage collector. */
const RING = 8 << 20;
/** The same on loopback, where nobody floods but ourselves. */
const LOOPBACK_RING = 2 << 20;
/** Batches read from one interface before the others have their turn. */
const TURN = 32;
/** ms between two looks at the interfaces and the counters. */
export const LOOK = 2_000;
/** ms between two alerts of drops on one interface. */
const DROPS_WINDOW = 60_000;

export interface LiveOptions {
	promiscuous: boolean;
	/** The filter for a link type. */
	filter(linktype: number): string;
	/** Which of the interfaces that exist are to be watched. */
	choose(found: readonly Interface[]): Interface[];
}

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
	/** Looks for interfaces that came, went, or lost packets. */
	look(): void;
	stop(): void;
	/** Interfaces that are being watched. */
	names(): string[];
	nameOf(index: number): string | undefined;
	totals(): { received: number; dropped: number };
}

interface Watched {
	handle: Handle;
	index: number;
	/** Drops that were told, and when. */
	toldDrops: number;
	toldAt: number;
}

/** The interfaces that are watched, as they come and go. */
export function createLive(options: LiveOptions, world: LiveWorld): Live {
	const { lib, now, tell } = world;
	const watched = new Map<string, Watched>();
	/** Closed by the loop only, when nobody polls their descriptors. */
	const leaving: Watched[] = [];
	/** Known to be down or not to be opened, so that it's told once. */
	const troubled = new Map<string, string>();
	const indexes: string[] = [];
	const past = { received: 0, dropped: 0 };
	const bell = lib.eventfd();
	let isStopped = false;

	const sensor = (
		state: SensorAlert["state"],
		message: string,
		name?: string,
		count?: number,
	) =>
		tell({
			kind: "sensor",
			time: now(),
			state,
			message,
			...(name === undefined ? {} : { interface: name }),
			...(count === undefined ? {} : { count }),
		});

	function ring(): void {
		writeSync(bell, new BigUint64Array([1n]));
	}

	function open({ name, isLoopback }: Interface): OpenError | undefined {
		const opened = lib.open(name, {
			promiscuous: options.promiscuous && !isLoopback,
			ring: isLoopback ? LOOPBACK_RING : RING,
		});
		if ("kind" in opened)
			return { ...opened, message: `${name}: ${opened.message}` };
		const error = opened.setFilter(options.filter(opened.linktype));
		if (error !== undefined) {
			opened.close();
			return { kind: "other", message: `${name}: filter refused: ${error}` };
		}
		let index = indexes.indexOf(name);
		if (index < 0) index = indexes.push(name) - 1;
		watched.set(name, { handle: opened, index, toldDrops: 0, toldAt: 0 });
		return undefined;
	}

	function leave(name: string): void {
		const gone = watched.get(name);
		if (!gone) return;
		watched.delete(name);
		leaving.push(gone);
		ring();
	}

	function closeLeaving(): void {
		for (const { handle } of leaving.splice(0)) {
			const { received, dropped } = handle.counters();
			past.received += received;
			past.dropped += dropped;
			handle.close();
		}
	}

	/** Reads an interface's batches; one that can't be read is left, the next look may find it again. */
	function pump({ handle, index }: Watched): void {
		for (let turn = 0; turn < TURN; turn++) {
			const bytes = handle.read();
			if (typeof bytes === "string") {
				troubled.set(handle.name, bytes);
				leave(handle.name);
				sensor("down", `can't hear ${handle.name}: ${bytes}`, handle.name);
				return;
			}
			if (bytes === 0) return;
			world.batch(handle, index, bytes);
		}
	}

	function drops(): void {
		for (const [name, one] of watched) {
			const { dropped } = one.handle.counters();
			const lost = (dropped - one.toldDrops) >>> 0; // the counters are 32 bits
			if (lost === 0 || now() - one.toldAt < DROPS_WINDOW) continue;
			one.toldDrops = dropped;
			one.toldAt = now();
			sensor("drops", `${lost} packets were lost on ${name}`, name, lost);
		}
	}

	/** What is to be watched and isn't: opened, or told why not, once. */
	function enter(device: Interface, isFirst: boolean): OpenError | undefined {
		const { name, isUp } = device;
		if (!isUp) return undefined;
		const error = open(device);
		const wasTroubled = troubled.get(name);
		if (error) {
			if (wasTroubled === undefined && !isFirst)
				sensor("blind", `can't hear ${error.message}`, name);
			troubled.set(name, error.message);
			return error;
		}
		troubled.delete(name);
		if (isFirst) return undefined;
		if (wasTroubled === undefined)
			sensor("appeared", `${name} appeared and is being watched`, name);
		else sensor("up", `${name} is back and is being watched`, name);
		return undefined;
	}

	function find(isFirst: boolean): OpenError[] {
		const all = lib.interfaces();
		if (typeof all === "string") return [{ kind: "other", message: all }];
		const chosen = options.choose(all);
		for (const name of [...watched.keys()]) {
			const device = all.find((one) => one.name === name);
			if (device?.isUp) continue;
			leave(name);
			if (!device) {
				sensor("vanished", `${name} vanished`, name);
				continue;
			}
			troubled.set(name, "down");
			sensor("down", `${name} went down`, name);
		}
		const missing = chosen.filter(({ name }) => !watched.has(name));
		const errors = missing.flatMap((device) => enter(device, isFirst) ?? []);
		if (missing.length > 0) ring();
		return errors;
	}

	function look(): void {
		const had = watched.size;
		find(false);
		if (had > 0 && watched.size === 0)
			sensor("blind", "no interface is left to watch");
		drops();
	}

	return {
		start: () => find(true),
		async run() {
			while (!isStopped) {
				const all = [...watched.values()];
				const ready = await lib.poll([
					bell,
					...all.map(({ handle }) => handle.fd),
				]);
				for (const i of ready) {
					const one = all[i - 1];
					if (one === undefined) readSync(bell, new BigUint64Array(1));
					else if (!leaving.includes(one)) pump(one);
				}
				closeLeaving();
				world.idle();
			}
			for (const name of [...watched.keys()]) leave(name);
			closeLeaving();
		},
		drain() {
			for (const one of watched.values()) pump(one);
		},
		look,
		stop() {
			isStopped = true;
			ring();
		},
		names: () => [...watched.keys()],
		nameOf: (index) => indexes[index],
		totals() {
			const sum = { ...past };
			for (const { handle } of watched.values()) {
				const { received, dropped } = handle.counters();
				sum.received += received;
				sum.dropped += dropped;
			}
			return sum;
		},
	};
}
