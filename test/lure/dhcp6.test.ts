import t from "tap";
import { createDhcp6Lure } from "../../src/lure/dhcp6.ts";
import { decodeDhcp6, eachOption } from "../../src/wire/dhcp6.ts";
import { START } from "../detect/drive.ts";
import { constants, createLan, distinct, type Question } from "./lan.ts";

/** 1,000 cycles, and what was asked in them. */
function cycles(): Question[] {
	const { world, sent, until } = createLan();
	const lure = createDhcp6Lure({ every: 300_000 }, world);
	lure.start(START);
	while (sent.length < 4 * 1000) until((sent.at(-1)?.ms ?? 0) + 600_000);
	lure.stop();
	return sent.slice(0, 4000);
}

/** Options of a message by their code, in their order. */
function optionsOf(payload: Buffer): Map<number, Buffer> {
	const options = new Map<number, Buffer>();
	const isWhole = eachOption(payload, 4, payload.length, (code, from, to) =>
		options.set(code, payload.subarray(from, to)),
	);
	if (!isWhole) throw new Error("options run past the end");
	return options;
}

const asked = cycles();
const solicits = asked.filter(({ payload }) => payload[0] === 1);
const requests = asked.filter(({ payload }) => payload[0] === 11);

t.test(
	"both questions from every interface that can, and no other",
	async (t) => {
		t.equal(solicits.length, 2000);
		t.equal(requests.length, 2000);
		t.same([...new Set(asked.map(({ name }) => name))].sort(), [
			"eth0",
			"eth1",
		]);
		for (const { name, packet } of asked) {
			const is = [
				packet.mac,
				packet.toMac,
				packet.destination,
				packet.ttl,
				packet.sport,
				packet.dport,
			];
			const mac = name === "eth0" ? "02:00:00:00:00:01" : "02:00:00:00:00:02";
			const wants = [mac, "33:33:00:01:00:02", "ff02::1:2", 1, 546, 547];
			if (is.join() !== wants.join()) t.fail(`${is}`);
			const own = name === "eth0" ? ["fe80::1"] : ["fe80::2", "fe80::3"];
			if (!own.includes(packet.source)) t.fail(packet.source);
		}
		const first = solicits.findIndex(({ name }) => name === "eth0");
		t.ok(first >= 0);
	},
);

t.test("what each holds", async (t) => {
	for (const { payload } of asked) {
		const options = optionsOf(payload);
		const isSolicit = payload[0] === 1;
		const codes = [...options.keys()].sort((a, b) => a - b).join();
		if (codes !== (isSolicit ? "1,3,6,8,16,39" : "1,6,8,16")) t.fail(codes);
		const fixed = [8, 16].map((code) => options.get(code)?.toString("hex"));
		if (fixed.join() !== "0000,000001370008" + "4d53465420352e30")
			t.fail(`${fixed}`);
		const wanted = options.get(6) as Buffer;
		const list = Array.from({ length: wanted.length / 2 }, (_, i) =>
			wanted.readUInt16BE(2 * i),
		);
		const must = isSolicit ? [82] : [32, 83];
		if (
			!must.every((code) => list.includes(code)) ||
			distinct(list) < list.length
		)
			t.fail(`wants ${list}`);
		if (decodeDhcp6(payload).malformed) t.fail("malformed");
	}
	t.pass("as RFC 8415 has them");
});

t.test("clients that nobody knows", async (t) => {
	const duids = asked.map(
		({ payload }) => decodeDhcp6(payload).client as string,
	);
	t.equal(distinct(duids), 4000);
	const kinds = { "0001": 0, "0003": 0, "0004": 0 };
	for (const duid of duids) {
		const kind = duid.slice(0, 4) as keyof typeof kinds;
		kinds[kind]++;
		const isRight = {
			"0001": /^00010001[\da-f]{9}[26ae][\da-f]{10}$/,
			"0003": /^00030001[\da-f][26ae][\da-f]{10}$/,
			"0004": /^0004[\da-f]{12}4[\da-f]{3}[89ab][\da-f]{15}$/,
		}[kind];
		if (!isRight?.test(duid)) t.fail(duid);
		const installed = Number.parseInt(duid.slice(8, 16), 16) + 946_684_800;
		const last = START / 1000 + 400_000 * 1000;
		if (
			kind === "0001" &&
			(installed > last || installed < START / 1000 - 5.1 * 365 * 86_400)
		)
			t.fail(`installed at ${installed}`);
	}
	for (const count of Object.values(kinds)) t.ok(count > 1200 && count < 1470);
});

t.test("no constant but what the protocol demands", async (t) => {
	for (const [list, always] of [
		[solicits, [0, 4, 6]],
		[requests, [0, 4, 6, 8]], // none of its options begins with a byte that varies
	] as const) {
		t.same(
			constants(list.map(({ payload }) => payload)),
			always,
			"the message's type; codes and lengths are below 256",
		);
		const all = list.map(({ payload }) => optionsOf(payload));
		const ways = (of: (options: Map<number, Buffer>, i: number) => string) =>
			distinct(all.map(of));
		t.equal(
			distinct(list.map(({ payload }) => payload.readUInt32BE(0))),
			2000,
			"ids",
		);
		t.ok(ways((o) => [...o.keys()].join()) >= 24, "orders");
		t.ok(ways((o) => o.get(6)?.toString("hex") ?? "") > 1900, "requests");
		t.ok(distinct(list.map(({ frame }) => frame.length)) > 8, "lengths");
		t.ok(
			distinct(list.map(({ frame }) => frame.readUInt16BE(60))) > 1900,
			"checksums",
		);
		t.ok(
			distinct(list.map(({ frame }) => frame.readUInt32BE(14))) > 1900,
			"flow labels",
		);
		t.ok(distinct(list.map(({ ms }) => ms % 1000)) > 580, "times"); // of 1,000 draws 632 differ
	}
	const solicited = solicits.map(({ payload }) => optionsOf(payload));
	t.ok(
		distinct(solicited.map((o) => o.get(3)?.toString("hex") ?? "")) === 2000,
		"IAIDs",
	);
	const names = solicited.map((o) => o.get(39)?.toString("latin1") ?? "");
	t.ok(distinct(names) > 1990, "names");
	t.same(
		constants(solicited.map((o) => o.get(39) as Buffer)),
		[],
		"flags, lengths and letters",
	);
	t.same(
		constants(solicited.map((o) => o.get(3) as Buffer)),
		[4, 5, 6, 7, 8, 9, 10, 11],
		"T1 and T2",
	);
});

t.test("once", async (t) => {
	const { world, sent, until } = createLan();
	createDhcp6Lure({ every: 0 }, world).once(START);
	until(10_000);
	t.equal(sent.length, 4);
	t.equal(world.agenda.next(), undefined, "and no more");
});
