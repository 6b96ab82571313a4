/** Broken captures and broken frames: no exception, no hang, no growth. MUTATIONS=1000000 tries that many. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import t from "tap";
import { alertLine } from "../src/alert/render.ts";
import { readCapture } from "../src/capture/file.ts";
import type { Scope } from "../src/config/watch.ts";
import { createFeed } from "../src/watch/feed.ts";
import { cpuTime } from "./cputime.ts";
import { createWatcher } from "./detect/drive.ts";
import { SAMPLES } from "./wire/samples.ts";

const TRACES = join(import.meta.dirname, "../../shared/traces");
const MUTATIONS = Number(process.env.MUTATIONS ?? 100_000);
/** ms between two mutated frames: a million are a quarter of an hour. */
const STEP = 1;

interface Frame {
	bytes: Buffer;
	length: number;
	linktype: number;
}

/** mulberry32: 32 bits of state, the same frames each time. */
function createRandom(seed: number): (below: number) => number {
	let state = seed;
	return (below) => {
		state = (state + 0x6d2b79f5) | 0;
		let x = Math.imul(state ^ (state >>> 15), state | 1);
		x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
		return ((x ^ (x >>> 14)) >>> 0) % below;
	};
}

const filesIn = (folder: string): string[] =>
	existsSync(folder)
		? readdirSync(folder, { recursive: true, withFileTypes: true })
				.filter((entry) => entry.isFile())
				.map((entry) => join(entry.parentPath, entry.name))
		: [];

t.test("malformed captures, in both scopes", async (t) => {
	const files = filesIn(join(TRACES, "malformed"));
	if (files.length === 0) t.comment(`no ${TRACES}/malformed here`);
	let [slowest, records, alerts] = [0, 0, 0];
	for (const scope of ["host", "segment"] satisfies Scope[])
		for (const file of files) {
			const began = cpuTime();
			const watcher = createWatcher({ scope, own: ["192.0.2.1"] });
			const feed = createFeed(watcher.detector);
			let end = 0;
			const onRecord: typeof feed.record = (...record) => {
				end = Math.max(end, record[4]);
				feed.record(...record);
			};
			records += (await readCapture(file, onRecord)).records;
			feed.flush();
			watcher.detector.finish(end);
			alerts += watcher.alerts.map(alertLine).length;
			slowest = Math.max(slowest, cpuTime() - began);
		}
	t.comment(`${files.length} files, ${records} records, ${alerts} alerts`);
	t.ok(slowest < 1000, `the slowest in ${Math.ceil(slowest)} ms`);
});

/** Every frame of the public captures and of our own samples; large ones give nothing new. */
async function harvest(): Promise<Frame[]> {
	const frames = SAMPLES.map(([linktype, bytes]): Frame => {
		return { bytes, length: bytes.length, linktype };
	});
	for (const file of filesIn(TRACES))
		await readCapture(file, (bytes, offset, captured, length, _, linktype) => {
			if (captured > 600) return;
			const copy = Buffer.from(bytes.subarray(offset, offset + captured));
			frames.push({ bytes: copy, length, linktype });
		});
	return frames;
}

/** Writes a mutation of a frame into `room` and answers its captured length and length. */
function mutate(
	{ bytes, length }: Frame,
	room: Buffer,
	random: (below: number) => number,
): [captured: number, length: number] {
	bytes.copy(room);
	let captured = bytes.length;
	for (let flips = random(4); flips > 0 && captured > 0; flips--)
		room[random(captured)] = random(256);
	// the bytes where lengths, header sizes and fragment offsets of IP and TCP stand
	if (random(3) === 0 && captured > 60)
		for (const at of [14, 16, 17, 18, 20, 21, 46])
			if (random(4) === 0) room[at] = random(2) === 0 ? random(256) : 255;
	if (random(4) === 0) captured = random(captured + 1);
	const claimed = random(8) === 0 ? random(70_000) : length;
	return [captured, Math.max(captured, claimed)];
}

setFlagsFromString("--expose-gc");
const collect: () => void = runInNewContext("gc");

/** MB in use: of objects, and of the whole process. */
function memory(): { heap: number; rss: number } {
	collect();
	const { heapUsed, rss } = process.memoryUsage();
	return { heap: heapUsed / 2 ** 20, rss: rss / 2 ** 20 };
}

for (const scope of ["host", "segment"] satisfies Scope[])
	t.test(`${MUTATIONS} mutated frames, scope ${scope}`, async (t) => {
		const frames = await harvest();
		const random = createRandom(0x746f6373);
		const room = Buffer.alloc(1024);
		let alerts = 0;
		const { detector } = createWatcher({
			scope,
			own: ["192.0.2.1", "192.168.1.2", "10.0.0.1"],
			onAlert: (alert) => (alerts += alertLine(alert) === "" ? 0 : 1),
		});
		const feed = createFeed(detector);
		const began = cpuTime();
		let [slowest, half] = [0, memory()];
		for (let i = 0; i < MUTATIONS; i++) {
			const frame = frames[random(frames.length)] as Frame;
			const [captured, length] = mutate(frame, room, random);
			const before = cpuTime();
			feed.record(room, 0, captured, length, i * STEP, frame.linktype, 0);
			slowest = Math.max(slowest, cpuTime() - before);
			if (i === MUTATIONS >> 1) half = memory();
		}
		feed.flush();
		detector.finish(MUTATIONS * STEP);
		const seconds = (cpuTime() - began) / 1000;
		const after = memory();
		t.comment(
			`${frames.length} frames, ${alerts} alerts, ${seconds.toFixed(1)} s, ` +
				`heap ${half.heap.toFixed(1)} -> ${after.heap.toFixed(1)} MB, ` +
				`rss ${half.rss.toFixed(0)} -> ${after.rss.toFixed(0)} MB`,
		);
		t.ok(slowest < 500, `the slowest frame in ${Math.ceil(slowest)} ms`);
		t.ok(after.heap - half.heap < 4, "objects of the second half: under 4 MB");
		t.ok(after.rss - half.rss < 64, "the process grew by under 64 MB");
	});
