/** Floods with packet time, made by hand, and what is told of them. */
import type { WireAlert } from "../../src/alert/alert.ts";
import { DLT_EN10MB, decode } from "../../src/wire/link.ts";
import { createPacket } from "../../src/wire/packet.ts";
import { icmp, listen, S, START, tcp, udp, type View } from "./chatter.ts";

export const US = "10.77.0.1";
const US6 = "2001:db8:77::1";
export const HOME: View = { home: [`${US}/32`, `${US6}/128`] };
const FLOODER = "02:00:00:00:00:66";

/** Where a frame has what a flood varies. */
const MAC = 6;
const IPV4_ID = 18;
const IPV4_SOURCE = 26;
const IPV6_SOURCE = 22;
const PORTS = 34;
const PORTS6 = 54;
const SEQ = 4;

/** Random words, the same each time (xorshift32, Marsaglia 2003). */
export function createDice(seed = 88_675_123): () => number {
	let x = seed;
	return () => {
		x ^= x << 13;
		x ^= x >>> 17;
		x ^= x << 5;
		return x >>> 0;
	};
}

export interface Shape {
	template: Buffer;
	/** Makes the template the next packet. */
	vary(bytes: Buffer, dice: () => number): void;
	/** Packets, and how many a second. */
	count: number;
	rate: number;
}

const ends = { from: "203.0.113.1", to: US, fromMac: FLOODER };
const ends6 = { from: "2001:db8:99::1", to: US6, fromMac: FLOODER };
const bare = { options: "", window: 512, df: false };
const syn = (dport: number) =>
	tcp({ ...ends, ...bare, sport: 2000, dport, flags: S });

const anySource = (bytes: Buffer, dice: () => number) => {
	bytes.writeUInt32BE(dice(), IPV4_SOURCE);
	bytes.writeUInt16BE(dice() & 0xffff, PORTS);
	bytes.writeUInt32BE(dice(), PORTS + SEQ);
};
const anyPort = (bytes: Buffer, dice: () => number) =>
	bytes.writeUInt16BE(dice() & 0xffff, PORTS + 2);

