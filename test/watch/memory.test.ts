import { mkdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import t from "tap";
import type { KnownServer } from "../../src/detect/known.ts";
import { createMemory } from "../../src/watch/memory.ts";
import { loadLearned, saveLearned } from "../../src/watch/state.ts";

const server = (n: number): KnownServer => ({
	kind: "dhcp",
	interface: "eth0",
	vlan: -1,
	ip: `192.0.2.${n}`,
	facts: {},
	first: n,
});

/** A memory and what it complains of. */
function remember(state: string | undefined) {
	const complaints: string[] = [];
	const memory = createMemory(state, (sentence) => complaints.push(sentence));
	return { ...memory, complaints };
}

/** Another's change, at a time of its own, however coarse the file system's clock. */
function change(state: string, servers: KnownServer[], at: number): void {
	saveLearned(state, servers);
	utimesSync(`${state}/learned.json`, at, at);
}

t.test("without a place nothing outlives the process", async (t) => {
	const { known, refresh, complaints } = remember(undefined);
	t.strictSame(known.all(), []);
	known.learn(server(1));
	refresh();
	t.strictSame(known.all(), [server(1)]);
	t.strictSame(complaints, []);
});

t.test(
	"what is learned is kept at once, and known at the next start",
	async (t) => {
		const state = t.testdir();
		const first = remember(state);
		first.known.learn(server(1));
		t.strictSame(loadLearned(state), [server(1)]);
		first.known.learn(server(2));
		const [one] = first.known.all();
		if (!one) throw new Error("nothing is known");
		first.known.update(one, { dns: "192.0.2.53" });
		const all = [{ ...server(1), facts: { dns: "192.0.2.53" } }, server(2)];
		t.strictSame(loadLearned(state), all);
		t.strictSame(remember(state).known.all(), all);
		t.strictSame(first.complaints, []);
	},
);

t.test("what another has changed is read, our own is not", async (t) => {
	const state = t.testdir();
	const { known, refresh, complaints } = remember(state);
	known.learn(server(1));
	const before = known.all();
	refresh();
	t.equal(known.all(), before, "the same list: nothing was read");
	change(state, [server(2)], 1000);
	t.strictSame(known.all(), [server(1)]);
	refresh();
	t.strictSame(known.all(), [server(2)]);
	known.learn(server(3));
	t.strictSame(loadLearned(state), [server(2), server(3)]);
	rmSync(`${state}/learned.json`);
	refresh();
	t.strictSame(known.all(), [], "removed: all is forgotten");
	t.strictSame(complaints, []);
});

t.test("each trouble is told once, until it is over", async (t) => {
	const state = `${t.testdir()}/later`;
	const { known, complaints } = remember(state);
	const trouble = `can't keep what was learned: ENOENT: no such file or directory, open '${state}/learned.json.new'`;
	known.learn(server(1));
	known.learn(server(2));
	t.strictSame(complaints, [trouble]);
	mkdirSync(state);
	known.learn(server(3));
	t.strictSame(loadLearned(state), [server(1), server(2), server(3)]);
	rmSync(state, { recursive: true });
	known.learn(server(4));
	t.strictSame(complaints, [trouble, trouble]);
});

t.test(
	"a damaged file is said; what is learned then takes its place",
	async (t) => {
		const state = t.testdir({ "learned.json": "{" });
		const { known, refresh, complaints } = remember(state);
		const damaged = `${state}/learned.json is cut off or damaged: remove it, and tocsin will learn anew`;
		t.strictSame(complaints, [damaged]);
		t.strictSame(known.all(), []);
		refresh();
		t.strictSame(complaints, [damaged]);
		known.learn(server(1));
		t.strictSame(loadLearned(state), [server(1)]);
		writeFileSync(`${state}/learned.json`, "[");
		utimesSync(`${state}/learned.json`, 1000, 1000);
		refresh();
		t.strictSame(complaints, [damaged, damaged]);
		t.strictSame(known.all(), []);
	},
);
