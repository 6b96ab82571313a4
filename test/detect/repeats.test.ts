import fc from "fast-check";
import t from "tap";
import type { PoisonAlert, RogueAlert } from "../../src/alert/alert.ts";
import { createAgenda } from "../../src/detect/agenda.ts";
import { createRepeats } from "../../src/detect/repeats.ts";
import { START } from "./drive.ts";

const MINUTE = 60_000;
const WINDOW = 5 * MINUTE;
const NOTE = "and others like it, too many to tell singly";

/** The MAC address that ends in a number. */
const macOf = (n: number) =>
	`02:00:00:00:00:${n.toString(16).padStart(2, "0")}`;

const rogue = (ms: number, mac = 1, dns = "192.0.2.53"): RogueAlert => ({
	kind: "rogue-dhcp",
	time: START + ms,
	carrier: "udp",
	technique: "dhcp",
	source: { ip: `192.0.2.${mac}`, mac: macOf(mac) },
	destination: { ip: "192.0.2.77" },
	message: "offer",
	details: { dns },
});

function createTrial() {
	const agenda = createAgenda();
	const told: (RogueAlert | PoisonAlert)[] = [];
	const repeats = createRepeats(agenda, (alert) => told.push(alert));
	const until = (ms: number) => agenda.advance(START + ms);
	return {
		told,
		agenda,
		until,
		ring(key: string, alert: RogueAlert | PoisonAlert): boolean {
			agenda.advance(alert.time);
			return repeats.ring(key, alert);
		},
		finish: (ms: number) => repeats.finish(START + ms),
		/** In short: when, who, how many. */
		lines: () =>
			told.map(
				({ time, source, fold, note }) =>
					`${time - START} ${source.ip} x${fold?.count ?? 1}${note ? " crowd" : ""}`,
			),
	};
}

t.test("the first at once, as it is", async (t) => {
	const { ring, told } = createTrial();
	t.equal(ring("a", rogue(0)), true);
	t.strictSame(told, [rogue(0)]);
	t.equal(ring("b", rogue(0, 2)), true, "another is another");
	t.strictSame(told[1], rogue(0, 2));
});

t.test("then a count per window, until one brings none", async (t) => {
	const { ring, told, until, lines } = createTrial();
	ring("a", rogue(0));
	t.equal(ring("a", rogue(1_000)), false);
	t.equal(ring("a", rogue(299_000, 1, "192.0.2.54")), false);
	until(WINDOW - 1);
	t.equal(told.length, 1);
	until(WINDOW);
	t.strictSame(told[1], {
		...rogue(WINDOW, 1, "192.0.2.54"),
		fold: { count: 2, first: START + 1_000, last: START + 299_000 },
	});
	ring("a", rogue(301_000));
	until(2 * WINDOW);
	t.strictSame(told[2], {
		...rogue(2 * WINDOW),
		fold: { count: 1, first: START + 301_000, last: START + 301_000 },
	});
	until(3 * WINDOW);
	t.equal(ring("a", rogue(3 * WINDOW + 1)), true, "forgotten: told at once");
	until(10 * WINDOW);
	t.strictSame(lines(), [
		"0 192.0.2.1 x1",
		"300000 192.0.2.1 x2",
		"600000 192.0.2.1 x1",
		"900001 192.0.2.1 x1",
	]);
});

t.test("what is not yet told is told at the end, once", async (t) => {
	const { ring, until, finish, lines } = createTrial();
	ring("a", rogue(0));
	ring("a", rogue(10));
	ring("b", rogue(20, 2));
	finish(30);
	finish(40);
	until(5 * WINDOW);
	t.strictSame(lines(), [
		"0 192.0.2.1 x1",
		"20 192.0.2.2 x1",
		"30 192.0.2.1 x1",
	]);
});

t.test(
	"one MAC address has six lines a minute, the rest is a crowd",
	async (t) => {
		const { ring, told, until, lines } = createTrial();
		const rung = Array.from({ length: 10 }, (_, i) =>
			ring(`server ${i}`, rogue(i)),
		);
		t.strictSame(rung, [...Array(6).fill(true), ...Array(4).fill(false)]);
		t.equal(
			ring("other", rogue(50, 2)),
			true,
			"another MAC address has its own",
		);
		until(WINDOW + 6);
		t.strictSame(told[7], {
			...rogue(WINDOW + 6),
			fold: { count: 4, first: START + 6, last: START + 9 },
			note: NOTE,
		});
		t.equal(lines().length, 8);
	},
);

