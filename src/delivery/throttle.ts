import {
	type Alert,
	type ConnectionAlert,
	type Fold,
	MANY,
	type ScanAlert,
	type SensorAlert,
	type SweepAlert,
	type WireAlert,
} from "../alert/alert.ts";
import { createWindows } from "./windows.ts";

/** ms in which a source's further alerts are folded: FACTS 4, nobody wants more than a line in five minutes. */
export const WINDOW = 300_000;
/** Windows open at once, some 60 bytes each without a fold. */
const MAX_WINDOWS = 100_000;
/** Windows for each that may hold a fold, which has an alert with it: 1 kB and more. */
const WINDOWS_A_FOLD = 6;
/** Windows looked at, when the table is full, for one that nothing was folded into. */
const LOOKS = 16;

/** How alerts are told: `burst` at once, then one a window of `ms`; 0 ms: all at once. `why` goes with a fold. */
export interface Pace {
	ms: number;
	burst: number;
	why?: string | undefined;
}

/** Alerts that were not told yet; the newest, and the count of those runs that it doesn't tell of itself. */
interface Held {
	alert: Exclude<Alert, SensorAlert>;
	fold: Fold;
	why: string | undefined;
}

export interface Throttle {
	/** Tells an alert at once, or folds it: true then. `now` is in ms since the epoch, and never goes back. */
	take(alert: Alert, pace: Pace, now: number): boolean;
	/** When a window ends next. */
	next(): number | undefined;
	/** Tells the folds of windows that have ended. */
	advance(now: number): void;
	/** Tells all folds. */
	finish(now: number): void;
	/** Windows that are open. */
	readonly size: number;
}

/** What a wire alert is about beside its source. */
function targetOf(alert: WireAlert): string {
	switch (alert.kind) {
		case "probe":
			return `${alert.destination.ip} ${alert.destination.port ?? alert.protocol ?? ""}`;
		case "sweep":
			return `${alert.port ?? ""}`;
		case "poison":
			return `${alert.source.mac} ${alert.confidence} ${alert.exists}`;
		case "rogue-dhcp":
		case "rogue-ra":
			return `${alert.source.mac}`;
		default:
			return alert.destination.ip;
	}
}

/** Who did what to whom: alerts with the same key are folded. Decoys are known by the first of them. */
export function keyOf(alert: ConnectionAlert | WireAlert): string {
	if (alert.kind === "connection")
		return `connection ${alert.source.ip} ${alert.transport} ${alert.destination.port} ${alert.service}`;
	const { kind, technique, source, sources, vlan } = alert;
	const who = source.ip === MANY ? MANY : (sources?.ips[0] ?? source.ip);
	return `${kind} ${who} ${technique} ${alert.interface} ${vlan} ${targetOf(alert)}`;
}

/** Their folds count all packets since they began; those of others count what was not told. */
const isRun = (alert: Alert): alert is ScanAlert | SweepAlert =>
	alert.kind === "scan" || alert.kind === "sweep";

const foldOf = (alert: ConnectionAlert | WireAlert): Fold =>
	alert.fold ?? { count: 1, first: alert.time, last: alert.time };

const sum = (a: Fold, b: Fold): Fold => ({
	count: a.count + b.count,
	first: Math.min(a.first, b.first),
	last: Math.max(a.last, b.last),
});

/** What is held when a further alert comes. What a scan tells of itself holds what it told before. */
function hold(
	held: Held | undefined,
	alert: ConnectionAlert | WireAlert,
	why: string | undefined,
): Held {
	const fold = foldOf(alert);
	if (!held) return { alert, fold, why };
	if (!isRun(alert)) return { alert, fold: sum(held.fold, fold), why };
	const before = foldOf(held.alert);
	const isSame = before.first === fold.first;
	const others = isSame
		? { ...held.fold, count: held.fold.count - before.count }
		: held.fold;
	return { alert, fold: sum(others, fold), why };
}

function release({ alert, fold, why }: Held, time: number): Alert {
	const note = alert.note ?? why;
	return { ...alert, time, fold, ...(note === undefined ? {} : { note }) };
}

/**
 * Folds alerts by source, kind and target: the first of a window is told at once, what follows in it as one
 * alert with the exact count, first and last time when it ends, and so on until a window stays quiet. A full
 * table forgets the oldest quiet window, and where there are too many folds the oldest is told early: sums are
 * exact, and no first alert is ever held back. What tocsin says of itself is never folded.
 */
export function createThrottle(
	tell: (alert: Alert) => void,
	max = MAX_WINDOWS,
	random: () => number = Math.random,
): Throttle {
	const windows = createWindows(random);
	const folds = new Map<number, Held>();

	/** Makes room for one more fold: the oldest is told early. */
	function makeFoldRoom(now: number): void {
		const [oldest] = folds;
		if (!oldest || folds.size < max / WINDOWS_A_FOLD) return;
		folds.delete(oldest[0]);
		tell(release(oldest[1], now));
	}

	/** Ends a window; what was folded into it, which the caller tells. */
	function close(place: number): Held | undefined {
		const held = folds.get(place);
		folds.delete(place);
		windows.close(place);
		return held;
	}

	/** Tells what was folded and goes on folding; a window that stayed quiet is over: false then. */
	function end(place: number, now: number): boolean {
		const held = folds.get(place);
		if (!held) {
			windows.close(place);
			return false;
		}
		folds.delete(place);
		windows.renew(place, now + windows.ms(place));
		tell(release(held, now));
		return true;
	}

	/** Forgets a window that nothing was folded into, among the oldest, else the oldest one. */
	function makeRoom(now: number): void {
		let victim = windows.oldest();
		let place = victim;
		for (let looks = 0; looks < LOOKS && place >= 0; looks++) {
			if (!folds.has(place)) {
				victim = place;
				break;
			}
			place = windows.after(place);
		}
		if (victim < 0) return;
		const held = close(victim);
		if (held) tell(release(held, now));
	}

	/** The window that an alert falls into, or -1. */
	function windowOf(key: string, now: number): number {
		const place = windows.find(key);
		const isOver = place >= 0 && now >= windows.ends(place);
		return isOver && !end(place, now) ? -1 : place;
	}

	return {
		take(alert, { ms, burst, why }, now) {
			if (alert.kind === "sensor" || ms === 0) {
				tell(alert);
				return false;
			}
			const key = keyOf(alert);
			let place = windowOf(key, now);
			if (place >= 0 && windows.told(place) >= burst) {
				if (!folds.has(place)) makeFoldRoom(now);
				folds.set(place, hold(folds.get(place), alert, why));
				return true;
			}
			if (place < 0) {
				if (windows.size >= max) makeRoom(now);
				place = windows.open(key, ms, now + ms);
			}
			windows.setTold(place, windows.told(place) + 1);
			tell(alert);
			return false;
		},
		next() {
			const ends = windows.first().map(windows.ends);
			return ends.length > 0 ? Math.min(...ends) : undefined;
		},
		advance(now) {
			for (let [place] = over(now); place !== undefined; [place] = over(now))
				end(place, now);
		},
		finish(now) {
			for (let place = windows.oldest(); place >= 0; place = windows.oldest()) {
				const held = close(place);
				if (held) tell(release(held, now));
			}
		},
		get size() {
			return windows.size;
		},
	};

	function over(now: number): number[] {
		return windows.first().filter((place) => windows.ends(place) <= now);
	}
}
