import t from "tap";
import type { Alert, WireAlert } from "../../src/alert/alert.ts";
import { parseConfig } from "../../src/config/config.ts";
import { createAgenda } from "../../src/detect/agenda.ts";
import { createAnswers, isAnswer } from "../../src/detect/answers.ts";
import { createKnown } from "../../src/detect/known.ts";
import type { Question } from "../../src/lure/question.ts";
import { decode } from "../../src/wire/link.ts";
import { createPacket } from "../../src/wire/packet.ts";
import { dhcp6, ra, serverId } from "../wire/answers6.ts";
import { ethernet, ICMP6, IP4, icmp, ipv4, UDP, udp } from "../wire/frames.ts";
import { frameOf, payloadOf } from "./dhcptrial.ts";
import {
	createWatcher,
	datagram,
	HOST,
	MAC,
	packet,
	ping,
	START,
	segment,
} from "./drive.ts";
import { answerTo } from "./poisoner.ts";
import { advertise, answer } from "./rogues6.ts";

/** Whether a frame is looked at. */
function isLookedAt(frame: Buffer): boolean {
	const p = createPacket();
	decode(frame, 0, frame.length, frame.length, 1, p);
	return isAnswer(p);
}

t.test("what may be an answer", async (t) => {
	for (const sport of [67, 137, 547, 5353, 5355])
		t.equal(isLookedAt(datagram(40_000, { sport })), true, `UDP from ${sport}`);
	t.equal(isLookedAt(datagram(546, { sport: 9 })), true, "to DHCPv6's clients");
	const six = { from: "fe80::2", to: "ff02::1" };
	t.equal(isLookedAt(datagram(546, six)), true);
	t.equal(isLookedAt(ping(six, 134)), true, "a router advertisement");
});

t.test("what is none", async (t) => {
	for (const port of [66, 68, 138, 546, 548, 5352, 5354, 5356])
		t.equal(isLookedAt(datagram(40_000, { sport: port })), false, `${port}`);
	for (const port of [67, 137, 547, 5353, 5355]) {
		t.equal(isLookedAt(datagram(port)), false, `UDP to ${port}`);
		t.equal(isLookedAt(segment({ sport: port })), false, `TCP from ${port}`);
	}
	const six = { from: "fe80::2", to: "ff02::1" };
	for (const type of [133, 135, 136, 137])
		t.equal(isLookedAt(ping(six, type)), false, `ICMPv6 of type ${type}`);
	t.equal(isLookedAt(ping({}, 134)), false, "ICMP of IPv4");
	t.equal(
		isLookedAt(packet({}, ICMP6, icmp(134, 0, Buffer.alloc(8)))),
		false,
		"ICMPv6 in IPv4",
	);
});

/** A question for the canary, as anybody may ask it. */
const QUESTION: Question = {
	protocol: "llmnr",
	version: 4,
	interface: "eth0",
	name: "filesrv",
	type: "A",
	id: 0x4711,
	from: "192.0.2.1",
	sport: 50_000,
	to: "224.0.0.252",
	time: START,
};

const EVIL = { mac: "02:00:00:00:00:66", from: "fe80::66" };
const poisoned = (sport = 5355, protocol: Question["protocol"] = "llmnr") =>
	ethernet(
		IP4,
		ipv4(
			{ from: "192.0.2.66", to: "192.0.2.1", protocol: UDP },
			udp(sport, 50_000, answerTo({ ...QUESTION, protocol })),
		),
		{ from: EVIL.mac },
	);
const offered = frameOf(
	{ from: "192.0.2.66", mac: EVIL.mac },
	payloadOf({ type: 2, from: "192.0.2.66" }),
);
const advertised = answer(EVIL, dhcp6(2, serverId("00030001020000000066")));
const routed = advertise(EVIL, ra({ lifetime: 1800 }));

interface Setting {
	toml?: string;
	isOurs?: boolean;
	asked?: Question[];
}

/** What is told of frames, in short, and which of them nobody else need look at. */
function hear(
	frames: readonly Buffer[],
	{ toml = "", isOurs = false, asked = [] }: Setting = {},
) {
	const config = parseConfig("tocsin.toml", toml);
	if (Array.isArray(config)) throw new Error(config.join());
	const agenda = createAgenda();
	const told: string[] = [];
	const known = createKnown([], () => {});
	const answers = createAnswers(
		{
			lures: config.lures,
			known,
			names: { interface: () => "eth0", service: () => undefined },
			emit(alert: Alert) {
				const { kind, technique, source } = alert as WireAlert;
				told.push(`${kind} ${technique} ${source.mac}`);
			},
		},
		agenda,
	);
	asked.forEach(answers.asked);
	const p = createPacket();
	const taken = frames.map((frame, i) => {
		decode(frame, 0, frame.length, frame.length, 1, p);
		agenda.advance(START + i);
		return answers.packet(p, frame, START + i, isOurs);
	});
	agenda.advance(START + 10_000);
	answers.finish(START + 10_000);
	return { told, taken, known: known.all().map(({ kind }) => kind) };
}

