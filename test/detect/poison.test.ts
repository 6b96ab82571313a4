/** The judge of answers for names that nobody has, by literal alerts. */
import { existsSync } from "node:fs";
import { join as path } from "node:path";
import fc from "fast-check";
import t from "tap";
import type { PoisonAlert } from "../../src/alert/alert.ts";
import { alertLine } from "../../src/alert/render.ts";
import { readCapture } from "../../src/capture/file.ts";
import { createAgenda } from "../../src/detect/agenda.ts";
import type { Question } from "../../src/detect/asked.ts";
import { type Answer, createPoison } from "../../src/detect/poison.ts";
import { createRepeats } from "../../src/detect/repeats.ts";
import { PORT } from "../../src/lure/question.ts";
import { formatAddress } from "../../src/wire/address.ts";
import { decodeDns } from "../../src/wire/dns.ts";
import { decode } from "../../src/wire/link.ts";
import { decodeNbns } from "../../src/wire/nbns.ts";
import { createPacket, Kind } from "../../src/wire/packet.ts";
import {
	decoded,
	ethernet,
	hex,
	IP4,
	ip,
	join,
	UDP,
	udp,
} from "../wire/frames.ts";
import { answerTo } from "./poisoner.ts";

const US = "192.0.2.1";
const [EVIL, EVIL6] = ["192.0.2.7", "fe80::7"];
const MAC = "02:00:00:00:00:07";

interface Setting {
	canaries?: string[];
	/** Without: nobody asks, as in a replay. */
	lure?: boolean;
}

/** A judge, and what it tells. */
function bench({ canaries = [], lure = true }: Setting = {}) {
	const agenda = createAgenda();
	const alerts: PoisonAlert[] = [];
	const repeats = createRepeats(agenda, (alert) => {
		if (alert.kind === "poison") alerts.push(alert);
	});
	const confirmed: unknown[][] = [];
	const existing: string[] = [];
	const poison = createPoison({
		agenda,
		ring: repeats.ring,
		names: { interface: () => "eth0", service: () => undefined },
		canaries,
		isOwn: (ip) => ip === "192.0.2.99",
		...(lure
			? {
					confirm: (...about: unknown[]) => confirmed.push(about),
					exists: (name: string) => existing.push(name),
				}
			: {}),
	});
	const at = (time: number) => agenda.advance(time);
	/** Asks and is answered 1 ms later. */
	function answered(
		question: Question,
		payload: Uint8Array = answerTo(question),
		who: Partial<Answer> = {},
	): void {
		at(question.time);
		poison.asked(question);
		poison.answer(answerOf(question, payload, who));
	}
	return { agenda, alerts, confirmed, existing, poison, repeats, at, answered };
}

function answerOf(
	{ protocol, version, from, time }: Question,
	payload: Uint8Array,
	who: Partial<Answer> = {},
): Answer {
	return {
		protocol,
		version,
		interface: "eth0",
		ip: version === 6 ? EVIL6 : EVIL,
		mac: MAC,
		port: PORT[protocol],
		to: from,
		payload,
		time: time + 1,
		...who,
	};
}

function ask(
	protocol: Question["protocol"],
	name: string,
	time: number,
	more: Partial<Question> = {},
): Question {
	return {
		protocol,
		version: 4,
		interface: "eth0",
		name,
		type: protocol === "nbns" ? "NB" : "A",
		...(protocol === "nbns" ? { suffix: 0x20 } : {}),
		id: protocol === "mdns" ? 0 : 0x1234,
		from: US,
		sport: 50_000,
		to: "224.0.0.252",
		time,
		...more,
	};
}

t.test("one name, once: low, and asked once more", async (t) => {
	const { alerts, confirmed, existing, at, answered } = bench();
	answered(ask("llmnr", "qxjvkwpz", 1000));
	at(1400);
	t.same(alerts, [], "it waits for more");
	at(1401);
	const low = {
		kind: "poison",
		time: 1401,
		interface: "eth0",
		carrier: "udp",
		technique: "llmnr",
		confidence: "low",
		source: { ip: EVIL, port: 5355, mac: MAC },
		destination: { ip: US },
		names: ["qxjvkwpz"],
		nameCount: 1,
		protocols: ["llmnr"],
		answer: "192.0.2.66",
		ttl: 30,
		tool: "responder",
	};
	t.same(alerts, [low]);
	t.same(confirmed, [["eth0", "llmnr", 4, 1401]]);

	answered(ask("llmnr", "srv-k4t9", 6000, { id: 7 }));
	t.same(alerts.slice(1), [
		{
			...low,
			time: 6001,
			confidence: "high",
			names: ["qxjvkwpz", "srv-k4t9"],
			nameCount: 2,
		},
	]);
	at(60_000);
	t.same([alerts.length, existing], [2, []]);
});

