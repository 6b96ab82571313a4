import type { ConnectionAlert, Transport } from "../alert/alert.ts";
import type { SockAddress } from "./address.ts";
import { createFolder, type Folded } from "./fold.ts";

/** ms between looks for folds whose window has ended. */
const TICK_MS = 1000;
/** Folds told between two looks at how full the way out is: all at once would double our memory. */
const FOLDS_AT_ONCE = 500;
/** ms between those looks when we leave. */
const LEAVE_MS = 10;

/** One open trap. */
export interface Trap {
	transport: Transport;
	service: string;
	here: Partial<SockAddress>;
}

/** An alert of a trap, without a source. */
export function trapAlert(trap: Trap, time: number): ConnectionAlert {
	return {
		kind: "connection",
		time,
		transport: trap.transport,
		service: trap.service,
		source: {},
		destination: { ip: trap.here.ip, port: trap.here.port },
	};
}

function foldAlert(folded: Folded<Trap>, time: number): ConnectionAlert {
	const { trap, ip, crowd, fold } = folded;
	return {
		...trapAlert(trap, time),
		source: { ip },
		fold: { ...fold },
		note: crowd ? "many sources" : undefined,
	};
}

export interface CounterTools {
	now: () => number;
	/** Sends an alert on its way. */
	tell: (alert: ConnectionAlert) => void;
	/** Whether alerts should rather be folded now. */
	full: () => boolean;
}

export interface Counter {
	/** Counts an encounter; true when it is to be logged singly. */
	admit(trap: Trap, ip: string | undefined): boolean;
	/** ms since the epoch of the newest encounter, or of the start. */
	readonly last: number;
	/** Tells every fold. */
	finish(): Promise<void>;
}

/** Counts the encounters of many traps, and tells the folds when their windows end. */
export function createCounter({ now, tell, full }: CounterTools): Counter {
	const folder = createFolder<Trap>(undefined, full);
	let last = now();
	let ticking: NodeJS.Timeout | undefined;

	/** Tells the folds whose window has ended as far as there is room; true when none is left. */
	function tellFolds(until: number): boolean {
		while (!full()) {
			const folds = folder.expire(until, FOLDS_AT_ONCE);
			const time = now();
			for (const folded of folds) tell(foldAlert(folded, time));
			if (folds.length < FOLDS_AT_ONCE) return true;
		}
		return false;
	}

	function tick(): void {
		tellFolds(now());
		ticking = folder.size > 0 ? setTimeout(tick, TICK_MS) : undefined;
	}

	return {
		get last() {
			return last;
		},
		admit(trap, ip) {
			last = now();
			ticking ??= setTimeout(tick, TICK_MS);
			return folder.admit(trap, ip, last);
		},
		async finish() {
			clearTimeout(ticking);
			while (!tellFolds(Number.POSITIVE_INFINITY))
				await new Promise((resolve) => setTimeout(resolve, LEAVE_MS));
		},
	};
}