const NOBODY = "dhcp.servers = []\ndhcp6.servers = []\nra.routers = []\n";
const ALL = [offered, advertised, routed];

t.test("each to its judge", async (t) => {
	t.strictSame(hear([offered], { toml: NOBODY }), {
		told: ["rogue-dhcp dhcp 02:00:00:00:00:66"],
		taken: [true],
		known: [],
	});
	t.strictSame(hear([advertised], { toml: NOBODY }), {
		told: ["rogue-dhcp dhcp6 02:00:00:00:00:66"],
		taken: [true],
		known: [],
	});
	t.strictSame(hear([routed], { toml: NOBODY }), {
		told: ["rogue-ra ra 02:00:00:00:00:66"],
		taken: [true],
		known: [],
	});
	for (const [sport, protocol] of [
		[5355, "llmnr"],
		[137, "nbns"],
		[5353, "mdns"],
	] as const)
		t.strictSame(
			hear([poisoned(sport, protocol)], {
				asked: [
					{ ...QUESTION, protocol, type: protocol === "nbns" ? "NB" : "A" },
				],
			}),
			{
				told: [`poison ${protocol} 02:00:00:00:00:66`],
				taken: [false],
				known: [],
			},
			protocol,
		);
});

t.test(
	"names: nothing is asked, nothing is told; a canary is nobody's",
	async (t) => {
		t.strictSame(hear([poisoned()]).told, []);
		t.strictSame(
			hear([poisoned()], { toml: 'poison.names = ["FILESRV"]' }).told,
			["poison llmnr 02:00:00:00:00:66"],
		);
	},
);

t.test("without a list the first is learned", async (t) => {
	t.strictSame(hear(ALL), {
		told: [],
		taken: [true, true, true],
		known: ["dhcp", "dhcp6", "ra"],
	});
});

t.test("what this host serves itself needs no place in a list", async (t) => {
	t.strictSame(hear(ALL, { toml: NOBODY, isOurs: true }), {
		told: [],
		taken: [true, true, true],
		known: [],
	});
	t.strictSame(
		hear(ALL, { isOurs: true }).known,
		["dhcp", "dhcp6", "ra"],
		"without one it is learned as any other",
	);
	t.strictSame(
		hear([poisoned()], { asked: [QUESTION], isOurs: true }).told,
		[],
		"nor is an answer of ours poison",
	);
});

t.test("from any port to DHCPv6's clients", async (t) => {
	const odd = answer(
		{ ...EVIL, sport: 9 },
		dhcp6(2, serverId("00030001020000000066")),
	);
	t.strictSame(hear([odd], { toml: NOBODY }), {
		told: ["rogue-dhcp dhcp6 02:00:00:00:00:66"],
		taken: [true],
		known: [],
	});
});

t.test("what is told already is counted, to the end", async (t) => {
	t.strictSame(hear([offered, offered, offered], { toml: NOBODY }).told, [
		"rogue-dhcp dhcp 02:00:00:00:00:66",
		"rogue-dhcp dhcp 02:00:00:00:00:66",
	]);
});

t.test("garbage of every kind is silent", async (t) => {
	const garbage = [67, 137, 547, 5353, 5355].flatMap((sport) =>
		[0, 1, 3, 40].map((data) => datagram(40_000, { sport, data, mac: MAC })),
	);
	t.strictSame(hear(garbage).told, []);
});

t.test(
	"who takes this host's address is another by its MAC address",
	async (t) => {
		const ours: boolean[] = [];
		const { detector, see } = createWatcher({
			answers: () => ({
				packet(_p, _bytes, _now, isSourceOurs) {
					ours.push(isSourceOurs);
					return true;
				},
				asked() {},
				finish() {},
			}),
		});
		const offer = (mac: string, from: string = HOST) =>
			datagram(68, { sport: 67, from, to: "255.255.255.255", mac });
		see(0, offer(MAC));
		detector.setOwn([[0, 0, 0xffff, 0xc0000201 | 0]], [MAC]);
		see(1, offer(MAC));
		see(2, offer("02:00:00:00:00:66"));
		see(3, offer(MAC, "192.0.2.9"));
		t.same(ours, [true, true, false, false]);
	},
);
