import type { PingAlert, ProbeAlert } from "../alert/alert.ts";
import type { Agenda } from "./agenda.ts";
import { type Attempt, type Sight, sightOf } from "./attempt.ts";
import { type Budget, createRoom } from "./budget.ts";
import { Class, carrierOf, hasPort, TECHNIQUES } from "./class.ts";
import { mix } from "./hash.ts";
import {
	DECOY_WAIT,
	FAR_GRACE,
	FOLD_WINDOW,
	FOLDS,
	PENDING,
	PROBE_HOLD,
	TCP_GRACE,
	UDP_GRACE,
} from "./params.ts";
import { heard, type Names, named } from "./report.ts";
import { type Suspect, scanKey, sweepKey } from "./suspects.ts";
import { isCountedIn, type Scan, type Sweep } from "./tally.ts";

/** One source's packets of one technique to one port: an alert, then a count. */
interface Fold {
	key: number;
	id: number;
	target: number;
	sight: Sight;
	cls: Class;
	port: number;
	technique: Attempt["technique"];
	tool: Attempt["tool"];
	certain: boolean;
	suspect: Suspect | undefined;
	/** `refuted`: the port is served after all. */
	stage: "pending" | "told" | "refuted";
	due: number;
	/** It waits whether a scan shows, answer or not. */
	isHeld: boolean;
	/** The last alert's time, and packets since then. */
	toldAt: number;
	count: number;
	first: number;
	last: number;
	/** All packets, told and counted. */
	packets: number;
}

export interface Probes {
	/** An attempt that is worth an alert of its own unless a scan tells of it. */
	attempt(a: Attempt, suspect: Suspect | undefined): void;
	/** The port answered that it is closed: no need to wait. `id` is the source's or its group's. */
	confirm(id: number, a: Attempt): void;
	/** The port is served after all. */
	refute(id: number, a: Attempt): void;
	/** A ping, which needs no answer to be one. */
	ping(a: Attempt, suspect: Suspect | undefined): void;
	/** A scan or sweep tells of this source now: drops what is pending; answers how many of its packets were told. */
	absorb(suspect: Suspect, tally: Scan | Sweep): number;
	finish(now: number): void;
}

export interface ProbesWorld {
	agenda: Agenda;
	budget: Budget;
	names: Names;
	emit(alert: ProbeAlert | PingAlert): void;
	told(cls: Class, target: number, count: number): void;
	/** `count` more packets (or fewer, below 0) wait for an alert. */
	held(cls: Class, target: number, count: number): void;
	/** No line was left for packets that the flood's sum has, or has to take back (`count` of them). */
	refused(cls: Class, target: number, count?: number): void;
	/** What the host itself says of its port, where it can be asked; undefined where not. */
	isServed(cls: Class, port: number, target: number): boolean | undefined;
	/** Whether a target is this host itself. */
	isOwn(target: number): boolean;
}

const isPing = (cls: Class) =>
	cls === Class.Echo || cls === Class.Timestamp || cls === Class.Mask;

const keyOf = (id: number, a: Attempt) =>
	mix(mix(id, (a.cls << 16) | a.port), TECHNIQUES.indexOf(a.technique));

function foldAlert(
	fold: Fold,
	now: number,
	names: Names,
): ProbeAlert | PingAlert {
	const { cls, port, sight, suspect } = fold;
	const repeated = fold.stage === "told";
	const { ip, mac, port: sport } = sight.source;
	const base = {
		time: now,
		...heard(sight, names),
		carrier: carrierOf(cls, sight.version),
		technique: fold.technique,
		source: {
			ip,
			...(sport === undefined || repeated || !hasPort(cls)
				? {}
				: { port: sport }),
			...(mac === undefined ? {} : { mac }),
		},
		...(suspect?.sources ? { sources: suspect.sources } : {}),
		...(repeated
			? { fold: { count: fold.count, first: fold.first, last: fold.last } }
			: {}),
		...(fold.tool ? { tool: fold.tool } : {}),
	};
	const destination = { ip: sight.destination };
	if (isPing(cls)) return { kind: "ping", ...base, destination };
	if (cls === Class.Ip)
		return { kind: "probe", ...base, destination, protocol: port };
	// the port stands in a further fragment, or was not looked for
	if (fold.technique === "fragment")
		return { kind: "probe", ...base, destination };
	return {
		kind: "probe",
		...base,
		...named(cls, port, names),
		destination: { ...destination, port },
	};
}

