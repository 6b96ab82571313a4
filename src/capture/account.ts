import type { SensorAlert } from "../alert/alert.ts";
import type { Handle } from "./handle.ts";

/** ms between two alerts of drops on one interface. */
const DROPS_WINDOW = 60_000;

/** What is known of one interface's packets. */
interface Entry {
	/** The kernel's counters as they were last read. */
	received: number;
	dropped: number;
	/** Drops that were not told yet, and when some were told last. */
	untold: number;
	toldAt: number;
}

/** Packets that the kernel handed over or lost, all interfaces together. */
export interface Account {
	/** Reads an interface's counters; tells of drops, at most once a minute, or of all with `isLast`. */
	review(handle: Handle, isLast: boolean): void;
	sum: { received: number; dropped: number };
}

/** Counts for ever: the kernel's counters are 32 bits, which a flood fills within hours. */
export function createAccount(
	now: () => number,
	tell: (alert: SensorAlert) => void,
): Account {
	const entries = new WeakMap<Handle, Entry>();
	const sum = { received: 0, dropped: 0 };

	function update(handle: Handle): Entry {
		const { received, dropped } = handle.counters();
		const before = entries.get(handle);
		const more = (received - (before?.received ?? 0)) >>> 0;
		const lost = (dropped - (before?.dropped ?? 0)) >>> 0;
		sum.received += more;
		sum.dropped += lost;
		const untold = (before?.untold ?? 0) + lost;
		const entry = { received, dropped, untold, toldAt: before?.toldAt ?? 0 };
		entries.set(handle, entry);
		return entry;
	}

	return {
		sum,
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
