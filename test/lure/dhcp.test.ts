/** Questions for DHCP servers: valid, never twice the same, and none that takes a lease. */
import fc from "fast-check";
import t from "tap";
import { createAgenda } from "../../src/detect/agenda.ts";
import { createDhcpLure } from "../../src/lure/dhcp.ts";
import type { LureInterface } from "../../src/lure/lure.ts";
import {
	addressOf,
	type DhcpMessage,
	decodeDhcp,
	typeOf,
} from "../../src/wire/dhcp.ts";
import type { Packet } from "../../src/wire/packet.ts";
import { decoded } from "../wire/frames.ts";

const MAC = "02:00:00:00:00:0a";
const OWN = "192.0.2.10";
const ADDRESSED: LureInterface = {
	name: "eth0",
	mac: MAC,
	ipv4: [{ address: OWN, broadcast: "192.0.2.255" }],
	ipv6: [],
};
const BARE: LureInterface = { ...ADDRESSED, name: "eth1", ipv4: [] };

interface Sent {
	time: number;
	name: string;
	frame: Uint8Array;
	packet: Packet & { source: string; destination: string };
	message: DhcpMessage;
	type: number | undefined;
}

/** xorshift (Marsaglia 2003): the same run each time. */
function seeded(seed: number): (n: number) => number {
	let x = seed;
	return (n) => {
		x ^= x << 13;
		x ^= x >>> 17;
		x ^= x << 5;
		return (x >>> 0) % n;
	};
}

function createTrial(
	interfaces: LureInterface[],
	{ every = 300_000, random = seeded(88_675_123) } = {},
) {
	const sent: Sent[] = [];
	const asked: number[] = [];
	const agenda = createAgenda();
	let now = 0;
	const lure = createDhcpLure(
		{ every, relays: [] },
		{
			agenda,
			random,
			interfaces: () => interfaces,
			send(name, frame) {
				const packet = decoded(Buffer.from(frame));
				const message = decodeDhcp(frame.subarray(packet.payload, packet.end));
				const type = typeOf(message);
				sent.push({ time: now, name, frame, packet, message, type });
			},
		},
		{ add: (xid) => asked.push(xid) },
	);
	/** Simulated time goes on to `end`. */
	function pass(end: number): void {
		for (
			let due = agenda.next();
			due !== undefined && due <= end;
			due = agenda.next()
		) {
			now = due;
			agenda.advance(due);
		}
		now = end;
	}
	return { lure, sent, asked, pass, agenda };
}

/** 1,000 cycles on two interfaces. */
function thousand(): { sent: Sent[]; cycles: Sent[][]; asked: number[] } {
	const { lure, sent, asked, pass } = createTrial([ADDRESSED, BARE]);
	lure.start(0);
	pass(1000 * 300_000);
	const cycles: Sent[][] = [];
	for (const one of sent.filter(({ name }) => name === "eth0")) {
		const last = cycles.at(-1)?.at(-1);
		if (last && one.time - last.time < 10_000) cycles.at(-1)?.push(one);
		else cycles.push([one]);
	}
	return { sent, cycles, asked };
}

const { sent: ALL, cycles: CYCLES, asked: ASKED } = thousand();
const FIRST = ALL.filter(({ name }) => name === "eth0");

const distinct = (values: readonly unknown[]) =>
	new Set(values.map((value) => String(value))).size;

const [DISCOVER, REQUEST, INFORM] = [1, 3, 8] as const;

t.test("three questions where there is an address, else two", async (t) => {
	const types = (name: string) => {
		const { lure, sent, pass } = createTrial([ADDRESSED, BARE]);
		lure.once(0);
		pass(60_000);
		return sent
			.filter((one) => one.name === name)
			.map(({ type }) => type)
			.sort();
	};
	t.same(types("eth0"), [DISCOVER, REQUEST, INFORM]);
	t.same(types("eth1"), [DISCOVER, REQUEST]);
	const { lure, sent, pass } = createTrial([{ ...BARE, mac: undefined }]);
	lure.once(0);
	pass(60_000);
	t.same(sent, [], "nothing without a MAC address");
	t.ok(CYCLES.length > 950 && CYCLES.length < 1050, `${CYCLES.length} cycles`);
	t.ok(
		CYCLES.every((cycle) => cycle.length === 3),
		"each of three",
	);
});

