import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import t from "tap";
import { folder, good, integrity, opened, probe } from "./stores.ts";

const ADDER = `${import.meta.dirname}/adder.ts`;

function start(path: string, first: number, count: number) {
	const args = [ADDER, path, `${first}`, `${count}`];
	const child = spawn(process.execPath, args, {
		stdio: ["ignore", "pipe", "pipe"],
	});
	let [output, errors] = ["", ""];
	child.stdout?.on("data", (text) => {
		output += text;
	});
	child.stderr?.on("data", (text) => {
		errors += text;
	});
	const ended = once(child as ChildProcess, "close");
	return { child, ended, output: () => output, errors: () => errors };
}

t.test(
	"several processes add at once to a database that none has made",
	async (t) => {
		const path = `${folder(t)}/alerts.db`;
		const adders = [0, 1, 2, 3].map((i) => start(path, i * 500, 500));
		await Promise.all(adders.map(({ ended }) => ended));
		for (const { output, errors } of adders) {
			t.equal(errors(), "", "no word of what is experimental");
			t.equal(output().match(/^\d+$/gm)?.length, 500);
		}
		const store = await opened(path);
		const kept = good(store.alerts({ limit: 9999 }));
		t.equal(new Set(kept.map(({ entry }) => entry.id)).size, 2000);
		t.equal(good(store.depth("mail")).count, 2000);
		store.close();
		t.equal(integrity(path), "ok");
	},
);

t.test("what add has returned for outlives SIGKILL", async (t) => {
	const path = `${folder(t)}/alerts.db`;
	let promised: string[] = [];
	for (let round = 0; round < 5; round++) {
		const { child, ended, output } = start(path, round * 1e6, 1e6);
		while (output().length < 2000 * (round + 1))
			await once(child.stdout as NodeJS.ReadableStream, "data");
		child.kill("SIGKILL");
		await ended;
		promised = promised.concat(output().match(/^\d+(?=\n)/gm) ?? []);
	}
	const store = await opened(path);
	const kept = new Set<string | undefined>();
	for (let after = 0; ; ) {
		const page = good(store.alerts({ after }));
		for (const { entry } of page) kept.add(entry.id);
		if (page.length === 0) break;
		after = page.at(-1)?.seq ?? 0;
	}
	t.ok(promised.length > 1000, `${promised.length} were promised`);
	t.same(
		promised.filter((n) => !kept.has(`id-${n}`)),
		[],
	);
	t.equal(good(store.depth("mail")).count, kept.size, "and all of it waits");
	store.close();
	t.equal(integrity(path), "ok");
});

t.test("a damaged file is set aside, and a new one begun", async (t) => {
	const dir = folder(t);
	const path = `${dir}/alerts.db`;
	writeFileSync(
		path,
		"no database, but some text that is longer than nothing".repeat(99),
	);
	const told: string[] = [];
	const store = await opened(path, (sentence) => told.push(sentence));
	t.equal(store.add([{ entry: probe(1), sinks: [] }], 1), undefined);
	t.equal(told.length, 1);
	t.match(
		told[0],
		/alerts\.db was damaged: it is kept as .*alerts\.db\.damaged-\d{8}T\d{6}, and a new one is begun$/,
	);
	store.close();
	t.same(
		readdirSync(dir).filter((name) => !name.includes("damaged")),
		["alerts.db"],
	);
});

t.test("a file damaged under our hands is set aside too", async (t) => {
	const dir = folder(t);
	const path = `${dir}/alerts.db`;
	const first = await opened(path);
	first.add(
		Array.from({ length: 2000 }, (_, n) => ({ entry: probe(n), sinks: [] })),
		1,
	);
	first.close();
	const told: string[] = [];
	const store = await opened(path, (sentence) => told.push(sentence));
	const another = await opened(path, (sentence) => told.push(sentence));
	writeFileSync(path, readFileSync(path).fill(0x5a, 8192), { flag: "r+" });
	const entry = probe(5000);
	t.equal(store.add([{ entry, sinks: ["mail"] }], 1), undefined);
	t.equal(another.add([{ entry: probe(5001), sinks: ["mail"] }], 1), undefined);
	t.equal(told.length, 1, "one of them did, the other follows");
	t.same(
		good(store.head("mail", 9)).map(({ entry }) => entry.id),
		["id-5000", "id-5001"],
	);
	t.equal(
		readdirSync(dir).filter((name) => /damaged-[^-]*$/.test(name)).length,
		1,
	);
	store.close();
	another.close();
});

t.test("a file that was moved away is made anew", async (t) => {
	const path = `${folder(t)}/alerts.db`;
	const store = await opened(path);
	store.add([{ entry: probe(1), sinks: [] }], 1);
	for (const suffix of ["", "-wal", "-shm"])
		renameSync(path + suffix, `${path}.old${suffix}`);
	t.equal(store.add([{ entry: probe(2), sinks: [] }], 1), undefined);
	t.same(
		good(store.alerts({})).map(({ entry }) => entry.id),
		["id-2"],
	);
	store.close();
	t.equal(integrity(path), "ok");
});
