import type { SensorAlert } from "../alert/alert.ts";
import type { Handle } from "./handle.ts";

/** ms between two alerts of drops on one interface. */
const DROPS_WINDOW = 60_000;

/** Packets that the kernel handed over, and those of them that were lost. */
export interface Counts {
	received: number;
	dropped: number;
}

/** What is known of one interface's packets. */
interface Entry {
	/** The kernel's counters as they were last read. */
	received: number;
	dropped: number;
	/** All since it was opened. */
	sum: Counts;
	/** Drops that were not told yet, and when some were told last. */
	untold: number;
	toldAt: number;
}

/** Packets that the kernel handed over or lost, all interfaces together. */
export interface Account {
	/** Reads an interface's counters; tells of drops, at most once a minute, or of all with `isLast`. */
	review(handle: Handle, isLast: boolean): void;
	sum: Counts;
	/** Of one interface, as of its last review. */
	of(handle: Handle): Counts;
}

/** Counts for ever: the kernel's counters are 32 bits, which a flood fills within hours. */
export function createAccount(
	now: () => number,
	tell: (alert: SensorAlert) => void,
): Account {
	const entries = new WeakMap<Handle, Entry>();
	const sum: Counts = { received: 0, dropped: 0 };

	function update(handle: Handle): Entry {
		const { received, dropped } = handle.counters();
		const before = entries.get(handle);
		const more = (received - (before?.received ?? 0)) >>> 0;
		const lost = (dropped - (before?.dropped ?? 0)) >>> 0;
		const own = before?.sum ?? { received: 0, dropped: 0 };
		for (const one of [sum, own]) {
			one.received += more;
			one.dropped += lost;
		}
		const untold = (before?.untold ?? 0) + lost;
		const toldAt = before?.toldAt ?? 0;
		const entry = { received, dropped, sum: own, untold, toldAt };
		entries.set(handle, entry);
		return entry;
	}

	return {
		sum,
		of: (handle) => entries.get(handle)?.sum ?? { received: 0, dropped: 0 },
		review(handle, isLast) {
			const entry = update(handle);
			const { untold: count, toldAt } = entry;
			const time = now();
			if (count === 0 || (!isLast && time - toldAt < DROPS_WINDOW)) return;
			entry.untold = 0;
			entry.toldAt = time;
			const { name } = handle;
			const message = `${count} packets were lost on ${name}`;
			tell({
				kind: "sensor",
				time,
				state: "drops",
				message,
				interface: name,
				count,
			});
		},
	};
}
