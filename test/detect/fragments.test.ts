/** Probes in fragments: nmap -f, --mtu. */
import fc from "fast-check";
import t from "tap";
import { decode } from "../../src/wire/link.ts";
import { createPacket } from "../../src/wire/packet.ts";
import {
	ethernet,
	fragment6,
	fragmented,
	ICMP6,
	IP4,
	IP6,
	ipv4,
	ipv6,
	isSix,
	MSS,
	S,
	solicitation,
	TCP,
	tcp,
	UDP,
	udp,
} from "../wire/frames.ts";
import {
	briefs,
	createWatcher,
	EVIL,
	EVIL6,
	HOST,
	HOST6,
	paced,
	range,
	START,
	type Timed,
	told,
} from "./drive.ts";

const syn = (dport = 8080, flags: number = S) =>
	tcp({ sport: 40_000, dport, flags, options: MSS, window: 1024 });

/** A datagram's fragments as frames. */
const parts = (
	payload = syn(),
	size = 8,
	{
		id = 1,
		from = EVIL as string,
		to = HOST as string,
		protocol = TCP as number,
	} = {},
): Buffer[] =>
	fragmented({ from, to, id }, protocol, payload, size).map((packet) =>
		ethernet(isSix(from) ? IP6 : IP4, packet),
	);

const techniques = (traffic: readonly Timed[]) =>
	told(traffic).map((alert) => `${alert.technique} x${alert.fold?.count ?? 1}`);

const SYN = `probe syn ${EVIL} ${HOST} 8080`;
const TINY = `probe fragment ${EVIL} ${HOST} any`;

t.test("nmap -f: 8 bytes each, nmap --mtu 16 and 24", async (t) => {
	t.same(briefs(told(paced(0, 1, parts()))), [`4 ${TINY}`, `502 ${SYN}`]);
	t.same(
		briefs(told(paced(0, 1, parts(syn(), 16)))),
		[`5 ${SYN}`],
		"16 bytes hold the flags",
	);
	t.same(
		briefs(
			told(paced(0, 1, parts(tcp({ sport: 1, dport: 8080, flags: 0 }), 8))),
		),
		[`4 ${TINY}`, `502 probe null ${EVIL} ${HOST} 8080`],
	);
	const six = paced(0, 1, parts(syn(), 8, { from: EVIL6, to: HOST6 }));
	t.same(briefs(told(six)), [
		`4 probe fragment ${EVIL6} ${HOST6} any`,
		`502 probe syn ${EVIL6} ${HOST6} 8080`,
	]);
	const long = parts(Buffer.concat([syn(), Buffer.alloc(100)]), 24);
	t.same(
		briefs(told(paced(0, 1, long))),
		[`4 ${SYN}`],
		"the first one has it all",
	);
});

t.test(
	"a scan in fragments is a scan, and said to be in fragments",
	async (t) => {
		const traffic = range(1, 20).flatMap((port) =>
			paced(port * 10, 1, parts(syn(port), 8, { id: port })),
		);
		const [start, end] = told(traffic).filter(({ kind }) => kind === "scan");
		t.match(start, { technique: "syn", fragmented: true, phase: "start" });
		t.match(end, { portCount: 20, fold: { count: 20 }, ports: range(1, 20) });
	},
);

t.test("in any order, with any of them twice: one packet", async () => {
	const order = fc.shuffledSubarray([0, 1, 2], { minLength: 3 });
	const again = fc.array(fc.nat(2), { maxLength: 4 });
	const shapes = fc.constantFrom([EVIL, HOST], [EVIL6, HOST6]);
	fc.assert(
		fc.property(order, again, shapes, (order, again, [from, to]) => {
			const all = parts(syn(), 8, { from, to });
			const sent = [...order, ...again].map((i) => all[i] as Buffer);
			const seen = told(paced(0, 1, sent)).filter(
				({ technique }) => technique === "syn",
			);
			return seen.length === 1 && seen[0]?.fold === undefined;
		}),
		{ numRuns: 60 },
	);
});

t.test("a lost one", async (t) => {
	const [first, second, third] = parts() as [Buffer, Buffer, Buffer];
	t.same(
		techniques(paced(0, 1, [first, third])),
		["fragment x1"],
		"the flags'",
	);
	t.same(techniques(paced(0, 1, [second, third])), [], "the first");
	t.same(
		techniques(paced(0, 1, [first, second])),
		["fragment x1"],
		"the checksum's",
	);
	t.same(techniques(paced(0, 1, [first, first, first])), [
		"fragment x1",
		"fragment x2",
	]);
});