t.test("each question as RFC 2131 table 5 has it", async (t) => {
	const wrong = ALL.filter(({ name, packet, message, type, frame }) => {
		const isInform = type === INFORM;
		const isSound =
			packet.source === (isInform ? OWN : "0.0.0.0") &&
			packet.destination === "255.255.255.255" &&
			packet.sport === 68 &&
			packet.dport === 67 &&
			packet.end - packet.payload === packet.length &&
			Buffer.from(frame.subarray(0, 12)).toString("hex") ===
				"ffffffffffff02000000000a" &&
			!message.malformed &&
			message.op === 1 &&
			message.ciaddr === (isInform ? OWN : "0.0.0.0") &&
			message.yiaddr === "0.0.0.0" &&
			message.giaddr === "0.0.0.0" &&
			message.secs < 5 &&
			addressOf(message, 54) === undefined &&
			[...message.options.keys()][0] === 53 &&
			message.options.has(55) &&
			packet.length >= 300;
		const requested = addressOf(message, 50);
		switch (type) {
			case DISCOVER:
				return !isSound || requested !== (name === "eth0" ? OWN : undefined);
			case INFORM:
				return !isSound || requested !== undefined;
			default:
				return !isSound || type !== REQUEST || requested === undefined;
		}
	});
	t.same(wrong, []);
});

