import type { Lure, LureWorld } from "./lure.ts";

/** ms after the start within which the first cycle begins: soon, and not with all that starts at boot. */
const FIRST = 10_000;
/**
 * ms before a host's first question (RFC 4861 section 6.3.7, RFC 8415 section 18.2.1: up to a second), and
 * between two, which another program would send.
 */
const DELAY = 1_000;
const [SHORTEST_GAP, LONGEST_GAP] = [500, 3_000];

/** Sends a question, if there is still an interface to send it from. */
export type Ask = (now: number) => void;

type World = Pick<LureWorld, "agenda" | "random">;

/** The same in an order that can't be foreseen (Fisher and Yates). */
export function shuffled<T>(random: World["random"], list: readonly T[]): T[] {
	const all = [...list];
	for (let i = all.length - 1; i > 0; i--) {
		const j = random(i + 1);
		[all[i], all[j]] = [all[j] as T, all[i] as T];
	}
	return all;
}

/**
 * Asks again and again: `questions` yields those of a cycle, a list for each interface, which are sent in
 * any order, 0.5 to 3 s apart. The next cycle begins `every` ms later on average, half to one and a half of
 * it; 0 never begins.
 */
export function createCycle(
	every: number,
	{ agenda, random }: World,
	questions: () => Ask[][],
): Lure {
	/** Changes when all that is planned is void. */
	let run = {};

	function plan(time: number, act: (due: number) => void): void {
		const planned = run;
		agenda.at(time, (due) => {
			if (planned === run) act(due);
		});
	}

	/** All interfaces ask at the same times, each in its own order: waking costs more than asking. */
	function ask(now: number): void {
		const lists = questions().map((list) => shuffled(random, list));
		const most = Math.max(0, ...lists.map((list) => list.length));
		let time = now + random(DELAY + 1);
		for (let i = 0; i < most; i++) {
			plan(time, (due) => {
				for (const list of lists) list[i]?.(due);
			});
			time += SHORTEST_GAP + random(LONGEST_GAP - SHORTEST_GAP + 1);
		}
	}

	function cycle(now: number): void {
		ask(now);
		plan(now + Math.ceil(every / 2) + random(every + 1), cycle);
	}

	return {
		start(now) {
			run = {};
			if (every > 0) plan(now + random(Math.min(every, FIRST)), cycle);
		},
		once: ask,
		stop() {
			run = {};
		},
	};
}
