/** What is asked, in simulated time. */
import t from "tap";
import type { PoisonConfig } from "../../src/config/lures.ts";
import { createAgenda } from "../../src/detect/agenda.ts";
import type { LureInterface } from "../../src/lure/lure.ts";
import {
	createPoisonLure,
	type PoisonLureWorld,
} from "../../src/lure/poison.ts";
import type { Question } from "../../src/lure/question.ts";
import { decoded } from "../wire/frames.ts";
import { createDice } from "./dice.ts";

const ETH0: LureInterface = {
	name: "eth0",
	mac: "02:00:00:00:00:01",
	ipv4: [{ address: "192.0.2.1", broadcast: "192.0.2.255" }],
	ipv6: ["fe80::1"],
};
const CONFIG: PoisonConfig = {
	every: 60_000,
	protocols: ["llmnr", "nbns", "mdns"],
	names: [],
	prefixes: [],
	wpad: true,
};

/** A lure whose questions and frames are kept. */
function bench(
	config: Partial<PoisonConfig> = {},
	faces: LureInterface[] = [ETH0],
	more: Partial<PoisonLureWorld> = {},
	seed = 1,
) {
	const agenda = createAgenda();
	const questions: Question[] = [];
	const frames: [name: string, frame: Uint8Array][] = [];
	const lure = createPoisonLure(
		{ ...CONFIG, ...config },
		{
			agenda,
			random: createDice(seed),
			interfaces: () => faces,
			send: (name, frame) => frames.push([name, frame.slice()]),
			asked: (question) => questions.push(question),
			hasWpad: async () => false,
			hostname: "helios07",
			...more,
		},
	);
	/** All that is due until then; DNS answers at once. */
	async function until(time: number): Promise<void> {
		for (;;) {
			await Promise.resolve();
			const next = agenda.next();
			if (next === undefined || next > time) return;
			agenda.advance(next);
		}
	}
	return { agenda, lure, questions, frames, until };
}

const kinds = (questions: readonly Question[]) =>
	[
		...new Set(
			questions.map(
				({ protocol, version, suffix }) =>
					`${protocol} ${version}${suffix === undefined ? "" : ` ${suffix}`}`,
			),
		),
	].sort();
const names = (questions: readonly Question[]) => [
	...new Set(questions.map(({ name }) => name)),
];

t.test("one cycle", async (t) => {
	const { lure, questions, frames, until, agenda } = bench();
	lure.once(1000);
	await until(60_000);
	t.equal(agenda.next(), undefined, "and no other");
	t.same(kinds(questions), [
		"llmnr 4",
		"llmnr 6",
		"mdns 4",
		"mdns 6",
		"nbns 4 0",
		"nbns 4 32",
	]);
	t.equal(names(questions).length, 3);
	t.ok(names(questions).includes("wpad"));
	t.equal(questions.length, 54, "each of three names three times in six ways");
	t.equal(frames.length, 54);
	frames.forEach(([name, frame], i) => {
		const { sport, from, to } = questions[i] as Question;
		const packet = decoded(Buffer.from(frame));
		t.match([name, packet], ["eth0", { sport, source: from, destination: to }]);
	});
	const last = Math.max(...questions.map(({ time }) => time));
	t.ok(last - 1000 <= 5300, `all within ${last - 1000} ms`);
});

t.test("what an interface can't is not asked there", async (t) => {
	const asked = async (face: Partial<LureInterface>, config = {}) => {
		const { lure, questions, until } = bench(config, [{ ...ETH0, ...face }]);
		lure.once(0);
		await until(60_000);
		return kinds(questions);
	};
	t.same(await asked({ ipv4: [] }), ["llmnr 6", "mdns 6"]);
	t.same(await asked({ ipv6: [] }), [
		"llmnr 4",
		"mdns 4",
		"nbns 4 0",
		"nbns 4 32",
	]);
	t.same(await asked({ mac: undefined }), []);
	t.same(await asked({}, { protocols: ["nbns"] }), ["nbns 4 0", "nbns 4 32"]);
});

t.test("questions through sockets need no MAC address", async (t) => {
	const sent: Question[] = [];
	const ask = (question: Question) => sent.push(question);
	const { lure, frames, until } = bench({}, [{ ...ETH0, mac: undefined }], {
		ask,
	});
	lure.once(0);
	await until(60_000);
	t.same([sent.length, frames.length], [54, 0]);
});

t.test("wpad: only where DNS has none, and that is known", async (t) => {
	const cycles = async (config: object, hasWpad: () => Promise<boolean>) => {
		const { lure, questions, until } = bench(config, [ETH0], { hasWpad });
		lure.start(0);
		await until(200_000);
		return names(questions).includes("wpad");
	};
	t.equal(await cycles({}, async () => false), true);
	t.equal(await cycles({}, async () => true), false);
	t.equal(await cycles({ wpad: false }, async () => false), false);
	t.equal(await cycles({}, () => Promise.reject(new Error("no DNS"))), false);
	t.equal(await cycles({}, () => new Promise(() => {})), false);
});

t.test("names that exist are left out", async (t) => {
	const { lure, questions, until } = bench();
	lure.exclude("wpad");
	lure.once(0);
	await until(60_000);
	t.equal(names(questions).length, 3);
	t.notOk(names(questions).includes("wpad"));
});

