/** The kernel's filter, as libpcap and tcpdump understand it. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import t from "tap";
import type { Alert } from "../../src/alert/alert.ts";
import { readCapture } from "../../src/capture/file.ts";
import { type FilterOptions, kernelFilter } from "../../src/capture/filter.ts";
import { DEFAULT_TCP, DEFAULT_UDP } from "../../src/config/ports.ts";
import { allPorts, portsOf } from "../../src/config/portset.ts";
import { PROTOCOLS } from "../../src/config/watch.ts";
import { createDetector } from "../../src/detect/detector.ts";
import { createFeed } from "../../src/watch/feed.ts";
import { peer, root } from "../system/harness.ts";
import {
	A,
	extension,
	fragmented,
	hex,
	ICMP,
	ICMP6,
	icmp,
	ip,
	ipv4,
	ipv6,
	isSix,
	join as layers,
	onLink,
	P,
	S,
	SCTP,
	STAMPS,
	sctp,
	TCP,
	tcp,
	U,
	UDP,
	udp,
} from "../wire/frames.ts";
import { pcapHeader, pcapRecord } from "./build.ts";

const DEFAULT: FilterOptions = {
	protocols: PROTOCOLS,
	udp: portsOf(DEFAULT_UDP),
};
const every = (step: number, count: number) =>
	portsOf(Array.from({ length: count }, (_, i) => 2_000 + i * step));
/**
 * Instructions: BPF_MAXINSNS is 4,096, but a socket of an older kernel has no more than 20 kB for them
 * (net.core.optmem_max). 915 need 16.5 kB of it.
 */
const LONGEST = 950;
/** Link types as tcpdump names them. */
const LINKS = {
	EN10MB: 1,
	NULL: 0,
	RAW: 12,
	LOOP: 108,
	LINUX_SLL: 113,
	LINUX_SLL2: 276,
} as const;

const dir = t.testdir();
const libraries = { LD_LIBRARY_PATH: `${root}/.peers/libpcap` };

function tcpdump(...args: string[]): string {
	return execFileSync(peer("tcpdump"), args, {
		env: libraries,
		encoding: "utf8",
		stdio: ["ignore", "pipe", "ignore"],
	});
}

t.test("it compiles for each link, and the kernel takes it", async (t) => {
	const options: [what: string, options: FilterOptions, most: number][] = [
		["the default", DEFAULT, 480],
		["all ports", { ...DEFAULT, udp: allPorts() }, 390],
		["TCP only", { ...DEFAULT, protocols: ["tcp"] }, 240],
		["ARP only", { ...DEFAULT, protocols: ["arp"] }, 190],
		["64 ranges", { ...DEFAULT, udp: every(2, 64) }, LONGEST],
		["more than 64", { ...DEFAULT, udp: every(2, 65) }, 300],
	];
	for (const [what, option, most] of options)
		for (const [name, link] of Object.entries(LINKS)) {
			const filter = kernelFilter(option, link);
			const size = Number.parseInt(tcpdump("-ddd", "-y", name, filter), 10);
			t.ok(size > 20 && size < most, `${what} on ${name}: ${size}`);
		}
});

/** A capture file; packets a second apart. */
function write(frames: readonly Buffer[], linktype: number): string {
	const file = join(dir, "in.pcap");
	const records = frames.map((frame, i) =>
		pcapRecord(1_000_000 + i, 0, frame.toString("hex")),
	);
	writeFileSync(file, Buffer.concat([pcapHeader({ linktype }), ...records]));
	return file;
}

/** The capture without what the filter drops. */
function filtered(file: string, linktype: number, options = DEFAULT): string {
	const out = join(dir, "out.pcap");
	tcpdump("-r", file, "-w", out, kernelFilter(options, linktype));
	return out;
}

/** The indexes of the frames that pass. */
async function passing(
	frames: readonly Buffer[],
	linktype = 1,
	options = DEFAULT,
): Promise<number[]> {
	const passed: number[] = [];
	const out = filtered(write(frames, linktype), linktype, options);
	await readCapture(out, (_b, _o, _c, _l, time) => {
		passed.push(time / 1_000 - 1_000_000);
	});
	return passed;
}

