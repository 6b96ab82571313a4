import { setTimeout as sleep } from "node:timers/promises";
import t from "tap";
import type { Item } from "../../src/delivery/store.ts";
import { createHistory } from "../../src/watch/history.ts";

const item = (i: number): Item => ({
	entry: { time: i, level: "notice", line: `line ${i}` },
	sinks: [],
});

/** A history over a disk that a test fills. */
function trial() {
	const disk = { isFull: false };
	const batches: number[][] = [];
	const said: string[] = [];
	const count = { written: 0 };
	const history = createHistory({
		write(items) {
			if (disk.isFull) return "/x/alerts.db: the disk is full: make room";
			batches.push(items.map(({ entry }) => entry.time));
			return undefined;
		},
		written: () => {
			count.written++;
		},
		complain: (sentence) => said.push(sentence),
	});
	return { history, disk, batches, said, count };
}

t.test("what comes at once is one transaction", async (t) => {
	const { history, batches, count } = trial();
	for (let i = 0; i < 3; i++) history.add(item(i));
	t.same(batches, []);
	t.equal(history.waiting, 3);
	await sleep(50);
	t.same(batches, [[0, 1, 2]]);
	t.equal(count.written, 1);
	history.add(item(3));
	t.equal(history.flush(), undefined);
	t.same(batches, [[0, 1, 2], [3]]);
});

t.test("a thousand don't wait", async (t) => {
	const { history, batches } = trial();
	for (let i = 0; i < 2500; i++) history.add(item(i));
	t.same(
		batches.map(({ length }) => length),
		[1000, 1000],
	);
	history.flush();
	t.equal(batches.flat().length, 2500);
	t.equal(batches.flat()[2499], 2499);
});

t.test(
	"a full disk is told once, and what came meanwhile is kept",
	async (t) => {
		const { history, disk, batches, said } = trial();
		disk.isFull = true;
		for (let i = 0; i < 4000; i++) history.add(item(i));
		t.match(history.flush(), "the disk is full");
		t.same(said, [
			"alerts are told, but not kept: /x/alerts.db: the disk is full: make room",
		]);
		history.flush();
		t.equal(said.length, 1);
		disk.isFull = false;
		history.flush();
		t.same(batches.flat().length, 4000);
		t.equal(said[1], "alerts are kept again, none was lost");
		t.equal(history.waiting, 0);
	},
);

t.test("memory is bounded, and what is lost is told", async (t) => {
	const { history, disk, batches, said } = trial();
	disk.isFull = true;
	history.add(item(0));
	history.flush();
	for (let i = 1; i < 6000; i++) history.add(item(i));
	t.equal(history.waiting, 5000);
	disk.isFull = false;
	history.flush();
	t.equal(batches.flat()[0], 1000);
	t.equal(
		said[1],
		"alerts are kept again, 1000 are lost to the history and the outbox",
	);
});