t.test("another name draws no answer: it may exist", async (t) => {
	const { alerts, existing, poison, at, answered } = bench();
	answered(ask("nbns", "fileserver", 1000));
	at(1401);
	poison.asked(ask("nbns", "qxjvkwpz", 5000));
	at(15_400);
	t.equal(alerts.length, 1);
	at(15_401);
	t.match(alerts.slice(1), [
		{ time: 15_401, confidence: "low", exists: true, names: ["fileserver"] },
	]);
	t.same(existing, ["fileserver"]);
	answered(ask("nbns", "qxjvkwpz", 70_000));
	t.match(
		alerts.slice(2),
		[{ time: 70_001, confidence: "high", nameCount: 2 }],
		"a second name much later is told at once",
	);
});

t.test("no second question, no second thoughts", async (t) => {
	const { alerts, existing, poison, at, answered } = bench();
	answered(ask("nbns", "fileserver", 1000));
	poison.asked(ask("nbns", "fileserver", 1800, { id: 2 }));
	poison.asked(ask("llmnr", "qxjvkwpz", 3000));
	poison.asked(ask("nbns", "qxjvkwpz", 3000, { interface: "eth1" }));
	at(60_000);
	t.same([alerts.length, existing], [1, []]);
});

t.test("high at once: one name by two protocols, or two names", async (t) => {
	for (const second of [
		ask("nbns", "qxjvkwpz", 1100),
		ask("llmnr", "srv-k4t9", 1100),
	]) {
		const { alerts, confirmed, at, answered } = bench();
		answered(ask("llmnr", "qxjvkwpz", 1000));
		answered(second);
		at(1401);
		t.match(alerts, [{ time: 1401, confidence: "high" }]);
		t.same([alerts.length, confirmed], [1, []]);
	}
});

t.test("IPv4 and IPv6 of one MAC address are one poisoner", async (t) => {
	const { alerts, at, answered } = bench();
	answered(ask("llmnr", "qxjvkwpz", 1000));
	answered(ask("llmnr", "srv-k4t9", 1050, { version: 6, from: "fe80::1" }));
	at(1401);
	t.match(alerts, [{ confidence: "high", source: { ip: EVIL, mac: MAC } }]);
	const none = bench();
	for (const [name, time] of [
		["qxjvkwpz", 1000],
		["srv-k4t9", 1050],
	] as const) {
		const question = ask("llmnr", name, time);
		none.answered(question, answerTo(question), { mac: undefined });
	}
	none.at(1401);
	t.match(none.alerts, [{ confidence: "high", source: { ip: EVIL } }]);
});

t.test("a cycle is one high alert, what follows is folded", async (t) => {
	const { alerts, repeats, at, answered } = bench();
	let id = 0;
	for (const cycle of [0, 30_000])
		for (const time of [1000, 1750, 2500])
			for (const name of ["qxjvkwpz", "srv-k4t9", "wpad"])
				for (const protocol of ["llmnr", "nbns", "mdns"] as const)
					answered(ask(protocol, name + cycle, cycle + time, { id: ++id }));
	at(59_999);
	t.equal(alerts.length, 1);
	repeats.finish(60_000);
	t.match(alerts.slice(1), [{ confidence: "high", nameCount: 6 }]);
	// 54 answers, 9 of which came before the first alert
	t.equal(alerts[1]?.fold?.count, 45);
});

t.test(
	"what is accused is the sender, not the address handed out",
	async (t) => {
		const { alerts, at, answered } = bench();
		const question = ask("mdns", "qxjvkwpz", 1000, {
			type: "AAAA",
			version: 6,
		});
		answered(question, answerTo(question, { hands: "2001:db8::5", ttl: 77 }));
		at(2000);
		t.match(alerts, [
			{
				source: { ip: EVIL6 },
				answer: "2001:db8::5",
				ttl: 77,
				tool: undefined,
			},
		]);
	},
);

t.test("fingerprints", async (t) => {
	const told = (question: Question, habit = {}) => {
		const { alerts, at, answered } = bench();
		answered(question, answerTo(question, habit));
		at(2000);
		return alerts[0]?.tool;
	};
	t.equal(told(ask("llmnr", "a", 0)), "responder");
	t.equal(told(ask("llmnr", "a", 0), { compressed: true }), "inveigh");
	t.equal(told(ask("nbns", "a", 0)), "responder");
	t.equal(told(ask("nbns", "a", 0), { ttl: 165 }), "inveigh");
	t.equal(told(ask("mdns", "a", 0)), "responder");
	t.equal(told(ask("mdns", "a", 0), { ttl: 60 }), "pretender");
	t.equal(told(ask("llmnr", "a", 0), { ttl: 4711 }), undefined);
});

