import { setTimeout as sleep } from "node:timers/promises";
import type { Agenda } from "../detect/agenda.ts";

/** Between packets: what is due is told at its time, but packets that wait come first. */
export interface Clock {
	/** To be called when something new may be due. */
	set(): void;
	stop(): void;
}

/** `next` is when something is due (ms since the epoch), `drain` reads what waits, `advance` tells what is due. */
export function createClock(
	next: () => number | undefined,
	drain: () => void,
	advance: () => void,
): Clock {
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
		drain();
		advance();
		set();
	}
	return { set, stop };
}

/** A clock for an agenda of its own, where no packets are waited for. */
export interface AgendaClock extends Clock {
	/** Resolves when nothing is left on the agenda. */
	settled(): Promise<void>;
}

export function createAgendaClock({ next, advance }: Agenda): AgendaClock {
	const clock = createClock(
		next,
		() => {},
		() => advance(Date.now()),
	);
	return {
		...clock,
		async settled() {
			clock.set();
			for (let at = next(); at !== undefined; at = next())
				await sleep(Math.max(1, at - Date.now()));
		},
	};
}