/** What the detectors tell of a file, watching the whole segment. */
async function judge(file: string): Promise<Alert[]> {
	const alerts: Alert[] = [];
	const detector = createDetector({
		scope: "segment",
		tcp: portsOf(DEFAULT_TCP),
		udp: DEFAULT.udp,
		protocols: PROTOCOLS,
		to: [],
		home: [],
		ipOptions: false,
		seed: 1,
		names: { interface: () => undefined, service: () => undefined },
		isBound: () => undefined,
		emit: (alert) => alerts.push(alert),
	});
	const feed = createFeed(detector);
	await readCapture(file, feed.record);
	feed.flush();
	detector.finish(2_000_000_000_000);
	return alerts;
}

const client = { from: "192.0.2.7", to: "192.0.2.1" };
const client6 = { from: "2001:db8::7", to: "2001:db8::1" };
const data = Buffer.alloc(1_400);
const ports = { sport: 40_000, dport: 5_001 };

/** Each frame as it is, in one VLAN, and in two. */
const tagged = (packet: Buffer): Buffer[] => {
	const inner = (0x8100 << 16) | 20;
	return [
		[],
		[[0x8100, 10]],
		[
			[0x88a8, 10],
			[inner >>> 16, 20],
		],
	].map((tags) => onLink(1, packet, { tags: tags as [number, number][] }));
};

/** Nothing of these; tagged and in other links alike. */
const BULK: [what: string, packet: Buffer][] = [
	[
		"data",
		ip({ ...client, df: true }, TCP, tcp({ ...ports, flags: A | P }, data)),
	],
	["IPv6 data", ip(client6, TCP, tcp({ ...ports, flags: A }, data))],
	[
		"ACK of Linux",
		ip(
			{ ...client, df: true },
			TCP,
			tcp({ ...ports, flags: A, options: STAMPS }),
		),
	],
	[
		"ACK without options",
		ip({ ...client, df: true }, TCP, tcp({ ...ports, flags: A })),
	],
	["IPv6 ACK", ip(client6, TCP, tcp({ ...ports, flags: A, options: STAMPS }))],
	["UDP stream", ip(client, UDP, udp(5_001, 40_000, data))],
	["IPv6 UDP stream", ip(client6, UDP, udp(5_001, 40_000, data))],
	["QUIC upload", ip(client, UDP, udp(40_000, 443, data))],
	["GRE tunnel", ip(client, 47, data)],
	["ESP tunnel", ip(client6, 50, data)],
	["SCTP data", ip(client, SCTP, sctp(40_000, 5_001, 0))],
	["IPv6 SCTP data", ip(client6, SCTP, sctp(40_000, 5_001, 0))],
	...fragmented(client, UDP, udp(5_001, 40_000, Buffer.alloc(4_000)), 1_480)
		.slice(0, 2)
		.map((part): [string, Buffer] => ["large fragment", part]),
];

t.test("established traffic stays in the kernel", async (t) => {
	for (const [what, packet] of BULK)
		t.strictSame(await passing(tagged(packet)), [], what);
	for (const link of Object.values(LINKS)) {
		const frames = BULK.map(([, packet]) => onLink(link, packet));
		t.strictSame(await passing(frames, link), [], `link ${link}`);
	}
});

