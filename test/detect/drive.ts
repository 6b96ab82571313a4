/** Drives a detector with frames made by test/wire/frames.ts. */
import type { Test } from "tap";
import type { Alert, WireAlert } from "../../src/alert/alert.ts";
import { parseAddress, parseCidr } from "../../src/config/cidr.ts";
import { portsOf } from "../../src/config/portset.ts";
import type { Protocol, Scope } from "../../src/config/watch.ts";
import { createDetector, type Detector } from "../../src/detect/detector.ts";
import type { DetectorOptions } from "../../src/detect/options.ts";
import { decode } from "../../src/wire/link.ts";
import { createPacket } from "../../src/wire/packet.ts";
import {
	A,
	ARP,
	arp,
	ethernet,
	ICMP,
	ICMP6,
	IP4,
	IP6,
	icmp,
	ip,
	isSix,
	MSS,
	R,
	S,
	SCTP,
	type Segment,
	STACK,
	sctp,
	solicitation,
	TCP,
	tcp,
	UDP,
	udp,
} from "../wire/frames.ts";

/** When it all begins: a whole minute, ms since the epoch. */
export const START = 1_767_225_600_000;
/** The host that is watched, its neighbour, and who attacks it. */
export const [HOST, OTHER, EVIL] = [
	"192.0.2.1",
	"192.0.2.2",
	"198.51.100.7",
] as const;
export const [HOST6, EVIL6] = ["2001:db8::1", "2001:db8:bad::7"] as const;

const ALL: readonly Protocol[] = ["tcp", "udp", "icmp", "sctp", "ip", "arp"];

export interface Setting {
	scope?: Scope;
	own?: readonly string[];
	/** Watched ports of TCP and UDP. */
	watched?: readonly number[];
	protocols?: readonly Protocol[];
	to?: readonly string[];
	home?: readonly string[];
	seed?: number;
	isBound?: DetectorOptions["isBound"];
	answers?: DetectorOptions["answers"];
	onAlert?: (alert: Alert) => void;
}

export interface Watcher {
	detector: Detector;
	alerts: WireAlert[];
	/** Decodes an Ethernet frame and has it judged, `ms` after `START`. */
	see(ms: number, frame: Buffer): void;
}

function networks(texts: readonly string[]) {
	return texts.map((text) => {
		const network = parseCidr(text);
		if (typeof network === "string") throw new Error(network);
		return network;
	});
}

/** A detector: host scope of `HOST` and `HOST6`, telnet and SNMP watched, unless told. */
export function createWatcher(setting: Setting = {}): Watcher {
	const alerts: WireAlert[] = [];
	const { own = [HOST, HOST6], watched = [23, 161], onAlert } = setting;
	const ports = portsOf(watched);
	const detector = createDetector({
		scope: setting.scope ?? "host",
		tcp: ports,
		udp: ports,
		protocols: setting.protocols ?? ALL,
		to: networks(setting.to ?? []),
		home: networks(setting.home ?? []),
		ipOptions: false,
		seed: setting.seed ?? 1,
		names: { interface: () => undefined, service: () => undefined },
		isBound: setting.isBound ?? (() => undefined),
		answers: setting.answers,
		emit: onAlert ?? ((alert) => alerts.push(alert as WireAlert)),
	});
	detector.setOwn(own.map((text) => parseAddress(text) ?? [0, 0, 0, 0]));
	const packet = createPacket();
	return {
		detector,
		alerts,
		see(ms, frame) {
			decode(frame, 0, frame.length, frame.length, 1, packet);
			packet.time = START + ms;
			detector.packet(packet, frame);
		},
	};
}

/** A frame and when it comes, in ms after `START`. */
export type Timed = readonly [ms: number, frame: Buffer];

/** What a detector tells of frames, in their order of time, to its end. */
export function told(
	traffic: readonly Timed[],
	setting: Setting = {},
): WireAlert[] {
	const { detector, alerts, see } = createWatcher(setting);
	const ordered = traffic.toSorted((a, b) => a[0] - b[0]);
	for (const [ms, frame] of ordered) see(ms, frame);
	detector.finish(START + (ordered.at(-1)?.[0] ?? 0));
	return alerts;
}

/** Where a packet comes from and goes to: from `EVIL` to `HOST`, over the MAC address `MAC`, unless told. */
export interface Route {
	from?: string;
	to?: string;
	mac?: string;
	id?: number;
	df?: boolean;
	ttl?: number;
}

