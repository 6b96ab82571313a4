import { MANY, type PingAlert, type ProbeAlert } from "../alert/alert.ts";
import type { Agenda } from "./agenda.ts";
import { type Attempt, type Sight, sightOf } from "./attempt.ts";
import { type Class, carrierOf, hasPort } from "./class.ts";
import { mix, spread } from "./hash.ts";
import {
	FLOOD_ATTEMPTS,
	FLOOD_REPORT,
	FLOOD_TARGETS,
	FLOOD_TICK,
} from "./params.ts";
import { heard, type Names, named } from "./report.ts";

/** Registers of the estimate of sources: 6.5 % off (HyperLogLog, Flajolet et al. 2007, 1.04/sqrt(m)). */
const REGISTERS = 256;
const ALPHA = 0.7213 / (1 + 1.079 / REGISTERS);

/** Attempts at one target that no alert of their own tells of. */
interface Meter {
	key: number;
	sight: Sight;
	cls: Class;
	/** The source, while it is one only. */
	source: number | undefined;
	/** The port, while it is one only. */
	port: number | undefined;
	technique: Attempt["technique"];
	tool: Attempt["tool"];
	/** Below 0 when alerts of their own told of packets that the last sum told already: the next one is less. */
	count: number;
	/** Of these, packets that wait whether an alert of their own tells of them. */
	held: number;
	/** Nothing came since it was told or cleared. */
	isFresh: boolean;
	first: number;
	last: number;
	registers: Uint8Array;
	/** It is told and goes on being told until a minute brings nothing. */
	isFlood: boolean;
	/** Alerts of its own were refused: it is told however small. */
	isOwed: boolean;
	toldAt: number;
}

export interface Flood {
	/** Counts an attempt that has no alert of its own (yet). */
	count(a: Attempt): void;
	/** Takes back what an alert of its own has told, or what was none. */
	takeBack(cls: Class, target: number, count: number): void;
	/** `count` more packets (or fewer, below 0) wait whether an alert of their own tells of them. */
	hold(cls: Class, target: number, count: number): void;
	/** A line was refused: the sum is told, however small, and `count` packets come back to it. */
	owe(cls: Class, target: number, count?: number): void;
	/** Tells what is left. */
	finish(now: number): void;
}

export interface FloodWorld {
	agenda: Agenda;
	names: Names;
	emit(alert: ProbeAlert | PingAlert): void;
}

const keyOf = (cls: Class, target: number) => mix(target, cls);
/** The key of the sum for all targets that found no room for one of their own. */
const REST = 0;

function estimate(registers: Uint8Array): number {
	let sum = 0;
	let zeros = 0;
	for (const rank of registers) {
		sum += 2 ** -rank;
		if (rank === 0) zeros++;
	}
	const raw = (ALPHA * REGISTERS * REGISTERS) / sum;
	const small = raw <= 2.5 * REGISTERS && zeros > 0;
	return Math.round(small ? REGISTERS * Math.log(REGISTERS / zeros) : raw);
}

function mark(registers: Uint8Array, source: number): void {
	const hash = spread(source);
	const i = hash & (REGISTERS - 1);
	const rank = Math.clz32(hash & ~(REGISTERS - 1)) + 1;
	if (rank > (registers[i] as number)) registers[i] = rank;
}

function floodAlert(
	meter: Meter,
	count: number,
	now: number,
	names: Names,
): ProbeAlert | PingAlert {
	const { cls, port, sight } = meter;
	const { mac } = sight.source;
	const ip = meter.source === undefined ? MANY : sight.source.ip;
	const all = {
		time: now,
		...heard(sight, names),
		carrier: carrierOf(cls, sight.version),
		technique: meter.technique,
		source: { ip, ...(mac === undefined ? {} : { mac }) },
		...(ip === MANY
			? { sources: { ips: [], count: estimate(meter.registers) } }
			: {}),
		fold: { count, first: meter.first, last: meter.last },
		...(meter.tool ? { tool: meter.tool } : {}),
	};
	const destination = { ip: sight.destination };
	if (!hasPort(cls)) return { kind: "ping", ...all, destination };
	if (port === undefined) return { kind: "probe", ...all, destination };
	return {
		kind: "probe",
		...all,
		...named(cls, port, names),
		destination: { ...destination, port },
	};
}