t.test(
	"a confirmation: one more name, in the same way, within 10 s",
	async (t) => {
		const { lure, questions, until } = bench();
		for (let i = 0; i < 5; i++) lure.confirm("eth0", "nbns", 4, 1000 + i);
		lure.confirm("eth0", "llmnr", 6, 1000);
		lure.confirm("eth9", "llmnr", 4, 1000);
		await until(60_000);
		t.same(kinds(questions), ["llmnr 6", "nbns 4 0", "nbns 4 32"]);
		t.equal(
			questions.length,
			12,
			"both suffixes, both types, three times each",
		);
		t.equal(names(questions).length, 2);
		for (const { time } of questions)
			t.ok(time >= 2000 && time <= 13_000, `at ${time}`);
		lure.confirm("eth0", "nbns", 4, 60_000);
		await until(90_000);
		t.equal(names(questions).length, 3, "once more when that is done");
	},
);

t.test("start and stop", async (t) => {
	const { lure, questions, until } = bench();
	lure.start(0);
	await until(1_000_000);
	const count = questions.length;
	t.ok(count >= 54 * 11, `${count} questions in a thousand seconds`);
	lure.stop();
	await until(2_000_000);
	t.equal(questions.length, count);
	lure.start(2_000_000);
	await until(2_010_000);
	t.ok(questions.length > count);
	const never = bench({ every: 0 });
	never.lure.start(0);
	await never.until(1_000_000);
	t.same(never.questions, []);
});

/** How often the commonest value comes, as a part of all. */
function commonest<T>(values: readonly T[]): number {
	const counts = new Map<T, number>();
	for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
	return Math.max(...counts.values()) / values.length;
}

t.test("a thousand cycles: nothing is constant but what must be", async (t) => {
	const { lure, questions, frames, until } = bench({}, [ETH0], {}, 20_261_123);
	lure.start(0);
	await until(60_500_000);
	const cycles: Question[][] = [];
	for (const [i, question] of questions.entries()) {
		// a cycle ends 6 s after it began, the next begins 30 s after that
		const pause = question.time - (questions[i - 1]?.time ?? -Infinity);
		if (pause > 12_000) cycles.push([]);
		cycles.at(-1)?.push(question);
	}
	t.ok(cycles.length >= 980, `${cycles.length} cycles`);
	const starts = cycles.map(([first]) => first?.time ?? 0);

	const invented = questions.filter(({ name }) => name !== "wpad");
	const by = (protocol: string) =>
		invented.filter((question) => question.protocol === protocol);
	const all = names(invented);
	// each name is asked in six ways, three times each
	t.ok(all.length > (invented.length / 18) * 0.999, `${all.length} names`);
	t.ok(commonest(all.map(({ length }) => length)) < 0.25, "lengths");
	for (const at of [0, 1, 2, 3, 4, 5, 6])
		t.ok(commonest(all.map((name) => name[at])) < 0.25, `letter ${at}`);
	t.ok(commonest(all.map((name) => name.at(-1))) < 0.1, "last letter");
	const digits = all.filter((name) => /\d$/.test(name)).length / all.length;
	t.ok(digits > 0.1 && digits < 0.5, `${digits} end in a digit`);

	const ids = invented.filter(({ protocol }) => protocol !== "mdns");
	t.ok(commonest(ids.map(({ id }) => id)) < 0.001, "ids");
	const steps = ids.map(({ id }, i) => (id - (ids[i - 1]?.id ?? 0)) & 0xffff);
	t.ok(commonest(steps) < 0.001, "ids in no order");
	t.same(new Set(by("mdns").map(({ id }) => id)), new Set([0]));

	t.ok(commonest(by("llmnr").map(({ sport }) => sport)) < 0.002, "ports");
	t.same(new Set(by("nbns").map(({ sport }) => sport)), new Set([137]));
	const five = by("mdns").filter(({ sport }) => sport === 5353).length;
	const part = five / by("mdns").length;
	t.ok(part > 0.45 && part < 0.55, `${part} of mDNS from 5353`);

	const identification = frames.flatMap(([, f]) =>
		f[12] === 8 ? [((f[18] ?? 0) << 8) | (f[19] ?? 0)] : [],
	);
	t.ok(commonest(identification) < 0.001, "IP identifications");

	const gaps = starts.slice(1).map((start, i) => start - (starts[i] as number));
	t.ok(Math.min(...gaps) < 36_000 && Math.max(...gaps) > 84_000, "intervals");
	t.ok(commonest(gaps) < 0.01, "no interval is common");
	const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
	t.ok(Math.abs(mean - 60_000) < 2000, `60 s on average: ${mean}`);

	const series = new Map<string, number[]>();
	for (const { protocol, version, suffix, name, time } of invented) {
		const key = `${protocol} ${version} ${suffix} ${name}`;
		const times = series.get(key) ?? [];
		if (times.push(time) === 1) series.set(key, times);
	}
	const repeats = [...series.values()].flatMap((times) =>
		times.slice(1).map((time, i) => time - (times[i] as number)),
	);
	t.same(
		repeats.filter((gap) => gap < 500 || gap > 1000),
		[],
	);
	t.ok(commonest(repeats) < 0.01, "gaps between repeats");

	const orders = cycles.map((cycle) =>
		cycle
			.slice(0, 6)
			.map(({ protocol, version, suffix }) => `${protocol}${version}${suffix}`)
			.join(),
	);
	t.ok(commonest(orders) < 0.05, "order of the protocols");
	const places = cycles.map((cycle) => names(cycle).indexOf("wpad"));
	for (const place of [0, 1, 2]) {
		const part = places.filter((one) => one === place).length / places.length;
		t.ok(part > 0.25 && part < 0.42, `wpad is number ${place + 1}: ${part}`);
	}
});
