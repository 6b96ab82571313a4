import type { Store } from "./store.ts";

/** ms between looks at least, as folds come in pieces, and at most: another process may open a shorter window, and what is old goes. */
const SOON = 1000;
const LATEST = 60_000;

/** Rings when folds in the database are over, and now and then, for a klaxon that stays. */
export interface TidyClock {
	/** To be called when something was counted. */
	set(): void;
	stop(): void;
}

/** `ring` is told the time, ms since the epoch, and must not reject. Keeps no process alive. */
export function createTidyClock(
	store: Pick<Store, "nextExpiry"> | undefined,
	ring: (now: number) => Promise<void>,
): TidyClock {
	let timer: NodeJS.Timeout | undefined;
	const stop = () => clearTimeout(timer);
	function set(): void {
		stop();
		if (!store) return;
		const at = store.nextExpiry();
		const wait = typeof at === "number" ? at - Date.now() : LATEST;
		const ms = Math.min(Math.max(wait, SOON), LATEST);
		timer = setTimeout(() => ring(Date.now()).then(set), ms).unref();
	}
	return { set, stop };
}
