import type { SensorAlert } from "../alert/alert.ts";
import type { Handle, Interface, Libpcap, OpenError } from "./handle.ts";

/** Bytes of the kernel's ring: half a million SYNs a second fill it in a tenth of one. All of it counts as ours. */
const RING = 8 << 20;
/** Several interfaces share that, down to this. */
const LEAST_RING = 1 << 20;
/** On loopback nobody floods but ourselves. */
const LOOPBACK_RING = 2 << 20;

export interface RosterOptions {
	promiscuous: boolean;
	/** The filter for a link type. */
	filter(linktype: number): string;
	/** Which of the interfaces that exist are to be watched, those that are down included. */
	choose(found: readonly Interface[]): Interface[];
}

export interface RosterWorld {
	lib: Libpcap;
	now(): number;
	tell(alert: SensorAlert): void;
	/** An interface was opened, which takes a while: the others have gathered packets meanwhile. */
	opened(): void;
	/** An interface is watched no more; closing it is up to whoever may still be polling it. */
	left(one: Watched): void;
}

export interface Watched {
	handle: Handle;
	/** Its number, which it keeps when it goes and comes back. */
	index: number;
}

/**
 * Why an interface that was chosen is not watched: down from the start, which nobody was told; gone
 * down; can't be opened.
 */
type Absence = "waiting" | "down" | "deaf";

/** The interfaces that are watched, as they come and go. */
export interface Roster {
	watched: ReadonlyMap<string, Watched>;
	nameOf(index: number): string | undefined;
	/** Opens what there is; the errors of what can't be opened. Only later changes are told as alerts. */
	start(): OpenError[];
	/** Looks for what came or went; `failed` is watched but could not be read. True when there are new ones. */
	look(failed?: string): boolean;
	leaveAll(): void;
}

export function createRoster(
	options: RosterOptions,
	{ lib, now, tell, opened: announce, left }: RosterWorld,
): Roster {
	const watched = new Map<string, Watched>();
	const absent = new Map<string, Absence>();
	const names: string[] = [];
	let isBlind = false;

	const sensor = (
		state: SensorAlert["state"],
		message: string,
		name?: string,
	) =>
		tell({
			kind: "sensor",
			time: now(),
			state,
			message,
			...(name === undefined ? {} : { interface: name }),
		});

	/** How many share the rings' memory. */
	let crowd = 1;
	function choose(all: readonly Interface[]): Interface[] {
		const chosen = options.choose(all);
		crowd = Math.max(1, chosen.filter((one) => !one.isLoopback).length);
		return chosen;
	}

	function open({ name, isLoopback }: Interface): OpenError | undefined {
		const opened = lib.open(name, {
			promiscuous: options.promiscuous && !isLoopback,
			isOnlyIncoming: isLoopback,
			ring: isLoopback ? LOOPBACK_RING : Math.max(LEAST_RING, RING / crowd),
		});
		if ("kind" in opened)
			return { ...opened, message: `${name}: ${opened.message}` };
		const error = opened.setFilter(options.filter(opened.linktype));
		if (error !== undefined) {
			opened.close();
			return { kind: "other", message: `${name}: filter refused: ${error}` };
		}
		let index = names.indexOf(name);
		if (index < 0) index = names.push(name) - 1;
		watched.set(name, { handle: opened, index });
		announce();
		return undefined;
	}

	function leave(name: string): void {
		const gone = watched.get(name);
		if (watched.delete(name) && gone) left(gone);
	}

	/** Opens one that is not watched yet, and tells so, or why not, once. */
	function enter(device: Interface): void {
		const { name, isUp } = device;
		if (!isUp) return;
		const before = absent.get(name);
		const error = open(device);
		if (error) {
			absent.set(name, "deaf");
			if (before !== "deaf")
				sensor("blind", `can't hear ${error.message}`, name);
			return;
		}
		absent.delete(name);
		if (before === undefined)
			sensor("appeared", `${name} appeared and is being watched`, name);
		else sensor("up", `${name} is up and is being watched`, name);
	}

	/** Forgets those that do not exist any more. */
	function forget(all: readonly Interface[]): void {
		const exists = new Set(all.map(({ name }) => name));
		for (const name of [...watched.keys(), ...absent.keys()]) {
			if (exists.has(name)) continue;
			leave(name);
			if (absent.get(name) !== "waiting")
				sensor("vanished", `${name} vanished`, name);
			absent.delete(name);
		}
	}

	/** Leaves those that went down, or that a bridge or bond has taken in. */
	function part(chosen: readonly Interface[], failed?: string): void {
		for (const name of [...watched.keys()]) {
			const device = chosen.find((one) => one.name === name);
			if (device?.isUp && name !== failed) continue;
			leave(name);
			if (device) {
				absent.set(name, "down");
				sensor("down", `${name} went down`, name);
			} else
				sensor("vanished", `${name} is heard as a part of another now`, name);
		}
	}

	function tellBlindness(): void {
		const wasBlind = isBlind;
		isBlind = watched.size === 0;
		if (isBlind && !wasBlind) sensor("blind", "no interface is left to watch");
	}

	return {
		watched,
		nameOf: (index) => names[index],
		start() {
			const all = lib.interfaces();
			if (typeof all === "string") return [{ kind: "other", message: all }];
			return choose(all).flatMap((device) => {
				const error = device.isUp ? open(device) : undefined;
				if (!device.isUp || error)
					absent.set(device.name, error ? "deaf" : "waiting");
				return error ?? [];
			});
		},
		look(failed) {
			const all = lib.interfaces();
			if (typeof all === "string") return false;
			const chosen = choose(all);
			forget(all);
			part(chosen, failed);
			const missing = chosen.filter(({ name }) => !watched.has(name));
			missing.forEach(enter);
			tellBlindness();
			return missing.some(({ name }) => watched.has(name));
		},
		leaveAll: () => [...watched.keys()].forEach(leave),
	};
}