export const SHAPES: Record<string, Shape> = {
	"SYNs to a watched port": {
		template: syn(23),
		vary: anySource,
		count: 100_000,
		rate: 1_200,
	},
	"SYNs to a port nobody watches": {
		template: syn(80),
		vary: anySource,
		count: 60_000,
		rate: 3_000,
	},
	"a short one": {
		template: syn(23),
		vary: anySource,
		count: 5_000,
		rate: 4_000,
	},
	"SYNs as a stack sends them, to a watched port": {
		template: tcp({ ...ends, sport: 2000, dport: 23, flags: S }),
		vary: anySource,
		count: 60_000,
		rate: 3_000,
	},
	"SYNs to random ports": {
		template: syn(80),
		vary(bytes, dice) {
			anySource(bytes, dice);
			anyPort(bytes, dice);
		},
		count: 60_000,
		rate: 3_000,
	},
	"3,000 sources, random ports": {
		template: syn(80),
		vary(bytes, dice) {
			anySource(bytes, dice);
			anyPort(bytes, dice);
			bytes.writeUInt32BE(0xcb007100 + (dice() % 3000), IPV4_SOURCE);
		},
		count: 100_000,
		rate: 1_200,
	},
	"300 sources, random ports, soon over": {
		template: syn(80),
		vary(bytes, dice) {
			anySource(bytes, dice);
			anyPort(bytes, dice);
			bytes.writeUInt32BE(0xcb007100 + (dice() % 300), IPV4_SOURCE);
		},
		count: 11_000,
		rate: 10_000,
	},
	"30 sources, one watched port": {
		template: syn(23),
		vary(bytes, dice) {
			anySource(bytes, dice);
			bytes.writeUInt32BE(0xcb007100 + (dice() % 30), IPV4_SOURCE);
		},
		count: 20_000,
		rate: 100,
	},
	"a trickle to a watched port": {
		template: syn(23),
		vary: anySource,
		count: 4_000,
		rate: 20,
	},
	"a brook to a watched port": {
		template: syn(23),
		vary: anySource,
		count: 30_000,
		rate: 150,
	},
	"random MAC addresses": {
		template: syn(23),
		vary(bytes, dice) {
			anySource(bytes, dice);
			bytes.writeUIntBE(0x020000000000 + dice(), MAC, 6);
		},
		count: 60_000,
		rate: 3_000,
	},
	"UDP to a watched port": {
		template: udp({ ...ends, sport: 4000, dport: 69, data: 0 }),
		vary(bytes, dice) {
			bytes.writeUInt32BE(dice(), IPV4_SOURCE);
			bytes.writeUInt16BE(1024 + (dice() % 60_000), PORTS);
		},
		count: 60_000,
		rate: 3_000,
	},
	"UDP to random ports": {
		template: udp({ ...ends, sport: 4000, dport: 69, data: 0 }),
		vary(bytes, dice) {
			bytes.writeUInt32BE(dice(), IPV4_SOURCE);
			bytes.writeUInt16BE(1024 + (dice() % 60_000), PORTS);
			bytes.writeUInt16BE(1 + (dice() % 32_000), PORTS + 2);
		},
		count: 60_000,
		rate: 3_000,
	},
	"pings from everywhere": {
		template: icmp(ends, 8),
		vary(bytes, dice) {
			bytes.writeUInt32BE(dice(), IPV4_SOURCE);
			bytes.writeUInt16BE(dice() & 0xffff, IPV4_ID);
		},
		count: 60_000,
		rate: 3_000,
	},
	"pings from one host": {
		template: icmp(ends, 8),
		vary: (bytes, dice) => bytes.writeUInt16BE(dice() & 0xffff, IPV4_ID),
		count: 100_000,
		rate: 1_200,
	},
	"SYNs over IPv6": {
		template: tcp({ ...ends6, ...bare, sport: 2000, dport: 23, flags: S }),
		vary(bytes, dice) {
			bytes.writeUInt32BE(dice(), IPV6_SOURCE + 8);
			bytes.writeUInt32BE(dice(), IPV6_SOURCE + 12);
			bytes.writeUInt16BE(dice() & 0xffff, PORTS6);
			bytes.writeUInt32BE(dice(), PORTS6 + SEQ);
		},
		count: 60_000,
		rate: 3_000,
	},
};

export type Quiet = readonly [ms: number, bytes: Buffer];

/** Alerts of a flood, with packets of others in between, in order of time. */
export function run(shape: Shape, quiet: readonly Quiet[] = []): WireAlert[] {
	const { detector, alerts } = listen(HOME);
	const packet = createPacket();
	const dice = createDice();
	const bytes = Buffer.from(shape.template);
	const waiting = [...quiet];
	const judge = (time: number, frame: Buffer) => {
		decode(frame, 0, frame.length, frame.length, DLT_EN10MB, packet);
		packet.time = time;
		detector.packet(packet, frame);
	};
	let time = START;
	for (let i = 0; i < shape.count; i++) {
		time = START + (i * 1000) / shape.rate;
		while (waiting[0] && START + waiting[0][0] <= time) {
			judge(START + waiting[0][0], waiting[0][1]);
			waiting.shift();
		}
		shape.vary(bytes, dice);
		judge(time, bytes);
	}
	detector.finish(time);
	return alerts;
}

/** Packets that the lines speak of: a scan's last line counts all of its own, probes told before included. */
export function packetsIn(alerts: readonly WireAlert[]): number {
	const scans = new Map<string, number>();
	for (const alert of alerts)
		if (alert.kind === "scan") scans.set(alert.source.ip, alert.fold.count);
	const single = alerts
		.filter(({ kind, source }) => kind !== "scan" && !scans.has(source.ip))
		.map((alert) => alert.fold?.count ?? 1);
	return [...scans.values(), ...single].reduce((sum, count) => sum + count, 0);
}

/** The most lines in any minute that begins with one. */
export const busiestMinute = (alerts: readonly WireAlert[]) =>
	Math.max(
		...alerts.map(
			({ time }) =>
				alerts.filter(
					(other) => other.time >= time && other.time < time + 60_000,
				).length,
		),
	);
