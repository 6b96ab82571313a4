import { setTimeout as sleep } from "node:timers/promises";
import t from "tap";
import type { Fallback } from "../../src/delivery/fallback.ts";
import { createOutlet } from "../../src/delivery/outlet.ts";
import type { Entry, Sink } from "../../src/delivery/sink.ts";

const entry = (line: string): Entry => ({ time: 0, level: "notice", line });

/** A sink that remembers its batches; `why` is its answer to each. */
function sinkOf(
	why?: string,
	farewell?: string,
): Sink & { batches: string[][] } {
	const batches: string[][] = [];
	return {
		batches,
		deliver: async (entries) => {
			await sleep(1);
			batches.push(entries.map(({ line }) => line));
			return why;
		},
		close: async () => farewell,
	};
}

function fallbackOf(works = true) {
	const lines: string[] = [];
	const file: Fallback = {
		open: () => undefined,
		write: (entries) => {
			if (works) lines.push(...entries.map(({ line }) => line));
			return works;
		},
	};
	return { lines, load: async () => file };
}

t.test(
	"entries leave in order, in batches, and all before the end",
	async (t) => {
		const sink = sinkOf();
		const fallback = fallbackOf();
		const outlet = createOutlet([sink], fallback.load);
		const lines = Array.from({ length: 2500 }, (_, i) => `line ${i}`);
		for (const line of lines) outlet.send(entry(line));
		t.equal(await outlet.finish(), 0);
		t.same(sink.batches.flat(), lines);
		t.ok(sink.batches.every((batch) => batch.length <= 1000));
		t.same(fallback.lines, []);
	},
);

t.test("the queue says when it is full", async (t) => {
	const outlet = createOutlet([sinkOf()], fallbackOf().load);
	for (let i = 0; i < 4999; i++) outlet.send(entry("x"));
	t.equal(outlet.full(), false);
	outlet.send(entry("x"));
	t.equal(outlet.full(), true);
	await outlet.finish();
	t.equal(outlet.full(), false);
});

t.test(
	"what syslog doesn't take goes to the fallback file with the reason: 69",
	async (t) => {
		const fallback = fallbackOf();
		const outlet = createOutlet([sinkOf("no /dev/log\n")], fallback.load);
		outlet.send(entry("ALERT: a"));
		t.equal(await outlet.finish(), 69);
		t.same(fallback.lines, [
			"ALERT: a",
			"klaxon: the lines above were not delivered: no /dev/log\\x0a",
		]);
	},
);

t.test("no fallback file either: 73", async (t) => {
	const outlet = createOutlet([sinkOf("gone")], fallbackOf(false).load);
	outlet.send(entry("ALERT: a"));
	t.equal(await outlet.finish(), 73);
});

t.test("a farewell that failed rescues the last batch", async (t) => {
	const fallback = fallbackOf();
	const outlet = createOutlet([sinkOf(undefined, "reset")], fallback.load);
	outlet.send(entry("ALERT: a"));
	t.equal(await outlet.finish(), 69);
	t.equal(fallback.lines[0], "ALERT: a");
});

t.test(
	"one sink's failure doesn't keep the others from the entries",
	async (t) => {
		const good = sinkOf();
		const outlet = createOutlet([sinkOf("gone"), good], fallbackOf().load);
		outlet.send(entry("ALERT: a"));
		t.equal(await outlet.finish(), 69);
		t.same(good.batches, [["ALERT: a"]]);
	},
);