t.test("no hits", async (t) => {
	const question = ask("llmnr", "qxjvkwpz", 1000);
	const other = (more: Partial<Question>) => answerTo({ ...question, ...more });
	const netbios = ask("nbns", "qxjvkwpz", 1000);
	const negative = join(
		[0x1234, 2],
		[0x8583, 2],
		[0, 2],
		[1, 2],
		[0, 4],
		answerTo(netbios).subarray(12),
	);
	const late = { time: 4001 };
	for (const [what, asked, payload, who] of [
		["another id", question, other({ id: 0x1235 })],
		["another name", question, other({ name: "qxjvkwpy" })],
		["too late", question, answerTo(question), late],
		["from ourselves", question, answerTo(question), { ip: US }],
		[
			"from another address of ours",
			question,
			answerTo(question),
			{ ip: "192.0.2.99" },
		],
		["a question", question, answerTo(question, { flags: 0 })],
		["name error", question, answerTo(question, { flags: 0x8003 })],
		[
			"no answer",
			question,
			join(
				[0x1234, 2],
				[0x8000, 2],
				[1, 2],
				[0, 6],
				answerTo(question).subarray(12, 26),
			),
		],
		["by another protocol", question, answerTo(question), { protocol: "nbns" }],
		["another suffix", netbios, answerTo({ ...netbios, suffix: 0 })],
		["rcode 3", netbios, negative],
		["a registration's answer", netbios, answerTo(netbios, { flags: 0xad80 })],
		[
			"mDNS, another name",
			ask("mdns", "qxjvkwpz", 1000),
			answerTo(ask("mdns", "printer", 1000)),
		],
		[
			"malformed, to another address",
			question,
			hex("1234 8000 0001"),
			{ to: "192.0.2.3" },
		],
		["malformed, another id", question, hex("1235 8000 0001")],
		["malformed, name error", question, hex("1234 8003 0001")],
		["malformed mDNS", ask("mdns", "qxjvkwpz", 1000), hex("0000 8400 0001")],
	] as [string, Question, Buffer, Partial<Answer>?][]) {
		const { alerts, at, answered } = bench();
		answered(asked, payload, who);
		at(30_000);
		t.same(alerts, [], what);
	}
});

t.test("malformed, but an answer to our id", async (t) => {
	for (const payload of [
		hex("1234"),
		hex("1234 8000 0001 0001 0000 0000"),
		hex("1234 8000 0001 0001 0000 0000 c00c 0001 0001"),
		hex("1234 8000 0000 ffff 0000 0000 04"),
	]) {
		const { alerts, at, answered } = bench();
		answered(ask("llmnr", "qxjvkwpz", 1000), payload);
		at(1401);
		t.match(alerts, [
			{ confidence: "low", names: ["qxjvkwpz"], note: "malformed" },
		]);
	}
});

t.test("names nobody has, whoever asks", async (t) => {
	const canaries = ["vault-old", "hr-archive"];
	const { alerts, existing, confirmed, poison, at } = bench({ canaries });
	const theirs = (name: string, time: number) =>
		answerOf(
			ask("nbns", name, time, { from: "192.0.2.50" }),
			answerTo(ask("nbns", name, time)),
		);
	poison.answer(theirs("printer", 500));
	poison.answer(theirs("vault-old", 1000));
	at(1401);
	t.match(alerts, [
		{
			confidence: "low",
			names: ["vault-old"],
			destination: { ip: "192.0.2.50" },
		},
	]);
	poison.answer(theirs("vault-old", 5000));
	at(40_000);
	t.same([alerts.length, existing, confirmed], [1, [], []], "nobody doubts it");
	poison.answer(theirs("hr-archive", 41_000));
	t.match(alerts.slice(1), [{ confidence: "high", nameCount: 2 }]);
});