t.test("a thousand forged servers: twenty lines and one", async (t) => {
	const { ring, until, lines } = createTrial();
	for (let i = 0; i < 1000; i++) ring(`server ${i}`, rogue(i, i % 256));
	until(WINDOW + 1000);
	t.strictSame(lines(), [
		...Array.from({ length: 12 }, (_, i) => `${i} 192.0.2.${i} x1`),
		...Array.from({ length: 8 }, (_, i) => `${i + 256} 192.0.2.${i} x1`),
		"300012 192.0.2.231 x980 crowd",
	]);
});

t.test("what goes on keeps nothing new from being told", async (t) => {
	const { ring, lines } = createTrial();
	for (let ms = 0; ms <= WINDOW; ms += 10_000)
		for (let mac = 1; mac <= 12; mac++)
			ring(`server ${mac}`, rogue(ms + mac, mac));
	t.equal(lines().length, 24, "twelve, and twelve counts");
	t.equal(ring("new", rogue(310_000, 200)), true);
});

t.test("a count that finds no line joins the crowd", async (t) => {
	const { ring, until, lines, told } = createTrial();
	const servers = (first: number, last: number, ms: number) => {
		for (let i = first; i <= last; i++) ring(`server ${i}`, rogue(ms + i));
	};
	servers(0, 5, 0);
	servers(0, 5, 30_000);
	servers(6, 11, 301_000);
	servers(0, 11, 400_000);
	servers(0, 11, 590_000);
	until(5 * WINDOW);
	t.strictSame(lines(), [
		...[0, 1, 2, 3, 4, 5].map((i) => `${i} 192.0.2.1 x1`),
		...[0, 1, 2, 3, 4, 5].map((i) => `${300_000 + i} 192.0.2.1 x1`),
		...[6, 7, 8, 9, 10, 11].map((i) => `${301_000 + i} 192.0.2.1 x1`),
		...[0, 1, 2, 3, 4, 5].map((i) => `${600_000 + i} 192.0.2.1 x2`),
		"890006 192.0.2.1 x12 crowd",
	]);
	t.match(told.at(-1), {
		fold: { first: START + 400_006, last: START + 590_011 },
		note: NOTE,
	});
});

t.test("alerts of a link without addresses", async (t) => {
	const { ring, lines } = createTrial();
	const { mac: _, ...source } = rogue(0).source;
	for (let i = 0; i < 8; i++) ring(`${i}`, { ...rogue(i), source });
	t.equal(lines().length, 6);
});

/** Pauses of seconds, a key of forty, a MAC address of fourteen. */
const step = fc.record({
	pause: fc.oneof(fc.constant(0), fc.nat(60_000)),
	key: fc.nat(40),
	mac: fc.nat(13),
});

t.test("told lines and their counts sum up to what rang", async () => {
	fc.assert(
		fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
			const { ring, told, finish } = createTrial();
			let ms = 0;
			for (const { pause, key, mac } of steps) {
				ms += pause;
				const before = told.length;
				const isTold = ring(`${key} ${mac}`, rogue(ms, mac));
				const latest = told.at(-1);
				const isAtOnce =
					told.length > before && !latest?.fold && latest?.time === START + ms;
				if (isTold !== isAtOnce) return false;
			}
			finish(ms);
			return (
				told.reduce((all, { fold }) => all + (fold?.count ?? 1), 0) ===
				steps.length
			);
		}),
		{ numRuns: 300 },
	);
});

t.test("counts say when: first, last and the line in order", async () => {
	fc.assert(
		fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
			const { ring, told, until } = createTrial();
			let ms = 0;
			for (const { pause, key, mac } of steps) {
				ms += pause;
				ring(`${key} ${mac}`, rogue(ms, mac));
			}
			until(ms + 2 * WINDOW);
			return told.every(
				({ time, fold }, i) =>
					time >= (told[i - 1]?.time ?? START) &&
					(!fold ||
						(fold.count > 0 &&
							fold.first <= fold.last &&
							fold.last <= time &&
							time - fold.first <= 2 * WINDOW)),
			);
		}),
		{ numRuns: 300 },
	);
});

t.test("bounded: lines a minute, and things to do later", async () => {
	fc.assert(
		fc.property(
			fc.array(fc.tuple(fc.nat(500), fc.nat(100_000), fc.nat(255)), {
				minLength: 300,
				maxLength: 1500,
			}),
			(steps) => {
				const { ring, told, agenda } = createTrial();
				let ms = 0;
				for (const [pause, key, mac] of steps) {
					ms += pause;
					ring(`${key}`, rogue(ms, mac));
				}
				let turns = 0;
				for (let at = agenda.next(); at !== undefined; at = agenda.next()) {
					agenda.advance(at);
					if (++turns > 1000) return false; // it never ends
				}
				return told.every(
					({ time }, i) => time - (told[i - 41]?.time ?? -Infinity) >= MINUTE,
				);
			},
		),
		{ numRuns: 30 },
	);
});