t.test("checksums of IP and UDP are right", async (t) => {
	const sum = (bytes: Uint8Array, start: number) => {
		let total = start;
		for (let i = 0; i < bytes.length; i += 2)
			total += ((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0);
		while (total > 0xffff) total = (total & 0xffff) + (total >>> 16);
		return total;
	};
	const wrong = ALL.filter(({ frame }) => {
		const addresses = sum(frame.subarray(26, 34), 0);
		const datagram = frame.subarray(34);
		return (
			sum(frame.subarray(14, 34), 0) !== 0xffff ||
			sum(datagram, addresses + 17 + datagram.length) !== 0xffff
		);
	});
	t.same(wrong, []);
});

t.test("restarts ask for what no server here has", async (t) => {
	const requested = ALL.filter(({ type }) => type === REQUEST).map(
		({ message }) => addressOf(message, 50) ?? "",
	);
	t.ok(distinct(requested) > 1900, "another each time");
	const ours = requested.filter((address) => {
		const [first = 0, , , last = 0] = address.split(".").map(Number);
		return (
			[0, 10, 100, 127, 169, 172, 192, 198, 203].includes(first) ||
			first > 223 ||
			last === 0 ||
			last === 255
		);
	});
	t.same(ours, []);
	const own = Array.from({ length: 223 }, (_, i) => i + 1)
		.filter((first) => first !== 8)
		.map((first) => ({ address: `${first}.0.0.1`, broadcast: "" }));
	const crowded = createTrial([{ ...ADDRESSED, ipv4: own }]);
	for (let i = 0; i < 100; i++) crowded.lure.once(i * 10_000);
	crowded.pass(2_000_000);
	const firsts = crowded.sent
		.filter(({ type }) => type === REQUEST)
		.map(({ message }) => addressOf(message, 50)?.split(".")[0]);
	t.same([...new Set(firsts)], ["8"], "never a network of ours");
	const everywhere = { address: "8.0.0.1", broadcast: "" };
	const full = createTrial([{ ...ADDRESSED, ipv4: [...own, everywhere] }]);
	full.lure.once(0);
	full.pass(60_000);
	t.equal(full.sent.length, 3, "it goes on where every network is ours");
});

t.test("no two questions are alike", async (t) => {
	const count = FIRST.length;
	const of = (pick: (one: Sent) => unknown) => distinct(FIRST.map(pick));
	t.equal(
		of(({ message }) => message.xid),
		count,
	);
	t.ok(of(({ packet }) => packet.id) > 0.9 * count * (1 - count / 131_072));
	t.equal(
		of(({ message }) => message.secs),
		5,
	);
	t.equal(
		of(({ packet }) => packet.ttl),
		3,
	);
	t.equal(
		of(({ message }) => message.options.get(55)),
		6,
	);
	t.equal(
		of(({ message }) => message.options.get(60)),
		3,
	);
	t.equal(
		of(({ message }) => message.options.get(57)),
		3,
	);
	t.ok(of(({ message }) => message.options.get(12)) > 0.99 * count);
	t.equal(
		of(({ message }) => [...message.options.keys()]),
		12,
		"orders of options",
	);
	const chaddrs = FIRST.map(({ message }) => message.chaddr);
	const invented = chaddrs.filter((chaddr) => chaddr !== MAC);
	t.equal(distinct(invented), invented.length, "chaddr");
	t.ok(invented.every((chaddr) => /^.[26ae]:/.test(chaddr)));
	const vendors = FIRST.map(({ message }) =>
		Buffer.from(message.options.get(60) ?? []).toString(),
	);
	const windows = vendors.filter((vendor) => vendor === "MSFT 5.0").length;
	t.ok(windows > 0.1 * count && windows < 0.3 * count, "some of the time");
});

t.test(
	"no bit of the questions' fields is constant but the protocol's",
	async (t) => {
		// xid, secs, chaddr: offsets in the payload
		const varying = [4, 5, 6, 7, 28, 29, 30, 31, 32, 33];
		const payloads = FIRST.filter(({ message }) => message.chaddr !== MAC).map(
			({ frame, packet }) => frame.subarray(packet.payload),
		);
		for (const offset of varying)
			for (let bit = offset === 28 ? 2 : 0; bit < 8; bit++) {
				const ones = payloads.filter(
					(p) => ((p[offset] ?? 0) >> bit) & 1,
				).length;
				t.ok(
					Math.abs(ones / payloads.length - 0.5) < 0.05,
					`byte ${offset} bit ${bit}`,
				);
			}
	},
);

t.test("answers find us: broadcast, or to our own MAC address", async (t) => {
	const wrong = ALL.filter(
		({ message }) => message.broadcast !== (message.chaddr !== MAC),
	);
	t.same(wrong, []);
	const own = FIRST.filter(({ message }) => message.chaddr === MAC);
	t.ok(
		own.every(({ type }) => type === INFORM),
		"only an INFORM is our own client's",
	);
	const share = own.length / CYCLES.length;
	t.ok(share > 0.2 && share < 0.3, `${share}`);
});

t.test("time: cycles, order and gaps", async (t) => {
	const starts = CYCLES.map((cycle) => cycle[0]?.time ?? 0);
	const between = starts.slice(1).map((time, i) => time - (starts[i] ?? 0));
	t.ok(Math.min(...between) >= 149_000);
	t.ok(Math.max(...between) <= 451_000);
	t.ok(distinct(between) > 0.98 * between.length);
	const mean = between.reduce((sum, one) => sum + one, 0) / between.length;
	t.ok(Math.abs(mean - 300_000) < 10_000, `${mean}`);
	const gaps = CYCLES.flatMap((cycle) =>
		cycle.slice(1).map(({ time }, i) => time - (cycle[i]?.time ?? 0)),
	);
	t.ok(Math.min(...gaps) >= 500 && Math.max(...gaps) <= 3000);
	t.ok(distinct(gaps) > 1000);
	const orders = CYCLES.map((cycle) => cycle.map(({ type }) => type).join());
	t.equal(distinct(orders), 6);
	for (const order of new Set(orders)) {
		const share = orders.filter((one) => one === order).length / orders.length;
		t.ok(share > 0.12 && share < 0.21, `${order}: ${share}`);
	}
});

t.test("what leaves nothing out is told: Windows' DISCOVER", async (t) => {
	const full = ALL.filter(
		({ type, message }) =>
			type === DISCOVER &&
			Buffer.from(message.options.get(60) ?? []).toString() === "MSFT 5.0",
	);
	t.same(
		ASKED,
		full.map(({ message }) => message.xid),
	);
	t.ok(
		full.every(({ message }) => {
			const wanted = message.options.get(55) ?? new Uint8Array(0);
			return [3, 6, 252].every((code) => wanted.includes(code));
		}),
	);
});

t.test("start, stop, and never", async (t) => {
	const { lure, sent, pass, agenda } = createTrial([ADDRESSED]);
	lure.start(0);
	pass(20_000);
	t.equal(sent.length, 3, "soon after the start");
	lure.stop();
	pass(10_000_000);
	t.equal(sent.length, 3);
	t.equal(agenda.next(), undefined);
	const never = createTrial([ADDRESSED], { every: 0 });
	never.lure.start(0);
	t.equal(never.agenda.next(), undefined);
});

t.test("any draw of the dice, any addresses: sound questions", async () => {
	const address = fc
		.tuple(fc.integer({ min: 1, max: 223 }), fc.nat(255), fc.nat(255))
		.map(([a, b, c]) => ({ address: `${a}.${b}.${c}.9`, broadcast: "" }));
	fc.assert(
		fc.property(
			fc.infiniteStream(fc.double({ min: 0, max: 0.999_999, noNaN: true })),
			fc.array(address, { maxLength: 4 }),
			(dice, ipv4) => {
				const { lure, sent, pass } = createTrial([{ ...ADDRESSED, ipv4 }], {
					random: (n) => Math.floor((dice.next().value as number) * n),
				});
				lure.once(0);
				pass(60_000);
				const firsts = ipv4.map((one) => one.address.split(".")[0]);
				return (
					sent.length === (ipv4.length > 0 ? 3 : 2) &&
					sent.every(({ message, type }) => {
						const requested = addressOf(message, 50)?.split(".")[0];
						return (
							!message.malformed &&
							(type !== REQUEST || !firsts.includes(requested ?? ""))
						);
					})
				);
			},
		),
		{ numRuns: 500 },
	);
});
