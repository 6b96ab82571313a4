import { ALL_LINES_A_MINUTE, LINES_A_MINUTE } from "./params.ts";

/** MAC addresses counted apart; more share. */
const SLOTS = 256;
const MINUTE = 60_000;

/** Lines a minute for each MAC address and for all together: what keeps a flood from flooding the log. */
export interface Budget {
	/** Takes a line; false when there is none left this minute. */
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

export function createBudget(): Budget {
	const used = new Uint16Array(SLOTS);
	let all = 0;
	let minute = -1;

	return {
		take(macLow, now) {
			const current = Math.floor(now / MINUTE);
			if (current !== minute) {
				minute = current;
				all = 0;
				used.fill(0);
			}
			const i = slotOf(macLow);
			if (all >= ALL_LINES_A_MINUTE || (used[i] as number) >= LINES_A_MINUTE)
				return false;
			all++;
			used[i] = (used[i] as number) + 1;
			return true;
		},
	};
}