/** Single probes and pings: one alert a source, port and technique at once, further ones counted. */
export function createProbes(world: ProbesWorld): Probes {
	const folds = new Map<number, Fold>();
	const room = createRoom(PENDING);
	/** When a source's latest probe came: a second one in short order may be a scan's. */
	const latest = new Map<number, number>();

	const scanTells = (
		suspect: Suspect | undefined,
		{ target, cls, port }: Pick<Fold, "target" | "cls" | "port">,
	): boolean => {
		if (!suspect || suspect.gone) return false;
		const scan = suspect.scans.get(scanKey(target, cls));
		const sweep = suspect.sweeps.get(sweepKey(cls, port));
		return [scan, sweep].some((tally) => tally && tally.stage !== "quiet");
	};

	function remove(fold: Fold): void {
		folds.delete(fold.key);
	}

	/** Takes back what wasn't told. */
	function drop(fold: Fold): void {
		fold.stage = "refuted";
		world.held(fold.cls, fold.target, -fold.packets);
		room.leave(fold.sight.macLow);
		remove(fold);
	}

	/** The first alert, unless the port is served, or a scan tells, or there is no line left. */
	function open(fold: Fold, now: number): void {
		if (fold.stage !== "pending" || now < fold.due) return;
		// what no stack sends is a probe of a served port as well; an empty datagram may be a client's (RFC 868)
		const isSure = fold.certain && fold.cls === Class.Tcp;
		const served = !isSure && world.isServed(fold.cls, fold.port, fold.target);
		if (served || scanTells(fold.suspect, fold)) {
			drop(fold);
			return;
		}
		if (!world.budget.take(fold.sight.macLow, now)) {
			world.refused(fold.cls, fold.target);
			drop(fold);
			return;
		}
		room.leave(fold.sight.macLow);
		world.emit(foldAlert(fold, now, world.names));
		world.held(fold.cls, fold.target, -fold.packets);
		world.told(fold.cls, fold.target, fold.packets);
		fold.stage = "told";
		fold.toldAt = now;
		if (fold.count > 0) fold.first = now;
		world.agenda.at(now + FOLD_WINDOW, (at) => review(fold, at));
	}

	/** The window is over: tell what was counted, or forget. */
	function review(fold: Fold, now: number): void {
		if (folds.get(fold.key) !== fold) return;
		if (fold.count === 0) {
			remove(fold);
			return;
		}
		if (!world.budget.take(fold.sight.macLow, now)) {
			world.refused(fold.cls, fold.target, fold.count);
			remove(fold);
			return;
		}
		tellCount(fold, now);
		world.agenda.at(now + FOLD_WINDOW, (at) => review(fold, at));
	}

	function tellCount(fold: Fold, now: number): void {
		if (!scanTells(fold.suspect, fold))
			world.emit(foldAlert(fold, now, world.names));
		fold.count = 0;
		fold.toldAt = now;
	}

	function schedule(fold: Fold, due: number): void {
		fold.due = due;
		world.agenda.at(due, (at) => open(fold, at));
	}

	function again(fold: Fold, a: Attempt): void {
		if (fold.count === 0) fold.first = a.now;
		fold.count++;
		fold.packets++;
		fold.last = a.now;
		if (fold.stage === "told") world.told(fold.cls, fold.target, 1);
		else world.held(fold.cls, fold.target, 1);
	}

	function start(a: Attempt, suspect: Suspect | undefined, wait: number): void {
		const id = suspect?.id ?? a.source;
		const key = keyOf(id, a);
		const known = folds.get(key);
		if (known) {
			known.suspect ??= suspect;
			again(known, a);
			return;
		}
		if (folds.size >= FOLDS || !room.enter(a.packet.macLow)) {
			if (!scanTells(suspect, a)) world.refused(a.cls, a.target);
			return;
		}
		const before = latest.get(id);
		const isHeld = before !== undefined && a.now - before < PROBE_HOLD * 2;
		if (latest.size >= FOLDS) latest.clear();
		latest.set(id, a.now);
		const fold: Fold = {
			key,
			id,
			target: a.target,
			sight: sightOf(a.packet),
			cls: a.cls,
			port: a.port,
			technique: a.technique,
			tool: a.tool,
			certain: a.certain,
			suspect,
			stage: "pending",
			due: 0,
			isHeld,
			toldAt: 0,
			count: 0,
			first: a.now,
			last: a.now,
			packets: 1,
		};
		folds.set(key, fold);
		world.held(a.cls, a.target, 1);
		schedule(fold, a.now + (isHeld ? Math.max(PROBE_HOLD, wait) : wait));
	}

	function graceOf(a: Attempt): number {
		if (!world.isOwn(a.target)) return FAR_GRACE;
		return a.cls === Class.Udp ? UDP_GRACE : TCP_GRACE;
	}

	const pendingOf = (id: number, a: Attempt): Fold | undefined => {
		const fold = folds.get(keyOf(id, a));
		return fold?.stage === "pending" ? fold : undefined;
	};

	return {
		attempt: (a, suspect) =>
			start(a, suspect, a.certain ? DECOY_WAIT : graceOf(a)),
		ping: (a, suspect) => start(a, suspect, DECOY_WAIT),
		confirm(id, a) {
			const fold = pendingOf(id, a);
			const due = a.now + DECOY_WAIT;
			if (fold && !fold.isHeld && fold.due > due) schedule(fold, due);
		},
		refute(id, a) {
			const fold = pendingOf(id, a);
			if (fold) drop(fold);
		},
		absorb(suspect, tally) {
			let told = 0;
			for (const fold of folds.values()) {
				if (fold.id !== suspect.id) continue;
				fold.suspect ??= suspect;
				if (!scanTells(fold.suspect, fold)) continue;
				if (fold.stage === "told") {
					// told before the source was forgotten for a while, it is none of the tally's
					if (isCountedIn(tally, fold)) told += fold.packets;
					fold.count = 0; // the scan counts them as well
				} else drop(fold);
			}
			return told;
		},
		finish(now) {
			for (const fold of [...folds.values()]) {
				if (fold.stage === "pending") open(fold, Math.max(now, fold.due));
				if (fold.stage === "told" && fold.count > 0) tellCount(fold, now);
			}
		},
	};
}
