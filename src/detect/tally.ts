import type { Technique, Tool } from "../alert/alert.ts";
import { formatAddress } from "../wire/address.ts";
import type { Attempt } from "./attempt.ts";
import { Class, isNeighbourly } from "./class.ts";
import {
	FAST_GAP,
	NAMED_HOSTS,
	SCAN_PROTOCOLS,
	SCAN_WEIGHT,
	SLOW_PORTS,
	SLOW_SPAN,
	SLOW_WINDOW,
	SWEEP_GAP,
	SWEEP_HOSTS,
	SWEEP_WINDOW,
} from "./params.ts";
import { createPorts, type Ports } from "./ports.ts";
import { weightOf } from "./sources.ts";

/** `due`: at the threshold, waiting whether the last attempts are answered after all. */
export type Stage = "quiet" | "due" | "told";

/** What is counted of a scan and of a sweep alike. Times in ms. */
export interface Progress {
	cls: Class;
	/** The target, a sweep's latest one. */
	targetId: number;
	stage: Stage;
	/** Packets. */
	count: number;
	first: number;
	last: number;
	techniques: Map<Technique, number>;
	tool: Tool | undefined;
	fragmented: boolean;
	toldAt: number;
	/** `count` when it was last told. */
	toldCount: number;
}

/** The attempts of one source at one host. */
export interface Scan extends Progress {
	kind: "scan";
	target: string;
	ports: Ports;
	/** Weight of the burst under way, and whether one ever was heavy enough. */
	burst: number;
	wasFast: boolean;
	burstLast: number;
}

/** The attempts of one source at one port (or by one kind of ping) of many hosts. */
export interface Sweep extends Progress {
	kind: "sweep";
	port: number;
	/** The first hosts, as text, and all of them as words. */
	hosts: string[];
	seen: Set<number>;
	burst: number;
	burstLast: number;
}

/** Hosts of a sweep that are told apart: the 65,536 of the largest IPv4 network in use. */
const MAX_SEEN = 65_536;

function progress(a: Attempt): Progress {
	return {
		cls: a.cls,
		targetId: a.target,
		stage: "quiet",
		count: 0,
		first: a.now,
		last: a.now,
		techniques: new Map(),
		tool: undefined,
		fragmented: false,
		toldAt: 0,
		toldCount: 0,
	};
}

export function createScan(a: Attempt): Scan {
	const { d0, d1, d2, d3 } = a.packet;
	return {
		kind: "scan",
		...progress(a),
		target: formatAddress(d0, d1, d2, d3),
		ports: createPorts(),
		burst: 0,
		wasFast: false,
		burstLast: a.now,
	};
}

/** `known`: what this source tried before, hosts of the same port among it. */
export function createSweep(a: Attempt, known: Iterable<Scan>): Sweep {
	const before = [...known].filter(
		({ cls, ports, targetId }) =>
			cls === a.cls && targetId !== a.target && ports.has(a.port),
	);
	return {
		kind: "sweep",
		...progress(a),
		first: Math.min(a.now, ...before.map(({ last }) => last)),
		count: before.length,
		port: a.port,
		hosts: before.map(({ target }) => target).slice(0, NAMED_HOSTS),
		seen: new Set(before.map(({ targetId }) => targetId)),
		burst: 0,
		burstLast: a.now,
	};
}

function note(tally: Progress, a: Attempt): void {
	tally.count++;
	tally.last = a.now;
	tally.techniques.set(
		a.technique,
		(tally.techniques.get(a.technique) ?? 0) + 1,
	);
	tally.tool ??= a.tool;
	tally.fragmented ||= a.packet.fragmented;
}

/** Enters an attempt. What is older than the slow window and was never told begins anew. */
export function addToScan(scan: Scan, a: Attempt): void {
	if (scan.stage === "quiet" && a.now - scan.last > SLOW_WINDOW) {
		scan.ports = createPorts();
		scan.first = a.now;
		scan.count = 0;
	}
	note(scan, a);
	if (!scan.ports.add(a.port)) return;
	if (a.now - scan.burstLast >= FAST_GAP) scan.burst = 0;
	scan.burst += weightOf(a.port);
	scan.burstLast = a.now;
}

/** The port turned out to be served. */
export function removeFromScan(scan: Scan, port: number): void {
	if (!scan.ports.remove(port)) return;
	scan.burst = Math.max(0, scan.burst - weightOf(port));
	scan.count--;
}

export function addToSweep(sweep: Sweep, a: Attempt): void {
	if (sweep.stage === "quiet" && a.now - sweep.first > SWEEP_WINDOW) {
		sweep.seen.clear();
		sweep.hosts = [];
		sweep.first = a.now;
		sweep.count = 0;
		sweep.burst = 0;
	}
	note(sweep, a);
	if (sweep.seen.has(a.target) || sweep.seen.size >= MAX_SEEN) return;
	sweep.seen.add(a.target);
	sweep.targetId = a.target;
	const { d0, d1, d2, d3 } = a.packet;
	if (sweep.hosts.length < NAMED_HOSTS)
		sweep.hosts.push(formatAddress(d0, d1, d2, d3));
	if (a.now - sweep.burstLast >= SWEEP_GAP) sweep.burst = 0;
	sweep.burst++;
	sweep.burstLast = a.now;
}

export function removeFromSweep(
	sweep: Sweep,
	target: number,
	ip: string,
): void {
	if (!sweep.seen.delete(target)) return;
	sweep.hosts = sweep.hosts.filter((host) => host !== ip);
	sweep.burst = Math.max(0, sweep.burst - 1);
	sweep.count--;
}

/** Whether a tally has attempts at a port of a target. */
export const isCountedIn = (
	tally: Scan | Sweep,
	{ cls, target, port }: Pick<Attempt, "cls" | "target" | "port">,
): boolean =>
	tally.cls === cls &&
	(tally.kind === "scan"
		? tally.targetId === target && tally.ports.has(port)
		: tally.port === port && tally.seen.has(target));

/** Whether a scan has reached its threshold, fast or slow. */
export function isScan(scan: Scan): boolean {
	const size = scan.ports.size();
	if (scan.cls === Class.Ip) return size >= SCAN_PROTOCOLS;
	if (scan.burst >= SCAN_WEIGHT) {
		scan.wasFast = true;
		return true;
	}
	return size >= SLOW_PORTS && scan.last - scan.first >= SLOW_SPAN;
}

/** Asking for neighbours is everybody's right, but not ten in one breath. */
export function isSweep(sweep: Sweep): boolean {
	return (
		(isNeighbourly(sweep.cls) ? sweep.burst : sweep.seen.size) >= SWEEP_HOSTS
	);
}

/** The technique most packets had, and the others. */
export function techniquesOf(
	tally: Progress,
): [main: Technique, others: Technique[]] {
	const ranked = [...tally.techniques].sort((a, b) => b[1] - a[1]);
	const [main = "syn", ...others] = ranked.map(([technique]) => technique);
	return [main, others];
}
