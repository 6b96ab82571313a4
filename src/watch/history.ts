import type { Item } from "../delivery/store.ts";

/** ms from an alert until it is on disk, so that a burst is one transaction. */
const SOON = 20;
/** Alerts written at once, at most. */
const MAX_BATCH = 1000;
/** ms between two attempts at a disk that takes nothing. */
const RETRY = 10_000;
/** Alerts that wait for such a disk, some 2 kB each. */
const MAX_WAITING = 5000;

export interface HistoryWorld {
	/** Writes to the store: a sentence where it can't. */
	write(items: readonly Item[]): string | undefined;
	/** Called when something was written. */
	written(): void;
	complain(sentence: string): void;
}

/** What was told, on its way to disk. */
export interface History {
	add(item: Item): void;
	/** Writes all now; a sentence where the disk takes nothing. */
	flush(): string | undefined;
	/** Alerts that are not on disk yet. */
	readonly waiting: number;
}

/**
 * Gathers what came at once into a transaction. While the disk is full what comes waits in memory, the newest
 * 5,000 alerts; that is told once, and once more when there is room again, with the number that was lost.
 */
export function createHistory({
	write,
	written,
	complain,
}: HistoryWorld): History {
	let waiting: Item[] = [];
	let lost = 0;
	let isStuck = false;
	let timer: NodeJS.Timeout | undefined;

	function set(ms: number): void {
		timer ??= setTimeout(() => {
			timer = undefined;
			flush();
		}, ms);
		timer.unref();
	}

	function stick(why: string): void {
		if (!isStuck) complain(`alerts are told, but not kept: ${why}`);
		isStuck = true;
		if (waiting.length > MAX_WAITING) {
			lost += waiting.length - MAX_WAITING;
			waiting = waiting.slice(-MAX_WAITING);
		}
		set(RETRY);
	}

	function unstick(): void {
		if (!isStuck) return;
		isStuck = false;
		complain(
			lost > 0
				? `alerts are kept again, ${lost} are lost to the history and the outbox`
				: "alerts are kept again, none was lost",
		);
		lost = 0;
	}

	function flush(): string | undefined {
		clearTimeout(timer);
		timer = undefined;
		while (waiting.length > 0) {
			const why = write(waiting.slice(0, MAX_BATCH));
			if (why !== undefined) {
				stick(why);
				return why;
			}
			waiting = waiting.slice(MAX_BATCH);
			unstick();
			written();
		}
		return undefined;
	}

	return {
		add(item) {
			waiting.push(item);
			if (isStuck && waiting.length > MAX_WAITING) {
				waiting.shift();
				lost++;
			}
			if (!isStuck && waiting.length >= MAX_BATCH) flush();
			else set(SOON);
		},
		flush,
		get waiting() {
			return waiting.length;
		},
	};
}