t.test(
	"put together for 30 seconds, by address, id and protocol",
	async (t) => {
		const [first, second, third] = parts() as [Buffer, Buffer, Buffer];
		const late = (ms: number): Timed[] => [
			[0, second],
			[1, third],
			[ms, first],
		];
		t.same(techniques(late(30_000)), ["syn x1"]);
		t.same(techniques(late(30_001)), ["fragment x1"]);
		for (const other of [
			{ id: 2 },
			{ from: "198.51.100.9" },
			{ to: "192.0.2.2" },
			{ protocol: UDP },
		]) {
			const foreign = parts(syn(), 8, other)[1] as Buffer;
			const seen = techniques(paced(0, 1, [first, foreign, third]));
			t.same(seen, ["fragment x1"], JSON.stringify(other));
		}
	},
);

t.test("an id used again is a new datagram", async (t) => {
	const again = [...parts(), ...parts()];
	const seen = told(paced(0, 31_000 / 3, again));
	t.equal(seen.filter(({ technique }) => technique === "syn").length, 2);
});

t.test("more datagrams than slots", async (t) => {
	const all = range(1, 2000).map((id) => parts(syn(id), 8, { id }));
	const mixed = [0, 1, 2].flatMap((i) => all.map((part) => part[i] as Buffer));
	t.doesNotThrow(() => told(paced(0, 0.1, mixed)));
	// each by itself they are seen
	const ordered = told(paced(0, 0.1, all.flat()));
	const end = ordered.findLast(({ kind }) => kind === "scan");
	t.match(end, { kind: "scan", phase: "end", portCount: 2000 });
});

t.test(
	"overlaps: the later one is believed, as long as the header isn't whole",
	async (t) => {
		const flags = (offset: number, bytes: string, more: boolean) =>
			ethernet(
				IP4,
				ipv4(
					{ from: EVIL, to: HOST, protocol: TCP, id: 1, offset, more },
					Buffer.from(bytes, "hex"),
				),
			);
		const head = flags(0, "9c401f9000000001", true);
		const fin = flags(8, "0000000050010400", true);
		const xmas = flags(8, "0000000050290400", true);
		const tail = flags(16, "00000000", false);
		t.same(techniques(paced(0, 1, [head, fin, xmas, tail])), [
			"fragment x1",
			"xmas x1",
		]);
		t.same(techniques(paced(0, 1, [head, xmas, fin, tail])), [
			"fragment x1",
			"fin x1",
		]);
		t.same(techniques(paced(0, 1, [head, tail, fin, xmas])), [
			"fragment x1",
			"fin x1",
		]);
	},
);

t.test("UDP in fragments is nothing by itself", async (t) => {
	const payload = udp(40_000, 161, Buffer.alloc(40));
	const sent = parts(payload, 8, { protocol: UDP });
	t.same(briefs(told(paced(0, 1, sent))), [`60 probe udp ${EVIL} ${HOST} 161`]);
	const other = udp(40_000, 8080, Buffer.alloc(3000));
	t.same(told(paced(0, 1, parts(other, 1480, { protocol: UDP }))), []);
});

t.test("neighbour discovery in fragments is ignored, RFC 6980", async (t) => {
	const asked = (n: number): Buffer[] => {
		const body = solicitation(`2001:db8::${n}`);
		const ends = { from: EVIL6, to: "ff02::1:ff00:1", ttl: 255, next: 44 };
		return [
			fragment6(ICMP6, 0, true, n, body.subarray(0, 24)),
			fragment6(ICMP6, 24, false, n, body.subarray(24)),
		].map((part) => ethernet(IP6, ipv6(ends, part)));
	};
	// the frames stand where a capture's buffer has other packets around them
	const room = Buffer.from(range(0, 40_000).map((i) => (i * i) >> 3));
	const { detector, alerts } = createWatcher({ scope: "segment" });
	const packet = createPacket();
	for (const [i, frame] of range(10, 20).flatMap(asked).entries()) {
		frame.copy(room, 20_000);
		decode(room, 20_000, frame.length, frame.length, 1, packet);
		packet.time = START + i * 10;
		detector.packet(packet, room);
	}
	detector.finish(START + 1000);
	t.same(alerts, []);
});
