import type { Alert } from "../alert/alert.ts";
import type { Agenda } from "./agenda.ts";
import type { Attempt } from "./attempt.ts";
import { createBudgets } from "./budget.ts";
import { type Class, isNeighbourly } from "./class.ts";
import { createDecoys } from "./decoys.ts";
import { createFlood } from "./flood.ts";
import { mix } from "./hash.ts";
import {
	FAR_GRACE,
	PROBE_HOLD,
	SCAN_GRACE,
	SUSPECTS_A_SECOND,
} from "./params.ts";
import { createProbes } from "./probes.ts";
import type { Names } from "./report.ts";
import { createSources, itemOf, weightOf } from "./sources.ts";
import { createSuspects, type Suspect } from "./suspects.ts";

/** Where the judges' findings come together: each attempt goes into the tables and, if need be, out as an alert. */
export interface Attempts {
	/** Somebody tried something. `isWorth`: it deserves an alert by itself (a watched port, a certain sign). */
	attempt(a: Attempt, isWorth: boolean): void;
	/** An attempt that needs no port: a ping. */
	ping(a: Attempt): void;
	/** A sign that goes with an attempt and isn't one itself: told, but counted nowhere. */
	single(a: Attempt): void;
	/** The target answered: the attempt was none. */
	answered(a: Attempt): void;
	/** The target refused: no need to wait. */
	refused(a: Attempt): void;
	/** Asks the memory for what is known of a source, a few packets before it's needed. */
	warm(source: number): void;
	/** Attempts so far, of whatever kind. */
	tried(): number;
	/** Sources forgotten early since the last call. */
	takeForgotten(): number;
	finish(now: number): void;
}

export interface AttemptsWorld {
	agenda: Agenda;
	names: Names;
	emit(alert: Alert): void;
	isServed(cls: Class, port: number, target: number): boolean | undefined;
	isOwn(target: number): boolean;
}

/** When all is decided that waits for an answer, or for a scan to show. */
const SETTLED = Math.max(FAR_GRACE, PROBE_HOLD, SCAN_GRACE);

/** Target and class of an attempt in 16 bits, for a source's entry. */
const shortOf = (a: Attempt) => mix(a.target, a.cls) & 0xffff;

/** Words of the address book: the address, its word, its class. */
const PAGE = 6;

/** The last address behind each of the 65,536 short forms, so that a suspect's first targets have names. */
function createBook() {
	const book = new Int32Array(PAGE << 16);
	return {
		note(short: number, a: Attempt): void {
			const at = short * PAGE;
			const { d0, d1, d2, d3 } = a.packet;
			book[at] = d0;
			book[at + 1] = d1;
			book[at + 2] = d2;
			book[at + 3] = d3;
			book[at + 4] = a.target;
			book[at + 5] = a.cls;
		},
		/** An attempt like `a` at the target that `short` stands for. */
		like(a: Attempt, short: number, port: number, now: number): Attempt {
			const page = book.subarray(short * PAGE, short * PAGE + PAGE);
			const [d0 = 0, d1 = 0, d2 = 0, d3 = 0, target = 0, cls = 0] = page;
			const packet = { ...a.packet, d0, d1, d2, d3 };
			return { ...a, packet, target, cls: cls as Class, port, now };
		},
	};
}

/** The budgets' minute. */
const minuteOf = (now: number) => Math.floor(now / 60_000);

/** New suspects a second for each MAC address. */
function createGate() {
	const used = new Uint16Array(256);
	let second = -1;
	return (macLow: number, now: number): boolean => {
		const current = Math.floor(now / 1000);
		if (current !== second) {
			second = current;
			used.fill(0);
		}
		const i = (macLow ^ (macLow >>> 8)) & 0xff;
		used[i] = (used[i] as number) + 1;
		return (used[i] as number) <= SUSPECTS_A_SECOND;
	};
}

