/** Traffic for the tests of what must stay silent and of floods: frames made by hand, and what a detector says of them. */
import type { Test } from "tap";
import type { Alert, WireAlert } from "../../src/alert/alert.ts";
import { alertLine } from "../../src/alert/render.ts";
import { parseAddress, parseCidr } from "../../src/config/cidr.ts";
import { parseConfig } from "../../src/config/config.ts";
import type { Detector } from "../../src/detect/detector.ts";
import { createKnown } from "../../src/detect/known.ts";
import { detectorOf } from "../../src/watch/detect.ts";
import { mergeOptions } from "../../src/watch/merge.ts";
import { parseOptions } from "../../src/watch/options.ts";
import { DLT_EN10MB, decode } from "../../src/wire/link.ts";
import { createPacket } from "../../src/wire/packet.ts";

/** Flags by their initials. */
export const [F, S, R, P, A, U] = [1, 2, 4, 8, 16, 32] as const;
/** TCP options of a Linux SYN (MSS, SACK, timestamps, window scale), of a SYN|ACK with SYN cookies, and of a segment. */
export const STACK = "020405b40402080a0000000100000000" + "01030307";
export const MSS = "020405b4";
export const STAMPS = "0101080a0000000100000001";

/** When all of it begins: a whole minute, ms since the epoch. */
export const START = 1_767_225_600_000;

/** Ends of a packet; MAC addresses follow from the address' last byte unless given. */
export interface Ends {
	from: string;
	to: string;
	fromMac?: string;
	toMac?: string;
	ttl?: number;
	id?: number;
	/** IPv4's Don't Fragment; true unless told. */
	df?: boolean;
}

const hex = (value: number, bytes: number) =>
	Buffer.from(value.toString(16).padStart(bytes * 2, "0"), "hex");

const addressOf = (text: string): Buffer => {
	const words = parseAddress(text) ?? [0, 0, 0, 0];
	const bytes = Buffer.concat(words.map((word) => hex(word >>> 0, 4)));
	return text.includes(":") ? bytes : bytes.subarray(12);
};

const macOf = (mac: string | undefined, ip: Buffer): Buffer =>
	mac === undefined
		? Buffer.from([2, 0, 0, 0, 0, ip.at(-1) ?? 0])
		: Buffer.from(mac.replaceAll(":", ""), "hex");

/** A frame: Ethernet, IPv4 or IPv6, and what it carries. Checksums are 0, no decoder looks at them. */
export function frame(ends: Ends, protocol: number, payload: Buffer): Buffer {
	const [from, to] = [addressOf(ends.from), addressOf(ends.to)];
	const { ttl = 64, id = 0, df = true } = ends;
	const six = from.length === 16;
	const ip = six
		? [
				hex(0x60000000, 4),
				hex(payload.length, 2),
				hex(protocol, 1),
				hex(ttl, 1),
			]
		: [
				...[hex(0x4500, 2), hex(20 + payload.length, 2), hex(id, 2)],
				...[hex(df ? 0x4000 : 0, 2), hex(ttl, 1), hex(protocol, 1), hex(0, 2)],
			];
	return Buffer.concat([
		...[macOf(ends.toMac, to), macOf(ends.fromMac, from)],
		...[hex(six ? 0x86dd : 0x0800, 2), ...ip, from, to, payload],
	]);
}

export interface Segment extends Ends {
	sport: number;
	dport: number;
	flags: number;
	seq?: number;
	ack?: number;
	window?: number;
	/** Hex; a stack's own unless told. */
	options?: string;
	data?: number;
}

export function tcp(s: Segment): Buffer {
	const { seq = 1, ack = 0, window = 64_240, data = 0 } = s;
	const usual = (s.flags & S) !== 0 ? STACK : STAMPS;
	const options = Buffer.from(
		s.options ?? ((s.flags & R) !== 0 ? "" : usual),
		"hex",
	);
	const header = 20 + options.length;
	const head = [hex(s.sport, 2), hex(s.dport, 2), hex(seq, 4), hex(ack, 4)];
	const rest = [
		hex(header << 2, 1),
		hex(s.flags, 1),
		hex(window, 2),
		hex(0, 4),
	];
	const bytes = [...head, ...rest, options, Buffer.alloc(data)];
	return frame(s, 6, Buffer.concat(bytes));
}

/** A datagram of `data` bytes. */
export function udp(
	d: Ends & { sport: number; dport: number; data?: number },
): Buffer {
	const { data = 40 } = d;
	const head = [hex(d.sport, 2), hex(d.dport, 2), hex(8 + data, 2), hex(0, 2)];
	return frame(d, 17, Buffer.concat([...head, Buffer.alloc(data)]));
}

/** ICMP of either version: type, code, what follows the first eight bytes. */
export function icmp(
	ends: Ends,
	type: number,
	code = 0,
	body: Buffer = Buffer.alloc(56),
): Buffer {
	const protocol = ends.from.includes(":") ? 58 : 1;
	const head = [hex(type, 1), hex(code, 1), hex(0, 2), hex(1, 4)];
	return frame(ends, protocol, Buffer.concat([...head, body]));
}

/** Port unreachable: quotes the IP packet of `refused`, a frame, whose ends are `ends` in reverse. */
export function unreachable(ends: Ends, refused: Buffer): Buffer {
	const [type, code] = ends.from.includes(":") ? [1, 4] : [3, 3];
	return icmp(ends, type, code, refused.subarray(14));
}

