import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import t from "tap";
import { openStore, type Store } from "../../src/delivery/store.ts";
import { enterSandbox, must } from "../system/harness.ts";
import { good, integrity, opened, probe } from "./stores.ts";

enterSandbox(import.meta.url);

async function small(name: string, size: string): Promise<string> {
	const dir = `/tmp/${name}`;
	mkdirSync(dir);
	await must("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", dir]);
	return dir;
}

/** Adds until it fails; the sentence, and how many were added. */
function fill(store: Store, from = 0): { why: string; added: number } {
	for (let n = from; n < 100_000; n += 10) {
		const items = Array.from({ length: 10 }, (_, i) => ({
			entry: probe(n + i),
			sinks: ["mail"],
		}));
		const why = store.add(items, n);
		if (why !== undefined) return { why, added: n };
	}
	throw new Error("it never fills");
}

t.test(
	"a full disk is told, and what comes when there is room is kept",
	async (t) => {
		const dir = await small("full", "4m");
		const path = `${dir}/alerts.db`;
		writeFileSync(`${dir}/ballast`, Buffer.alloc(2 << 20));
		const store = await opened(path);
		const { why, added } = fill(store);
		t.equal(
			why,
			`no room in ${path}: its disk is full, or it has grown to its limit: make room, or keep alerts for a shorter time`,
		);
		t.ok(added > 500, `${added} found room`);
		t.equal(good(store.depth("mail")).count, added, "all or none");
		t.equal(fill(store, added).why, why, "still");
		t.equal(
			good(store.head("mail", 5)).length,
			5,
			"what is there is delivered",
		);
		rmSync(`${dir}/ballast`);
		t.equal(store.add([{ entry: probe(1e6), sinks: [] }], 1), undefined);
		t.equal(good(store.alerts({ since: 1e6 })).length, 1);
		store.close();
		t.equal(integrity(path), "ok");
	},
);

t.test(
	"a file never exceeds its limit, and old alerts make room for new ones",
	async (t) => {
		const path = "/tmp/limited.db";
		const store = await opened(path, () => {}, { most: 1 << 20 });
		const { why, added } = fill(store);
		t.match(why, /^no room in \/tmp\/limited\.db: /);
		const seqs = good(store.head("mail", added)).map(({ seq }) => seq);
		t.equal(store.done("mail", seqs, 1), undefined);
		good(store.prune({ age: 1e9, size: 1 << 19 }, 1));
		t.equal(store.add([{ entry: probe(1e6), sinks: [] }], 1), undefined);
		store.close();
	},
);

t.test("a disk that becomes read-only, and back", async (t) => {
	const dir = await small("fixed", "4m");
	const path = `${dir}/alerts.db`;
	const store = await opened(path);
	store.add([{ entry: probe(1), sinks: [] }], 1);
	store.close();
	await must("mount", ["-o", "remount,ro", dir]);
	t.match(
		await openStore(path, { tell() {} }),
		/^can't use \/tmp\/fixed\/alerts\.db \(.*\): it and its directory must be writable, and belong to the user that tocsin runs as$/,
	);
	await must("mount", ["-o", "remount,rw", dir]);
	const again = await opened(path);
	t.equal(good(again.alerts({})).length, 1);
	again.close();
});