/** Sums of what has no alert of its own: a flood is told by the minute, with exact totals. */
export function createFlood(world: FloodWorld): Flood {
	const meters = new Map<number, Meter>();
	let recent: Meter | undefined;

	const find = (cls: Class, target: number): Meter | undefined =>
		meters.get(keyOf(cls, target)) ?? meters.get(REST);

	/** Begins a new sum: with what is held, and what the last one told too much. */
	function clear(meter: Meter, now: number): void {
		const excess = Math.min(0, meter.count - meter.held);
		meter.count = meter.held + (meter.isFlood ? excess : 0);
		meter.isFresh = true;
		meter.first = now;
		meter.port = -1;
		meter.isOwed = false;
		meter.registers.fill(0);
	}

	function tell(meter: Meter, now: number): void {
		const count = meter.count - meter.held;
		if (count > 0) world.emit(floodAlert(meter, count, now, world.names));
		meter.toldAt = now;
		clear(meter, now);
	}

	function forget(meter: Meter): void {
		meters.delete(meter.key);
		if (recent === meter) recent = undefined;
	}

	/** What is owed waits until alerts of their own have taken theirs out of the sum, if that isn't for ever. */
	const isUnsettled = (meter: Meter, now: number) =>
		!meter.isFlood &&
		meter.isOwed &&
		meter.count < FLOOD_ATTEMPTS &&
		now - meter.last < FLOOD_TICK &&
		now - meter.first < FLOOD_REPORT;

	function tick(meter: Meter, now: number): void {
		if (meters.get(meter.key) !== meter) return;
		if (isUnsettled(meter, now)) {
			world.agenda.at(now + FLOOD_TICK, (at) => tick(meter, at));
			return;
		}
		const isFlood = meter.count >= FLOOD_ATTEMPTS || meter.isOwed;
		if (meter.isFlood && now - meter.toldAt >= FLOOD_REPORT) {
			if (meter.count <= meter.held) {
				forget(meter);
				return;
			}
			tell(meter, now);
		} else if (!meter.isFlood && isFlood) {
			meter.isFlood = true;
			// a moment later those in the midst of it that get alerts of their own are out of the sum
			meter.toldAt = now - FLOOD_REPORT + FLOOD_TICK;
		} else if (!meter.isFlood) {
			if (now - meter.last > FLOOD_REPORT) {
				forget(meter);
				return;
			}
			clear(meter, now);
		}
		world.agenda.at(now + FLOOD_TICK, (at) => tick(meter, at));
	}

	function meterOf(a: Attempt): Meter {
		const own = keyOf(a.cls, a.target);
		if (recent?.key === own) return recent;
		const key = meters.has(own) || meters.size < FLOOD_TARGETS ? own : REST;
		recent = meters.get(key);
		if (recent) return recent;
		const meter: Meter = {
			key,
			sight: sightOf(a.packet),
			cls: a.cls,
			source: a.source,
			port: -1,
			technique: a.technique,
			tool: a.tool,
			count: 0,
			held: 0,
			isFresh: true,
			first: a.now,
			last: a.now,
			registers: new Uint8Array(REGISTERS),
			isFlood: false,
			isOwed: false,
			toldAt: a.now,
		};
		meters.set(key, meter);
		world.agenda.at(a.now + FLOOD_TICK, (at) => tick(meter, at));
		recent = meter;
		return meter;
	}

	return {
		count(a) {
			const meter = meterOf(a);
			if (meter.isFresh) {
				meter.isFresh = false;
				meter.first = a.now;
				meter.sight = sightOf(a.packet);
				meter.source = a.source;
				meter.port = a.port;
				meter.cls = a.cls;
				meter.technique = a.technique;
			} else if (meter.port !== a.port) meter.port = undefined;
			if (meter.source !== a.source) meter.source = undefined;
			if (meter.tool !== a.tool) meter.tool = undefined;
			meter.count++;
			meter.last = a.now;
			mark(meter.registers, a.source);
		},
		takeBack(cls, target, count) {
			const meter = find(cls, target);
			if (!meter) return;
			meter.count -= count;
			if (!meter.isFlood && meter.count < 0) meter.count = 0;
		},
		hold(cls, target, count) {
			const meter = find(cls, target);
			if (meter) meter.held = Math.max(0, meter.held + count);
		},
		owe(cls, target, count = 0) {
			const meter = find(cls, target);
			if (!meter) return;
			meter.isOwed = true;
			meter.count += count;
		},
		finish(now) {
			for (const meter of meters.values())
				if (meter.isFlood || meter.isOwed || meter.count >= FLOOD_ATTEMPTS)
					tell(meter, now);
		},
	};
}