/** An ARP request, broadcast. */
export function whoHas(from: string, target: string): Buffer {
	const [asker, asked] = [addressOf(from), addressOf(target)];
	const mac = macOf(undefined, asker);
	return Buffer.concat([
		...[Buffer.alloc(6, 0xff), mac, hex(0x0806, 2)],
		...[hex(0x0001080006040001, 8), mac, asker, Buffer.alloc(6), asked],
	]);
}

/** The other way round. */
export const back = <T extends Ends & { sport?: number; dport?: number }>(
	s: T,
): T => ({
	...s,
	from: s.to,
	to: s.from,
	fromMac: s.toMac,
	toMac: s.fromMac,
	sport: s.dport,
	dport: s.sport,
});

/** A frame and when it comes, ms after `START`. */
export type Timed = readonly [ms: number, frame: Buffer];

/** A handshake, some data and a close, `ms` being when the SYN comes. */
export function session(
	ms: number,
	ends: Ends & { sport: number; dport: number },
	close: "fin" | "reset" | "reset by server" = "fin",
): Timed[] {
	const answer = back(ends);
	const there = (after: number, flags: number, data = 0): Timed => [
		ms + after,
		tcp({ ...ends, flags, data, seq: 100, ack: 200 }),
	];
	const here = (after: number, flags: number, data = 0): Timed => [
		ms + after,
		tcp({ ...answer, flags, data, seq: 200, ack: 100 }),
	];
	const open = [
		...[there(0, S), here(0.2, S | A), there(0.4, A)],
		...[there(0.5, P | A, 80), here(1, P | A, 900), there(1.2, A)],
	];
	if (close === "reset") return [...open, there(2, R | A)];
	// what is on its way to a server that has reset is answered by a RST without ACK
	if (close === "reset by server")
		return [...open, here(2, R | A), there(2.1, P | A, 80), here(2.2, R)];
	return [...open, there(2, F | A), here(2.2, F | A), there(2.4, A)];
}

export interface View {
	/** Networks that are ours, "host" scope; without, a segment's. */
	home?: string[];
	/** Segment scope although there is a home. */
	segment?: boolean;
	/** Further arguments of `tocsin replay`. */
	args?: string[];
}

/** A detector as `tocsin replay` has it, and where its alerts go. */
export function listen(view: View = {}): {
	detector: Detector;
	alerts: WireAlert[];
} {
	const { home = [], segment = false, args = [] } = view;
	const homes = home.flatMap((network) => ["--home", network]);
	const line = ["replay", ...homes, ...args, ...(segment ? ["-s"] : []), "-"];
	const { options, errors } = parseOptions(line);
	const config = parseConfig("none", "");
	if (errors.length > 0 || Array.isArray(config)) throw new Error(`${errors}`);
	const alerts: WireAlert[] = [];
	const detector = detectorOf(
		mergeOptions("replay", options, config),
		{
			seed: 1,
			names: { interface: () => undefined, service: () => undefined },
			isBound: () => undefined,
			known: createKnown([], () => {}),
		},
		(alert: Alert) => alerts.push(alert as WireAlert),
	);
	const networks = home.flatMap((text) => {
		const network = parseCidr(text);
		return typeof network === "string" ? [] : [network];
	});
	detector.setHomeAsOwn(networks);
	return { detector, alerts };
}

/** What a detector tells of these frames, in their order of time. */
export function told(traffic: readonly Timed[], view: View = {}): WireAlert[] {
	const { detector, alerts } = listen(view);
	const packet = createPacket();
	let end = START;
	for (const [ms, bytes] of traffic.toSorted((a, b) => a[0] - b[0])) {
		decode(bytes, 0, bytes.length, bytes.length, DLT_EN10MB, packet);
		end = packet.time = START + ms;
		detector.packet(packet, bytes);
	}
	detector.finish(end);
	return alerts;
}

/** Addresses of one IP version: ours, a neighbour's, everybody's, strangers'. */
export interface Net {
	us: string;
	peer: string;
	all: string;
	stranger(i: number): string;
}

const NETS: Record<string, Net> = {
	IPv4: {
		us: "10.77.0.1",
		peer: "10.77.0.2",
		all: "10.77.0.255",
		stranger: (i) => `198.51.${i >> 8}.${i & 0xff}`,
	},
	IPv6: {
		us: "2001:db8:77::1",
		peer: "2001:db8:77::2",
		all: "ff02::1",
		stranger: (i) => `2001:db8:99::${i.toString(16)}`,
	},
};
const HOME = ["10.77.0.1/32", "2001:db8:77::1/128"];
export const ROUTER = "02:00:00:00:00:fe";

const VIEWS: Record<string, View> = {
	host: { home: HOME },
	"segment, ourselves known": { home: HOME, segment: true },
	segment: {},
};

/** `0..n-1` through a function, all in one list. */
export const many = (n: number, of: (i: number) => readonly Timed[]): Timed[] =>
	Array.from({ length: n }, (_, i) => of(i)).flat();

/** What we do ourselves is an attack where nobody knows who we are. */
const needsUs = (name: string) => name.startsWith("our ");

/** Tests that traffic makes no alert at all, in these views. */
export function silent(
	t: Test,
	cases: Record<string, (net: Net) => Timed[]>,
	views: Record<string, View> = VIEWS,
): void {
	for (const [name, traffic] of Object.entries(cases))
		for (const [version, net] of Object.entries(NETS))
			t.test(`${name}, ${version}`, async (t) => {
				const frames = traffic(net);
				for (const [scope, view] of Object.entries(views)) {
					if (needsUs(name) && !view.home) continue;
					t.same(told(frames, view).map(alertLine), [], scope);
				}
			});
}
