import type { Alert, Sources as SourceList } from "../alert/alert.ts";
import type { Agenda } from "./agenda.ts";
import { type Attempt, type Sight, sightOf } from "./attempt.ts";
import type { Budget } from "./budget.ts";
import { Class, hasPort } from "./class.ts";
import { mix, spread } from "./hash.ts";
import {
	NAMED_PORTS,
	SCAN_GRACE,
	SCAN_QUIET,
	SCAN_UPDATE,
	SLOW_QUIET,
	SUSPECT_LINES,
	SUSPECT_TARGETS,
	SUSPECTS,
} from "./params.ts";
import { type Names, scanAlert, sweepAlert } from "./report.ts";
import {
	addToScan,
	addToSweep,
	createScan,
	createSweep,
	isScan,
	isSweep,
	removeFromScan,
	removeFromSweep,
	type Scan,
	type Stage,
	type Sweep,
} from "./tally.ts";

/** A source with several attempts, or a group of decoys. */
export interface Suspect {
	/** The source's word; what a place among the suspects is checked against. */
	id: number;
	place: number;
	sight: Sight;
	last: number;
	packets: number;
	scans: Map<number, Scan>;
	sweeps: Map<number, Sweep>;
	/** Tallies that have been told and are not over. */
	told: number;
	/** The minute in which no line was left for it; -1 for none. */
	mutedIn: number;
	/** Members, where it is a group. */
	sources?: SourceList;
	gone: boolean;
}

export interface Suspects {
	/** The suspect at a place, if it is still this source. */
	get(place: number, id: number): Suspect | undefined;
	create(id: number, a: Attempt): Suspect;
	/** Counts an attempt; answers what its scan or sweep, the further one of them, has come to. */
	record(suspect: Suspect, a: Attempt): Stage;
	/** The port is served: the attempt was none. */
	forgive(suspect: Suspect, a: Attempt): void;
	/** Ends all that is told, for the end of a capture. */
	finish(now: number): void;
}

/** What the suspects need of the world. */
export interface SuspectsWorld {
	agenda: Agenda;
	budget: Budget;
	/** Lines for the ends of scans and sweeps. */
	endings: Budget;
	names: Names;
	emit(alert: Alert): void;
	/** What the host itself says of its port, where it can be asked; undefined where not. */
	isServed(cls: Class, port: number, target: number): boolean | undefined;
	/** A scan or sweep is now told in an alert of its own. */
	told(suspect: Suspect, tally: Scan | Sweep): void;
	/** A scan or sweep for which no line was left: its packets stay with the flood. */
	refused(suspect: Suspect, tally: Scan | Sweep, now: number): void;
	/** A scan ended without a line left for that: these packets are yet to be told. */
	untold(cls: Class, target: number, count: number): void;
}

/** Keys of a suspect's tallies. */
export const scanKey = (target: number, cls: Class) => mix(target, cls);
export const sweepKey = (cls: Class, port: number) => (cls << 16) | port;