t.test("many forged senders: bounded, and all counted", async (t) => {
	const { agenda, alerts, at, poison, repeats } = bench();
	const question = ask("llmnr", "qxjvkwpz", 1000);
	poison.asked(question);
	const payload = answerTo(question);
	for (let i = 0; i < 20_000; i++) {
		const mac = `02:00:00:00:${(i >> 8).toString(16).padStart(2, "0")}:${(i & 255).toString(16).padStart(2, "0")}`;
		poison.answer(answerOf(question, payload, { mac, time: 1001 }));
	}
	let due = 0;
	for (
		let next = agenda.next();
		next !== undefined;
		next = agenda.next(), due++
	)
		at(next);
	repeats.finish(90_000);
	t.ok(due < 2000, `${due} times on the agenda`);
	t.ok(alerts.length < 40, `${alerts.length} lines`);
	const sum = alerts.reduce((n, { fold }) => n + (fold?.count ?? 1), 0);
	t.equal(sum, 20_000);
});

t.test("random datagrams", async (t) => {
	const { at, poison } = bench({ canaries: ["vault"] });
	const question = ask("llmnr", "qxjvkwpz", 1000);
	poison.asked(question);
	const protocol = fc.constantFrom(
		"llmnr" as const,
		"nbns" as const,
		"mdns" as const,
	);
	fc.assert(
		fc.property(
			protocol,
			fc.uint8Array({ maxLength: 300 }),
			(protocol, bytes) => {
				bytes.set([0x12, 0x34, 0x80].slice(0, bytes.length));
				poison.answer({ ...answerOf(question, bytes), protocol });
			},
		),
		{ numRuns: 5000 },
	);
	at(60_000);
	t.pass();
});

t.test("captured packets", async (t) => {
	const { alerts, at, poison } = bench();
	const question = ask("llmnr", "qxjvkwpz", 1000);
	const packet = (sport: number, payload: Buffer, from = EVIL) => {
		const frame = ethernet(
			IP4,
			ip({ from, to: US }, UDP, udp(sport, 50_000, payload)),
			{ from: MAC },
		);
		poison.packet(decoded(frame), frame, 1001);
	};
	packet(5355, answerTo(question));
	t.equal(poison.known(), 0);
	poison.asked(question);
	t.equal(poison.known(), 1);
	packet(5356, answerTo(question));
	packet(5355, answerTo(question), US);
	packet(5355, answerTo(question, { flags: 0 }));
	packet(5355, Buffer.alloc(1));
	at(30_000);
	t.same(alerts, []);
	packet(5355, answerTo(question));
	at(31_000);
	t.match(alerts, [
		{
			interface: "eth0",
			source: { ip: EVIL, port: 5355, mac: MAC },
			destination: { ip: US },
		},
	]);
});

const TRACE = path(
	import.meta.dirname,
	"../../../shared/traces/attacks/responder_names.pcap",
);

/** The question that a captured packet asks, or undefined. */
function questionIn(
	p: ReturnType<typeof createPacket>,
	bytes: Uint8Array,
): Question | undefined {
	const protocol = (["llmnr", "nbns", "mdns"] as const).find(
		(one) => PORT[one] === p.dport,
	);
	const payload = bytes.subarray(p.payload, p.end);
	if (p.kind !== Kind.Udp || !protocol) return undefined;
	const { id, flags, names } = (protocol === "nbns" ? decodeNbns : decodeDns)(
		payload,
	);
	const [name = ""] = names;
	if (flags & 0x8000) return undefined;
	return {
		protocol,
		version: p.version === 6 ? 6 : 4,
		interface: "eth0",
		name: name.replace(/\.local$|<..>$/, ""),
		type: "A",
		suffix: Number.parseInt(name.slice(-3, -1), 16),
		id,
		from: formatAddress(p.s0, p.s1, p.s2, p.s3),
		sport: p.sport,
		to: formatAddress(p.d0, p.d1, p.d2, p.d3),
		time: p.time,
	};
}

t.test("Responder, as captured", async (t) => {
	if (!existsSync(TRACE)) return t.comment(`no ${TRACE} here`);
	const { alerts, at, poison, repeats } = bench({ lure: false });
	const packet = createPacket();
	let end = 0;
	await readCapture(
		TRACE,
		(bytes, offset, captured, length, time, linktype) => {
			decode(bytes, offset, captured, length, linktype, packet);
			packet.time = time;
			end = time;
			at(time);
			const question = questionIn(packet, bytes);
			if (question) poison.asked(question);
			poison.packet(packet, bytes, time);
		},
	);
	at(end + 400);
	repeats.finish(end + 400);
	for (const alert of alerts) t.comment(alertLine(alert));
	t.match(alerts, [
		{
			confidence: "low",
			technique: "llmnr",
			source: { ip: "10.99.0.2", port: 5355, mac: "06:d3:3a:52:92:53" },
			answer: "10.99.0.2",
			ttl: 30,
			tool: "responder",
		},
		{ confidence: "high", source: { mac: "06:d3:3a:52:92:53" } },
	]);
});