export const MAC = "02:00:00:00:00:02";

/** An Ethernet frame with an IP packet. */
export function packet(
	{ from = EVIL, to = HOST, mac = MAC, id = 0, df = true, ttl = 60 }: Route,
	protocol: number,
	payload: Buffer,
): Buffer {
	const bytes = ip({ from, to, id, df, ttl }, protocol, payload);
	return ethernet(isSix(from) ? IP6 : IP4, bytes, { from: mac });
}

export type Sent = Route & Partial<Segment> & { data?: number };

/** A TCP segment. */
export const segment = ({ data = 0, ...s }: Sent): Buffer =>
	packet(
		s,
		TCP,
		tcp({ sport: 40_000, dport: 23, flags: 2, ...s }, Buffer.alloc(data)),
	);

/** The SYN of an operating system's connect(2). */
export const connect = (dport: number, s: Sent = {}): Buffer =>
	segment({ flags: S, options: STACK, ...s, dport });

/** The SYN of nmap -sS. */
export const nmap = (dport: number, s: Sent = {}): Buffer =>
	segment({ flags: S, options: MSS, window: 1024, df: false, ...s, dport });

/** What `HOST` answers at a port: SYN|ACK of a service, RST|ACK where there is none. */
export const accepts = (sport: number, s: Sent = {}): Buffer =>
	reply(sport, { flags: S | A, options: STACK, ...s });
export const refuses = (sport: number, s: Sent = {}): Buffer =>
	reply(sport, { flags: R | A, window: 0, ...s });
const reply = (sport: number, s: Sent) =>
	segment({ from: HOST, to: EVIL, dport: 40_000, ...s, sport });

export const datagram = (
	dport: number,
	{ sport = 40_000, data = 8, ...route }: Sent = {},
): Buffer => packet(route, UDP, udp(sport, dport, Buffer.alloc(data, 1)));

export const ping = (route: Route = {}, type?: number): Buffer =>
	isSix(route.from ?? EVIL)
		? packet(route, ICMP6, icmp(type ?? 128, 0, Buffer.alloc(8)))
		: packet(route, ICMP, icmp(type ?? 8, 0, Buffer.alloc(8)));

export const init = (dport: number, route: Route = {}): Buffer =>
	packet(route, SCTP, sctp(40_000, dport, 1));

/** The ARP request of one host for another; its MAC address is its own. */
export const whoHas = (to: string, from: string = EVIL, mac = MAC): Buffer =>
	ethernet(ARP, arp({ from, to, fromMac: mac }), {
		from: mac,
		to: "ff:ff:ff:ff:ff:ff",
	});

/** The neighbour solicitation of one host for another. */
export const soliciting = (target: string, route: Route = {}): Buffer =>
	packet(
		{ from: EVIL6, to: "ff02::1:ff00:1", ...route },
		ICMP6,
		solicitation(target),
	);

/** An alert in short: what a test is about. */
export function brief(alert: WireAlert): string {
	const { kind, technique, source, fold } = alert;
	const words: (string | number)[] = [kind];
	if ("phase" in alert) words.push(alert.phase);
	words.push(technique, source.ip);
	if ("destination" in alert) words.push(alert.destination.ip);
	if (kind === "probe")
		words.push(alert.destination.port ?? alert.protocol ?? "any");
	if (kind === "scan") words.push(`${alert.portCount} ports`);
	if (kind === "sweep") words.push(`${alert.hostCount} hosts`);
	if (fold) words.push(`x${fold.count}`);
	return `${alert.time - START} ${words.join(" ")}`;
}

/** Only those of one kind, in short. */
export const briefs = (
	alerts: readonly WireAlert[],
	kind?: WireAlert["kind"],
): string[] =>
	alerts
		.filter((alert) => kind === undefined || alert.kind === kind)
		.map(brief);

/** `count` frames from `from` on, `gap` ms apart. */
export const paced = (
	from: number,
	gap: number,
	frames: readonly Buffer[],
): Timed[] => frames.map((frame, i) => [from + i * gap, frame] as const);

export const range = (first: number, count: number): number[] =>
	Array.from({ length: count }, (_, i) => first + i);

/** What a detector tells of frames, in short, is just that. */
export function rings(
	t: Test,
	name: string,
	traffic: readonly Timed[],
	expected: readonly string[],
	setting: Setting = {},
): void {
	t.same(told(traffic, setting).map(brief), expected, name);
}
