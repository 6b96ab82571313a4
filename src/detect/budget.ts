import {
	ALL_JOINT_LINES,
	ALL_LINES_A_MINUTE,
	JOINT_LINES,
	LINES_A_MINUTE,
	MACS_A_MINUTE,
} from "./params.ts";

/** MAC addresses counted apart; more share. */
const SLOTS = 256;
const MINUTE = 60_000;

/** Lines a minute for each MAC address and for all together: what keeps a flood from flooding the log. */
export interface Budget {
	/** Takes a line; false when there is none left in the minute that ends now. */
	take(macLow: number, now: number): boolean;
}

/** How many of something are under way for each MAC address. */
export interface Room {
	/** False when it's full. */
	enter(macLow: number): boolean;
	leave(macLow: number): void;
}

const slotOf = (macLow: number) => (macLow ^ (macLow >>> 8)) & (SLOTS - 1);

/** Room for `max` things of each MAC address. */
export function createRoom(max: number): Room {
	const inside = new Uint16Array(SLOTS);
	return {
		enter(macLow) {
			const i = slotOf(macLow);
			if ((inside[i] as number) >= max) return false;
			inside[i] = (inside[i] as number) + 1;
			return true;
		},
		leave(macLow) {
			const i = slotOf(macLow);
			inside[i] = Math.max(0, (inside[i] as number) - 1);
		},
	};
}

/** When the latest `max` lines of each of `slots` were taken, the oldest first in turn. */
function createTimes(slots: number, max: number) {
	const times = new Float64Array(slots * max).fill(Number.NEGATIVE_INFINITY);
	const turns = new Uint16Array(slots);
	const at = (slot: number) => slot * max + (turns[slot] as number);
	return {
		isFree: (slot: number, now: number) =>
			now - (times[at(slot)] as number) >= MINUTE,
		take(slot: number, now: number): void {
			times[at(slot)] = now;
			turns[slot] = ((turns[slot] as number) + 1) % max;
		},
	};
}

/** The MAC addresses of the last minute, `max` at most. */
function createMacs(max: number) {
	const macs = new Int32Array(max);
	const times = new Float64Array(max).fill(Number.NEGATIVE_INFINITY);
	/** Where an address stands, or may: where the oldest did. */
	function placeOf(macLow: number): number {
		let oldest = 0;
		for (let i = 0; i < max; i++) {
			if (macs[i] === macLow) return i;
			if ((times[i] as number) < (times[oldest] as number)) oldest = i;
		}
		return oldest;
	}
	return {
		fits(macLow: number, now: number): boolean {
			const i = placeOf(macLow);
			return macs[i] === macLow || now - (times[i] as number) >= MINUTE;
		},
		enter(macLow: number, now: number): void {
			const i = placeOf(macLow);
			macs[i] = macLow;
			times[i] = now;
		},
	};
}

export interface Limits {
	/** Lines of one MAC address. */
	lines: number;
	/** Lines of all. */
	all: number;
	/** MAC addresses with any. */
	macs: number;
}

/** A purse of lines; what is taken from it is taken from `joint` as well. */
export function createBudget(limits: Limits, joint?: Budget): Budget {
	const each = createTimes(SLOTS, limits.lines);
	const all = createTimes(1, limits.all);
	const macs = createMacs(limits.macs);
	return {
		take(macLow, now) {
			const slot = slotOf(macLow);
			if (!each.isFree(slot, now) || !all.isFree(0, now)) return false;
			if (!macs.fits(macLow, now)) return false;
			if (joint && !joint.take(macLow, now)) return false;
			each.take(slot, now);
			all.take(0, now);
			macs.enter(macLow, now);
			return true;
		},
	};
}

/** Purses for probes and for scans, that neither silences the other, and the one for all lines. */
export function createBudgets() {
	const joint = createBudget({
		lines: JOINT_LINES,
		all: ALL_JOINT_LINES,
		macs: MACS_A_MINUTE * 2,
	});
	const limits = {
		lines: LINES_A_MINUTE,
		all: ALL_LINES_A_MINUTE,
		macs: MACS_A_MINUTE,
	};
	const [probes, scans] = [
		createBudget(limits, joint),
		createBudget(limits, joint),
	];
	return { probes, scans, joint };
}