/** Each of these is somebody's probe, or tells what one found. */
const TELLING: [what: string, packet: Buffer][] = [
	...[client, client6].flatMap((ends): [string, Buffer][] => {
		const six = isSix(ends.from);
		const flagged = [0, 1, 2, 4, 8, 32, 41, 18, 20, 17, 3, 63];
		return [
			...flagged.map((flags): [string, Buffer] => [
				`flags ${flags}, v6 ${six}`,
				ip({ ...ends, df: true }, TCP, tcp({ ...ports, flags }, data)),
			]),
			[
				"ACK of nmap",
				ip(ends, TCP, tcp({ ...ports, flags: A, window: 1_024 })),
			],
			["UDP", ip(ends, UDP, udp(40_000, 5_001, Buffer.alloc(592)))],
			["UDP to a watched port", ip(ends, UDP, udp(40_000, 161, data))],
			["UDP to a privileged port", ip(ends, UDP, udp(40_000, 53, data))],
			["SCTP INIT", ip(ends, SCTP, sctp(40_000, 5_001, 1))],
			["SCTP INIT ACK", ip(ends, SCTP, sctp(5_001, 40_000, 2))],
			["SCTP ABORT", ip(ends, SCTP, sctp(5_001, 40_000, 6))],
			["bare protocol", ip(ends, 47, Buffer.alloc(0))],
			["odd protocol", ip(ends, 200, data)],
			[
				"large ping",
				ip(ends, six ? ICMP6 : ICMP, Buffer.concat([hex("08000000"), data])),
			],
			...fragmented(ends, TCP, tcp({ ...ports, flags: S }), 8).map(
				(part): [string, Buffer] => ["nmap -f", part],
			),
			...fragmented(ends, TCP, tcp({ ...ports, flags: S }, data), 16)
				.slice(0, 4)
				.map((part): [string, Buffer] => ["a header in pieces", part]),
		];
	}),
	[
		"the rest of a header, with data",
		ipv4({ ...client, protocol: TCP, offset: 16 }, data),
	],
	[
		"TCP behind IP options",
		ipv4(
			{ ...client, protocol: TCP, options: "94040000" },
			tcp({ ...ports, flags: S }),
		),
	],
	...[0, 43, 44, 51, 60, 135, 139, 140].map((next): [string, Buffer] => [
		`TCP behind extension header ${next}`,
		ipv6(
			{ ...client6, next },
			extension(TCP, Buffer.alloc(6), tcp({ ...ports, flags: S }, data)),
		),
	]),
];

t.test("whatever somebody may have sent on purpose passes", async (t) => {
	const frames = TELLING.flatMap(([, packet]) => tagged(packet));
	const passed = new Set(await passing(frames));
	for (const [i, [what]] of TELLING.entries())
		for (const tags of [0, 1, 2])
			t.ok(passed.has(i * 3 + tags), `${what}, tags: ${tags}`);
	for (const link of Object.values(LINKS)) {
		const bare = TELLING.map(([, packet]) => onLink(link, packet));
		t.equal((await passing(bare, link)).length, bare.length, `link ${link}`);
	}
});

t.test(
	"what servers answer passes, long or short, whatever is judged",
	async (t) => {
		const packets = [client, client6].flatMap((ends) => [
			...[67, 137, 547, 5_353, 5_355].map((sport) =>
				ip(ends, UDP, udp(sport, 40_000, data)),
			),
			ip(ends, UDP, udp(9, 546, data)),
			ip(ends, isSix(ends.from) ? ICMP6 : ICMP, icmp(134, 0, data)),
		]);
		const stream = ip(client, UDP, udp(5_354, 40_000, data));
		for (const protocols of [PROTOCOLS, ["tcp"], ["arp"]] as const) {
			const option = { ...DEFAULT, protocols };
			const frames = [...packets, stream].flatMap(tagged);
			t.strictSame(
				await passing(frames, 1, option),
				packets.flatMap(tagged).map((_, i) => i),
				protocols.join(),
			);
			for (const link of Object.values(LINKS)) {
				const bare = [...packets, stream].map((packet) => onLink(link, packet));
				t.equal(
					(await passing(bare, link, option)).length,
					packets.length,
					`link ${link}`,
				);
			}
		}
	},
);

t.test("ARP and IP options pass", async (t) => {
	const question = layers(hex("0001 0800 0604 0001"), Buffer.alloc(20));
	const frame = layers(Buffer.alloc(12), [0x0806, 2], question);
	t.strictSame(await passing([frame]), [0]);
	const odd = { ...client, protocol: TCP, options: "94040000", df: true };
	const upload = ipv4(odd, tcp({ ...ports, flags: A }, data));
	t.strictSame(await passing(tagged(upload)), [0, 1, 2]);
});

/** Alerts as they are compared. */
const texts = (alerts: Alert[]) => alerts.map((alert) => JSON.stringify(alert));