/** Everything that is known of sources with several attempts; bounded, the lightest give way. */
export function createSuspects(world: SuspectsWorld): Suspects {
	const places: (Suspect | undefined)[] = [];
	const free: number[] = [];
	let dice = 1;

	/** Of eight taken at random the one with the fewest packets, where none is over or untold. */
	function lightest(): Suspect {
		let victim: Suspect | undefined;
		for (let i = 0; i < 8; i++) {
			dice = spread(dice + 0x9e3779b9);
			const other = places[(dice >>> 0) % SUSPECTS] as Suspect;
			if (!victim || worth(other) < worth(victim)) victim = other;
		}
		return victim as Suspect;
	}
	const worth = (s: Suspect) => (s.told > 0 ? 1e9 : 0) + s.packets;

	function close(suspect: Suspect, now: number): void {
		for (const tally of [...suspect.scans.values(), ...suspect.sweeps.values()])
			if (tally.stage === "told") end(suspect, tally, now);
		suspect.gone = true;
		places[suspect.place] = undefined;
		free.push(suspect.place);
	}

	function tell(
		suspect: Suspect,
		tally: Scan | Sweep,
		phase: "start" | "update" | "end",
		now: number,
	): void {
		const { sight, sources } = suspect;
		world.emit(
			tally.kind === "scan"
				? scanAlert(tally, phase, now, sight, sources, world.names)
				: sweepAlert(tally, phase, now, sight, sources, world.names),
		);
		tally.toldAt = now;
		tally.toldCount = tally.count;
	}

	/** The last word on a scan; where there is no line for it, what is new goes into the flood's sum. */
	function end(suspect: Suspect, tally: Scan | Sweep, now: number): void {
		if (world.endings.take(suspect.sight.macLow, now))
			tell(suspect, tally, "end", now);
		else if (tally.kind === "scan")
			world.untold(tally.cls, tally.targetId, tally.count - tally.toldCount);
	}

	const quiet = (tally: Scan | Sweep) =>
		tally.kind === "scan" && !tally.wasFast && hasPort(tally.cls)
			? SLOW_QUIET
			: SCAN_QUIET;

	/** Ends, updates or goes on waiting. */
	function review(suspect: Suspect, tally: Scan | Sweep, now: number): void {
		if (suspect.gone) return;
		const over = tally.last + quiet(tally);
		if (now >= over) {
			end(suspect, tally, now);
			drop(suspect, tally);
			return;
		}
		const update = tally.toldAt + SCAN_UPDATE;
		if (now >= update) {
			if (
				tally.count > tally.toldCount &&
				world.budget.take(suspect.sight.macLow, now)
			)
				tell(suspect, tally, "update", now);
			tally.toldAt = now; // without news, or without a line for them, the next turn is its
		}
		const next = tally.toldAt + SCAN_UPDATE;
		const due = next > now ? Math.min(over, next) : over;
		world.agenda.at(due, (at) => review(suspect, tally, at));
	}

	function drop(suspect: Suspect, tally: Scan | Sweep): void {
		const map: Map<number, Scan | Sweep> =
			tally.kind === "scan" ? suspect.scans : suspect.sweeps;
		for (const [key, value] of map) if (value === tally) map.delete(key);
		suspect.told--;
	}

	/** Syslog and its like take what comes and never answer: their ports are none that were scanned. */
	function forgiveSilent(scan: Scan): void {
		for (const port of scan.ports.list(NAMED_PORTS))
			if (world.isServed(scan.cls, port, scan.targetId))
				removeFromScan(scan, port);
	}

	/** The threshold was reached a moment ago: is it still? */
	function start(suspect: Suspect, tally: Scan | Sweep, now: number): void {
		if (suspect.gone) return;
		if (tally.kind === "scan" && tally.cls === Class.Udp) forgiveSilent(tally);
		const stands = tally.kind === "scan" ? isScan(tally) : isSweep(tally);
		const isNew =
			suspect.told < SUSPECT_LINES &&
			stands &&
			world.budget.take(suspect.sight.macLow, now);
		tally.stage = isNew ? "told" : "quiet";
		if (!isNew) {
			if (stands && suspect.told < SUSPECT_LINES)
				world.refused(suspect, tally, now);
			return;
		}
		suspect.told++;
		tell(suspect, tally, "start", now);
		world.told(suspect, tally);
		review(suspect, tally, now);
	}

	function judge(suspect: Suspect, tally: Scan | Sweep, a: Attempt): Stage {
		if (tally.stage !== "quiet") return tally.stage;
		if (!(tally.kind === "scan" ? isScan(tally) : isSweep(tally)))
			return "quiet";
		tally.stage = "due";
		world.agenda.at(a.now + SCAN_GRACE, (at) => start(suspect, tally, at));
		return "due";
	}

	/** The tally of a key, made where there is room or an older one that never came to anything. */
	function tallyOf<T extends Scan | Sweep>(
		map: Map<number, T>,
		key: number,
		make: () => T,
	): T | undefined {
		const known = map.get(key);
		if (known) return known;
		if (map.size >= SUSPECT_TARGETS) {
			const [oldest] = map;
			if (oldest?.[1].stage !== "quiet") return undefined;
			map.delete(oldest[0]);
		}
		const made = make();
		map.set(key, made);
		return made;
	}

	return {
		get(place, id) {
			const suspect = place < 0 ? undefined : places[place];
			return suspect?.id === id ? suspect : undefined;
		},
		create(id, a) {
			if (places.length >= SUSPECTS && free.length === 0)
				close(lightest(), a.now);
			const place = free.pop() ?? places.length;
			const suspect: Suspect = {
				id,
				place,
				sight: sightOf(a.packet),
				last: a.now,
				packets: 0,
				scans: new Map(),
				sweeps: new Map(),
				told: 0,
				mutedIn: -1,
				gone: false,
			};
			places[place] = suspect;
			return suspect;
		},
		record(suspect, a) {
			suspect.last = a.now;
			suspect.packets++;
			let stage: Stage = "quiet";
			if (hasPort(a.cls)) {
				const scan = tallyOf(suspect.scans, scanKey(a.target, a.cls), () =>
					createScan(a),
				);
				if (scan) {
					addToScan(scan, a);
					stage = judge(suspect, scan, a);
				}
			}
			// A single host can't be swept, and most scans have a single host.
			const isOne = hasPort(a.cls) && suspect.scans.size < 2;
			const sweep = isOne
				? undefined
				: tallyOf(suspect.sweeps, sweepKey(a.cls, a.port), () =>
						createSweep(a, suspect.scans.values()),
					);
			if (sweep) {
				addToSweep(sweep, a);
				const other = judge(suspect, sweep, a);
				if (stage === "quiet" || other === "told") stage = other;
			}
			return stage;
		},
		forgive(suspect, a) {
			const scan = suspect.scans.get(scanKey(a.target, a.cls));
			if (scan) removeFromScan(scan, a.port);
			const sweep = suspect.sweeps.get(sweepKey(a.cls, a.port));
			if (sweep)
				removeFromSweep(sweep, a.target, sightOf(a.packet).destination);
		},
		finish(now) {
			for (const suspect of places) if (suspect) close(suspect, now);
		},
	};
}
