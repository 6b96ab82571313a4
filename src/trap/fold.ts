import type { Fold } from "../alert/alert.ts";

/** Encounters of one source at one trap that are logged singly in a window: the design's ten a minute. */
export const BURST = 10;
/** ms; a window opens with a source's first encounter. */
export const WINDOW_MS = 60_000;
/** Sources times traps remembered; about 200 bytes each, so a table of 8 MB at most. */
export const MAX_ENTRIES = 32_768;

export interface Limits {
	burst: number;
	windowMs: number;
	maxEntries: number;
}

/** What one source did at one trap since its window opened; times in ms. */
export interface Entry<Trap> {
	trap: Trap;
	ip: string | undefined;
	crowd: boolean;
	opened: number;
	logged: number;
	fold: Fold;
}

/** A fold to be told; a `crowd` spans the many sources that found the table full. */
export type Folded<Trap> = Pick<Entry<Trap>, "trap" | "ip" | "crowd" | "fold">;

export interface Folder<Trap> {
	/** Counts an encounter; true when the caller must log it singly, false when it was folded. */
	admit(trap: Trap, ip: string | undefined, now: number): boolean;
	/** Takes out the folds whose window has ended by `now`, with Infinity all; `most` at a time, the oldest first. */
	expire(now: number, most?: number): Folded<Trap>[];
	/** Windows that are open. */
	readonly size: number;
}

/**
 * Counts encounters so that none is lost and no source can flood the log: singles plus folds always
 * add up to the calls of `admit`. Windows are equally long, so the map's order is their order of
 * ending. When the table is full, newcomers share one entry a trap and are folded from the first.
 * `busy` says that nothing more can be logged now; then everything is folded.
 */
export function createFolder<Trap>(
	limits: Limits = {
		burst: BURST,
		windowMs: WINDOW_MS,
		maxEntries: MAX_ENTRIES,
	},
	busy: () => boolean = () => false,
): Folder<Trap> {
	const sources = new Map<Trap, Map<string | undefined, Entry<Trap>>>();
	const order = new Set<Entry<Trap>>();
	const crowds = new Map<Trap, Entry<Trap>>();

	const open = (
		trap: Trap,
		ip: string | undefined,
		now: number,
	): Entry<Trap> => ({
		trap,
		ip,
		crowd: false,
		opened: now,
		logged: 0,
		fold: { count: 0, first: now, last: now },
	});

	function entryFor(
		trap: Trap,
		ip: string | undefined,
		now: number,
	): Entry<Trap> {
		let ofTrap = sources.get(trap);
		if (!ofTrap) {
			ofTrap = new Map();
			sources.set(trap, ofTrap);
		}
		const known = ofTrap.get(ip);
		if (known) return known;
		if (order.size >= limits.maxEntries) return crowdOf(trap, now);
		const entry = open(trap, ip, now);
		ofTrap.set(ip, entry);
		order.add(entry);
		return entry;
	}

	function crowdOf(trap: Trap, now: number): Entry<Trap> {
		const known = crowds.get(trap);
		if (known) return known;
		const crowd = {
			...open(trap, undefined, now),
			crowd: true,
			logged: limits.burst,
		};
		crowds.set(trap, crowd);
		return crowd;
	}

	// A clock that was set back must not keep a window open for hours.
	const isOpen = (entry: Entry<Trap>, now: number): boolean =>
		now >= entry.opened && now - entry.opened < limits.windowMs;

	function* ended(now: number): Generator<Entry<Trap>> {
		for (const entry of order) {
			if (isOpen(entry, now)) break;
			order.delete(entry);
			sources.get(entry.trap)?.delete(entry.ip);
			yield entry;
		}
		for (const [trap, crowd] of crowds) {
			if (isOpen(crowd, now)) continue;
			crowds.delete(trap);
			yield crowd;
		}
	}

	return {
		admit(trap, ip, now) {
			const entry = entryFor(trap, ip, now);
			if (entry.logged < limits.burst && !busy()) {
				entry.logged++;
				return true;
			}
			if (entry.fold.count++ === 0) entry.fold.first = now;
			entry.fold.last = now;
			return false;
		},
		expire(now, most = Number.POSITIVE_INFINITY) {
			const told: Folded<Trap>[] = [];
			for (const entry of ended(now))
				if (entry.fold.count > 0 && told.push(entry) >= most) break;
			return told;
		},
		get size() {
			return order.size + crowds.size;
		},
	};
}
