import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import {
	setTimeout as sleep,
	setImmediate as turn,
} from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import t, { type Test } from "tap";
import type { ProbeAlert } from "../../src/alert/alert.ts";
import type { FileSink } from "../../src/config/sinktypes.ts";
import { createCourier } from "../../src/delivery/courier.ts";
import { fallbackFile } from "../../src/delivery/fallback.ts";
import { fileSink } from "../../src/delivery/file.ts";
import { createOutlet } from "../../src/delivery/outlet.ts";
import { openStore } from "../../src/delivery/store.ts";
import { createDesk } from "../../src/watch/desk.ts";
import { createHistory } from "../../src/watch/history.ts";
import { PROBE } from "../alert/samples.ts";

setFlagsFromString("--expose-gc");
const collect: () => void = runInNewContext("gc");

const SENDER = { facility: "auth", tag: "tocsin", pid: 1 };
const WINDOW = 300_000;
const MINUTE = 60_000;

/** As much of an event as is looked at. */
interface Told {
	source: { ip: string };
	klaxon: { count?: number };
}

/** A desk with a real database and a real file behind it, and a clock of its own. */
async function trial(t: Test) {
	const folder = mkdtempSync(`${tmpdir()}/klaxon-flood-`);
	const path = `${folder}/alerts.json`;
	const config: FileSink = {
		...{ type: "file", name: "log", path, format: "json", size: 0, keep: 0 },
		batch: { gather: 0, every: 0, max: 1 },
	};
	const sink = fileSink(config, { version: "2.0.0", hostname: "guard" });
	const store = await openStore(`${folder}/alerts.db`, { tell: t.fail });
	if (typeof store === "string") throw new Error(store);
	// far from its own time, so that no timer rings: what ends a window is the next alert, or the end
	const clock = { now: Date.now() };
	const courier = createCourier([], { store, owner: "flood", tell: t.fail });
	const history = createHistory({
		write: (items) => store.add(items, clock.now),
		written: courier.poke,
		complain: (sentence) => void t.fail(sentence),
	});
	const lines = async () => fallbackFile(`${folder}/fallback`, SENDER);
	const desk = createDesk(
		{
			ways: [{ config, sink, isOutboxed: false }],
			outlet: createOutlet([sink], lines, "tocsin"),
			health: [],
			rules: { ignore: [], limit: [], route: [] },
		},
		{
			now: () => clock.now,
			newId: () => crypto.randomUUID(),
			history,
			courier,
		},
	);
	t.teardown(() => {
		store.close();
		rmSync(folder, { recursive: true });
	});
	const told = (): Told[] =>
		readFileSync(path, "utf8")
			.split("\n")
			.slice(0, -1)
			.map((line) => JSON.parse(line));
	return { desk, clock, store, told, size: () => statSync(path).size };
}

const probe = (ip: string, time: number): ProbeAlert => ({
	...PROBE,
	time,
	source: { ip },
});

const NOISY = "198.51.100.66";
const countsOf = (told: Told[], ip: string) =>
	told
		.filter(({ source }) => source.ip === ip)
		.map(({ klaxon }) => klaxon.count);

t.test("a million alerts of one source in a minute", async (t) => {
	const { desk, clock, store, told, size } = await trial(t);
	const began = clock.now;
	const delays: number[] = [];

	/** Alerts of the noisy source within a minute, and of some others, whose way to the file is timed. */
	async function flood(count: number, others: number): Promise<void> {
		const from = clock.now;
		for (let i = 0; i < count; i++) {
			clock.now = from + Math.floor((i / count) * MINUTE);
			desk.take(probe(NOISY, clock.now));
			if (i % 1000 > 0) continue;
			await turn(); // between two reads of packets
			if ((i * others) % count > 0) continue;
			const before = size();
			const at = performance.now();
			desk.take(probe(`192.0.2.${delays.length}`, clock.now));
			while (size() === before) await sleep(1);
			delays.push(performance.now() - at);
		}
	}

	desk.take(probe(NOISY, clock.now));
	await sleep(100);
	t.equal(told().length, 1, "the first at once");
	await flood(10_000, 5); // the code is compiled
	collect();
	const before = process.memoryUsage();
	await flood(1_000_000, 20);
	collect();
	const after = process.memoryUsage();
	const grown = (after.heapUsed - before.heapUsed) / 1e6;
	t.comment(
		`heap ${grown.toFixed(1)} MB more, resident ${((after.rss - before.rss) / 1e6).toFixed(1)} MB; others' alerts after ${Math.max(...delays).toFixed(0)} ms at most`,
	);
	t.ok(grown < 5, `${grown} MB`);
	t.ok(Math.max(...delays) < 1000);
	t.same(countsOf(told(), NOISY), [undefined], "and no other yet");
	for (const n of [1, 2]) {
		clock.now = began + n * WINDOW;
		await flood(50_000, 1);
	}
	await desk.finish();
	t.same(
		countsOf(told(), NOISY),
		[undefined, 1_010_000, 50_000, 50_000],
		"one line a window, with the exact count",
	);
	t.equal(told().length, 4 + delays.length);
	const kept = store.alerts({});
	t.equal(typeof kept === "string" ? kept : kept.length, told().length);
	t.match(desk.tally(), { folded: 1_110_000, ignored: 0 });
});