const traces = join(root, "../shared/traces");
if (existsSync(traces))
	t.test("a filtered trace tells the same", async (t) => {
		let compared = 0;
		for (const folder of ["attacks", "benign", "protocols"]) {
			for (const name of readdirSync(join(traces, folder))) {
				if (/pppoe|multi-interface/.test(name)) continue; // heard on ppp0; tcpdump can't rewrite it
				const file = join(traces, folder, name);
				let linktype = 0;
				const { records } = await readCapture(file, (...record) => {
					linktype = record[5];
				});
				const out = filtered(file, linktype);
				const { records: left } = await readCapture(out, () => undefined);
				if (left === records) continue; // nothing was dropped
				t.strictSame(texts(await judge(out)), texts(await judge(file)), name);
				compared++;
			}
		}
		t.ok(compared >= 8, `${compared} traces had traffic to drop`);
	});
else t.pass(`no ${traces}: public traces are not compared`);

/** Random packets of all sorts from many strangers, near and far from what the rules are about. */
const anyPacket = (i: number): fc.Arbitrary<Buffer> => {
	const port = fc.oneof(
		fc.integer({ min: 0, max: 65_535 }),
		fc.constantFrom(23, 443, 161, 1_023),
	);
	const size = fc.constantFrom(0, 1, 20, 30, 250, 591);
	const segment = fc
		.record({
			sport: port,
			dport: port,
			flags: fc.oneof(
				fc.integer({ min: 0, max: 255 }),
				fc.constantFrom(A, A, A | P, A | U, A | 0xc0),
			),
			window: fc.constantFrom(0, 512, 1_024, 1_025, 64_000),
			options: fc.constantFrom("", "01010101", STAMPS),
		})
		.chain((s) => size.map((n) => [TCP, tcp(s, Buffer.alloc(n))] as const));
	const datagram = fc
		.tuple(port, port, size)
		.map(([from, to, n]) => [UDP, udp(from, to, Buffer.alloc(n))] as const);
	const other = fc
		.tuple(fc.integer({ min: 0, max: 255 }), size)
		.map(([protocol, n]) => [protocol, Buffer.alloc(n, 1)] as const);
	const headers = fc.record({
		version: fc.constantFrom(4, 6),
		df: fc.boolean(),
		more: fc.boolean(),
		offset: fc.constantFrom(0, 0, 0, 8, 16, 24, 56, 64, 1_480),
		options: fc.constantFrom("", "", "94040000"),
		next: fc.constantFrom(-1, -1, 0, 43, 51, 60, 135, 200),
	});
	return fc
		.tuple(headers, fc.oneof(segment, datagram, other))
		.map(([h, [protocol, payload]]) => {
			const from = `10.${i >> 8}.${i & 255}.9`;
			if (h.version === 4)
				return ipv4({ ...h, from, to: "192.0.2.1", protocol }, payload);
			const behind =
				h.next < 0 ? payload : extension(protocol, Buffer.alloc(6), payload);
			const next = h.next < 0 ? protocol : h.next;
			return ipv6(
				{ from: `2001:db8::${i.toString(16)}`, to: client6.to, next },
				behind,
			);
		});
};

/** Room for all alerts: their number is limited for each MAC address and minute. */
const macOf = (i: number) =>
	`02:00:00:00:${(i >> 8).toString(16).padStart(2, "0")}:${(i & 255).toString(16).padStart(2, "0")}`;

t.test("what is dropped, no detector has a word for", async (t) => {
	const packets = fc
		.tuple(...Array.from({ length: 300 }, (_, i) => anyPacket(i)))
		.map((all) =>
			all.map((packet, i) => onLink(1, packet, { from: macOf(i) })),
		);
	let dropped = 0;
	await fc.assert(
		fc.asyncProperty(packets, async (frames) => {
			const passed = new Set(await passing(frames));
			const rest = frames.filter((_, i) => !passed.has(i));
			dropped += rest.length;
			t.strictSame(texts(await judge(write(rest, 1))), []);
		}),
		{ numRuns: 20, endOnFailure: true },
	);
	t.ok(dropped > 300, `${dropped} were`);
});