export function createAttempts(world: AttemptsWorld): Attempts {
	const { agenda } = world;
	const sources = createSources();
	const decoys = createDecoys(groupFrom);
	const book = createBook();
	const admits = createGate();
	const flood = createFlood(world);
	const budgets = createBudgets();
	const probes = createProbes({
		...world,
		budget: budgets.probes,
		told: flood.takeBack,
		held: flood.hold,
		refused: flood.owe,
	});
	const suspects = createSuspects({
		...world,
		budget: budgets.scans,
		endings: budgets.joint,
		untold: flood.owe,
		refused(suspect, tally, now) {
			flood.owe(tally.cls, tally.targetId);
			if (suspect.told > 0) return;
			suspect.mutedIn = minuteOf(now);
			const entry = sources.find(suspect.id);
			if (entry >= 0) sources.mute(entry, suspect.mutedIn);
		},
		told(suspect, tally) {
			const before = probes.absorb(suspect, tally);
			if (tally.kind === "scan")
				flood.takeBack(tally.cls, tally.targetId, tally.count - before);
			else
				for (const target of tally.seen) flood.takeBack(tally.cls, target, 1);
		},
	});

	const known = (source: number): Suspect | undefined => {
		const place = sources.find(source);
		return place < 0 ? undefined : suspects.get(sources.suspect(place), source);
	};

	/** A source's entry is full: from now on it has a record of its own, its first attempts included. */
	function promote(place: number, a: Attempt): Suspect | undefined {
		if (!admits(a.packet.macLow, a.now)) return undefined;
		const suspect = suspects.create(a.source, a);
		sources.setSuspect(place, suspect.place);
		const began = a.now - (a.tenths - sources.first(place)) * 100;
		for (const item of sources.items(place)) {
			const earlier = book.like(a, item & 0xffff, item >>> 16, began);
			suspects.record(suspect, earlier);
		}
		// this attempt is in the weight already and will be recorded as well
		const burst = Math.max(0, sources.weight(place) - weightOf(a.port));
		for (const tally of [
			...suspect.scans.values(),
			...suspect.sweeps.values(),
		]) {
			tally.burst = Math.min(tally.burst, burst);
			tally.burstLast = burst > 0 ? a.now : began;
		}
		return suspect;
	}

	/** The group that `first` begins: its own attempt was the same as `a`. */
	function groupFrom(first: number, a: Attempt): Suspect {
		const suspect = known(first);
		// another machine's: it is only used as a decoy
		if (suspect?.sight.macLow === a.packet.macLow) return suspect;
		const group = suspects.create(first, a);
		suspects.record(group, a);
		return group;
	}

	/**
	 * Enters an attempt with its source: the suspect it makes, undefined while it is none, or "muted" when
	 * there is no line for it in this minute anyhow.
	 */
	function enter(a: Attempt): Suspect | "muted" | undefined {
		const minute = minuteOf(a.now);
		const group = decoys.groupOf(a);
		if (group) return group.mutedIn === minute ? "muted" : group;
		const short = shortOf(a);
		book.note(short, a);
		const item = itemOf(a.port, short);
		const entry = sources.note(a.source, item, a.tenths);
		if (entry < 0) return undefined;
		if (sources.isMuted(entry, minute)) return "muted";
		const suspect = suspects.get(sources.suspect(entry), a.source);
		if (suspect || !sources.isFull(entry, item)) return suspect;
		return promote(entry, a);
	}

	let tried = 0;

	function attempt(a: Attempt, isWorth: boolean): void {
		tried++;
		const suspect = enter(a);
		if (!isNeighbourly(a.cls)) flood.count(a);
		if (suspect === "muted") return;
		const stage = suspect ? suspects.record(suspect, a) : "quiet";
		if (stage === "told") flood.takeBack(a.cls, a.target, 1);
		else if (isWorth) probes.attempt(a, suspect);
	}

	return {
		attempt,
		ping(a) {
			tried++;
			const suspect = enter(a);
			flood.count(a);
			if (suspect === "muted") return;
			const stage = suspect ? suspects.record(suspect, a) : "quiet";
			if (stage === "told") flood.takeBack(a.cls, a.target, 1);
			else probes.ping(a, suspect);
		},
		single(a) {
			tried++;
			flood.count(a); // until it is told
			probes.ping(a, decoys.known(a) ?? known(a.source));
		},
		answered(a) {
			const suspect = decoys.known(a) ?? known(a.source);
			if (suspect) suspects.forgive(suspect, a);
			else sources.remove(a.source, itemOf(a.port, shortOf(a)));
			flood.takeBack(a.cls, a.target, 1);
			probes.refute(suspect?.id ?? a.source, a);
		},
		refused(a) {
			const suspect = decoys.known(a) ?? known(a.source);
			probes.confirm(suspect?.id ?? a.source, a);
		},
		tried: () => tried,
		warm: sources.warm,
		takeForgotten: sources.takeForgotten,
		finish(now) {
			const end = now + SETTLED;
			agenda.advance(end);
			probes.finish(end);
			suspects.finish(end);
			flood.finish(end);
		},
	};
}
