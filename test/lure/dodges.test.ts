/** Lure and judge together against poisoners that dodge detectors (FACTS 2): one cycle names each of them. */
import t from "tap";
import type { PoisonAlert } from "../../src/alert/alert.ts";
import { createAgenda } from "../../src/detect/agenda.ts";
import { createPoison } from "../../src/detect/poison.ts";
import { createRepeats } from "../../src/detect/repeats.ts";
import { createPoisonLure } from "../../src/lure/poison.ts";
import { PORT, type Question } from "../../src/lure/question.ts";
import { only, onlyRepeat, type Temper } from "../detect/poisoner.ts";
import { createDice } from "./dice.ts";

const MAC = "02:00:00:00:00:07";
const EVERY = 60_000;
const ETH0 = {
	name: "eth0",
	mac: "02:00:00:00:00:01",
	ipv4: [{ address: "192.0.2.1", broadcast: "192.0.2.255" }],
	ipv6: ["fe80::1"],
};

/** A network with one poisoner on it, `ms` long; `once` is one cycle and what it leads to. */
async function told(
	temper: Temper,
	seed: number,
	ms: number,
	once = false,
): Promise<{ alerts: PoisonAlert[]; asked: Question[] }> {
	const agenda = createAgenda();
	const alerts: PoisonAlert[] = [];
	const asked: Question[] = [];
	const repeats = createRepeats(agenda, (alert) => {
		if (alert.kind === "poison") alerts.push(alert);
	});
	const poison = createPoison({
		agenda,
		ring: repeats.ring,
		names: { interface: () => "eth0", service: () => undefined },
		canaries: [],
		confirm: (...about) => lure.confirm(...about),
		exists: (name) => lure.exclude(name),
	});
	function ask(question: Question): void {
		asked.push(question);
		poison.asked(question);
		const payload = temper(question);
		if (!payload) return;
		const { protocol, version, from, time } = question;
		agenda.at(time + 1, (now) =>
			poison.answer({
				protocol,
				version,
				interface: "eth0",
				ip: version === 6 ? "fe80::7" : "192.0.2.7",
				mac: MAC,
				port: PORT[protocol],
				to: from,
				payload,
				time: now,
			}),
		);
	}
	const lure = createPoisonLure(
		{
			every: EVERY,
			protocols: ["llmnr", "nbns", "mdns"],
			names: [],
			prefixes: [],
			wpad: true,
		},
		{
			agenda,
			random: createDice(seed),
			interfaces: () => [ETH0],
			send: () => {},
			asked: ask,
			hasWpad: async () => false,
			hostname: "helios07",
		},
	);
	if (once) lure.once(0);
	else lure.start(0);
	for (;;) {
		await Promise.resolve();
		const next = agenda.next();
		if (next === undefined || next > ms) break;
		agenda.advance(next);
	}
	return { alerts, asked };
}

const SEEDS = Array.from({ length: 50 }, (_, i) => i + 1);
const ofSort = ({ confidence, exists }: PoisonAlert) =>
	exists ? "exists" : confidence;

/** Different ones, in the order they came. */
const distinct = <T>(all: readonly T[]): T[] => [...new Set(all)];

for (const [what, temper, last] of [
	["everything", () => only(() => true), "high"],
	["the third repeat", () => onlyRepeat(3), "high"],
	["random times to live", () => ofAnyAge(), "high"],
	[
		"another address handed out",
		() => only(() => true, { hands: "2001:db8::66" }),
		"high",
	],
	[
		"LLMNR over IPv4",
		() =>
			only(({ protocol, version }) => protocol === "llmnr" && version === 4),
		"high",
	],
	[
		"LLMNR over IPv6",
		() =>
			only(({ protocol, version }) => protocol === "llmnr" && version === 6),
		"high",
	],
	[
		"mDNS over IPv4",
		() => only(({ protocol, version }) => protocol === "mdns" && version === 4),
		"high",
	],
	[
		"mDNS over IPv6",
		() => only(({ protocol, version }) => protocol === "mdns" && version === 6),
		"high",
	],
	["NetBIOS, suffix 00", () => only(({ suffix }) => suffix === 0), "high"],
	["NetBIOS, suffix 20", () => only(({ suffix }) => suffix === 0x20), "high"],
	["wpad", () => only(({ name }) => name === "wpad"), "high"],
	[
		"wpad by LLMNR",
		() => only(({ name, protocol }) => name === "wpad" && protocol === "llmnr"),
		"exists",
	],
	["one name, by NetBIOS", () => oneName(), "exists"],
] as [string, () => Temper, string][])
	t.test(`answers only: ${what}`, async (t) => {
		for (const seed of SEEDS) {
			const { alerts } = await told(temper(), seed, 30_000, true);
			const others = alerts.filter(({ source }) => source.mac !== MAC);
			t.same(others, [], "nobody else");
			const sorts = distinct(alerts.filter(({ fold }) => !fold).map(ofSort));
			t.equal(sorts.at(-1), last, `seed ${seed}: ${sorts}`);
		}
	});

/** Responder's `-t random`. */
function ofAnyAge(): Temper {
	const random = createDice(7);
	return (question) => only(() => true, { ttl: random(86_400) })(question);
}

/** Answers for the first name it hears by NetBIOS, as its owner would. */
function oneName(): Temper {
	let mine: string | undefined;
	return (question) => {
		if (question.protocol !== "nbns") return undefined;
		mine ??= question.name;
		return only(({ name }) => name === mine)(question);
	};
}

t.test("an answer is told within a second", async (t) => {
	for (const seed of SEEDS) {
		let first = Number.POSITIVE_INFINITY;
		const temper = only(() => true);
		const { alerts } = await told(
			(question) => {
				first = Math.min(first, question.time);
				return temper(question);
			},
			seed,
			30_000,
			true,
		);
		const after = (alerts[0]?.time ?? Number.NaN) - first;
		t.ok(after <= 1000, `seed ${seed}: ${after} ms`);
	}
});

t.test("an hour beside a poisoner: one alert, then counts", async (t) => {
	const { alerts, asked } = await told(
		only(() => true),
		3,
		3_600_000,
	);
	const high = alerts.filter(
		({ confidence, fold }) => confidence === "high" && !fold,
	);
	const counted = alerts.filter(({ fold }) => fold);
	t.comment(
		`${asked.length} questions, ${alerts.length} alerts, ${high.length} high`,
	);
	t.ok(high.length >= 1 && high.length + counted.length < 130);
	const sum = counted.reduce((n, { fold }) => n + (fold?.count ?? 0), 0);
	// what the last five minutes brought is not told yet
	t.ok(sum > 0.88 * asked.length && sum < asked.length, `${sum} counted`);
});

t.test("an hour of real names: told once each, then left alone", async (t) => {
	const wpad = only(
		({ name, protocol }) => name === "wpad" && protocol === "nbns",
	);
	const { alerts, asked } = await told(wpad, 4, 3_600_000);
	t.same(alerts.map(ofSort), ["low", "exists"]);
	const late = asked.filter(
		({ name, time }) => name === "wpad" && time > 120_000,
	);
	t.same(late, []);
});

t.test("an hour of silence", async (t) => {
	const { alerts, asked } = await told(() => undefined, 5, 3_600_000);
	t.ok(asked.length > 50 * 54);
	t.same(alerts, []);
});
