import { statSync, symlinkSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import t from "tap";
import { contains, parseAddress, parseCidr } from "../../src/config/cidr.ts";
import { openStore } from "../../src/delivery/store.ts";
import { anyAlert, DROPS, PROBE, SCAN } from "../alert/samples.ts";
import { entryOf, folder, good, opened, probe } from "./stores.ts";

const ids = (kept: { entry: { id?: string } }[]) =>
	kept.map(({ entry }) => entry.id);

t.test("what is added waits in order, and is history", async (t) => {
	const path = `${folder(t)}/alerts.db`;
	const store = await opened(path);
	const word = { time: 3.5, level: "err", line: "tocsin: a word", id: "w" };
	const items = [
		{ entry: probe(1), sinks: ["mail", "hook"] },
		{ entry: probe(2), sinks: ["hook"] },
		{ entry: word, sinks: ["mail"] },
	];
	t.equal(store.add(items, 1000), undefined);
	t.equal(store.add(items.slice(0, 1), 2000), undefined, "twice is once");
	t.equal(statSync(path).mode & 0o777, 0o640);
	t.same(store.head("mail", 10), [
		{ seq: 1, queued: 1000, entry: probe(1) },
		{ seq: 3, queued: 1000, entry: word },
	]);
	t.same(ids(good(store.head("hook", 1))), ["id-1"]);
	t.same(store.depth("hook"), { count: 2, oldest: 1000 });
	t.same(store.depth("hook", 1), { count: 1, oldest: 1000 });
	t.equal(store.sentAt("hook"), 0);
	t.equal(store.done("hook", [1], 5000), undefined);
	t.same(ids(good(store.head("hook", 10))), ["id-2"]);
	t.equal(store.sentAt("hook"), 5000);
	t.equal(store.bury("hook", [2], "refused", 6000), undefined);
	t.same(store.depth("hook"), { count: 0, oldest: undefined });
	t.same(ids(good(store.alerts({}))), ["id-1", "id-2", "w"]);
	t.equal(store.last(), 3);
	const own = { entry: probe(4), sinks: ["mail"], isNews: false };
	t.equal(store.add([own], 7000), undefined);
	t.same(ids(good(store.head("mail", 10))), ["id-1", "w", "id-4"]);
	t.same(ids(good(store.alerts({}))), ["id-1", "id-2", "w"], "no news");
	store.close();
	t.equal(store.last(), `${path} is closed`);
});

t.test("an entry comes back as it went, and has an id", async (t) => {
	const store = await opened(":memory:");
	let n = 0;
	fc.assert(
		fc.property(anyAlert, (alert) => {
			const entry = entryOf(alert, `any-${n++}`);
			store.add([{ entry, sinks: ["mail"] }], 1);
			const [{ seq, entry: back } = { seq: 0, entry: undefined }] = good(
				store.head("mail", 1),
			);
			t.same(JSON.stringify(back), JSON.stringify(entry));
			store.done("mail", [seq], 1);
		}),
		{ numRuns: 200 },
	);
	store.add([{ entry: { time: 0, level: "info", line: "x" }, sinks: [] }], 7);
	t.match(store.alerts({ after: n })?.at(0), {
		entry: { id: /^[\da-f-]{36}$/ },
	});
});

t.test("filters", async (t) => {
	const store = await opened(":memory:");
	const scan = entryOf({ ...SCAN, time: 30 }, "scan");
	const decoys = { ...SCAN, sources: { ips: ["10.0.0.1"], count: 6 } };
	const items = [
		...[probe(10, "10.0.0.7"), probe(20, "2001:db8::7"), scan],
		...[entryOf({ ...decoys, time: 40 }, "decoys")],
		...[entryOf({ ...DROPS, time: 50 }, "drops")],
	];
	store.add(
		items.map((entry) => ({ entry, sinks: [] })),
		1,
	);
	const of = (filter: Parameters<typeof store.alerts>[0]) =>
		ids(good(store.alerts(filter)));
	const network = (text: string) => good(parseCidr(text));
	t.same(of({ since: 20, until: 40 }), ["id-20", "scan", "decoys"]);
	t.same(of({ since: 60 }), []);
	t.same(of({ kinds: ["scan", "sensor"] }), ["scan", "decoys", "drops"]);
	t.same(of({ after: 1, limit: 2 }), ["id-20", "scan"]);
	t.same(of({ network: network("10.0.0.0/8") }), ["id-10"]);
	t.same(of({ network: network("0.0.0.0/0") }), ["id-10", "scan"]);
	t.same(of({ network: network("2001:db8::/32") }), ["id-20"]);
	t.same(of({ network: network("::/0"), kinds: ["probe"] }), ["id-20"]);
});

t.test("a network holds what config/cidr says it holds", async (t) => {
	const store = await opened(":memory:");
	const ip = fc.oneof(fc.ipV4(), fc.ipV6());
	const bits = fc.nat(128);
	let n = 0;
	fc.assert(
		fc.property(ip, ip, bits, fc.boolean(), (a, b, bits, near) => {
			const most = a.includes(":") ? 128 : 32;
			const text = `${a}/${Math.min(bits, most)}`;
			const fixed = parseCidr(text);
			const mended =
				typeof fixed === "string"
					? / network is (\S+),/.exec(fixed)?.[1]
					: text;
			const network = good(parseCidr(mended ?? text));
			const address = near ? a : b;
			n++;
			store.add([{ entry: probe(n, address), sinks: [] }], 1);
			const found = good(store.alerts({ after: n - 1, network }));
			const [w0 = 0, w1 = 0, w2 = 0, w3 = 0] = parseAddress(address) ?? [];
			t.equal(found.length === 1, contains(network, w0, w1, w2, w3));
		}),
		{ numRuns: 300 },
	);
});

t.test("a lease is one owner's at a time", async (t) => {
	const store = await opened(":memory:");
	t.equal(store.claim("mail", "a", 15_000, 0), true);
	t.equal(store.claim("mail", "b", 16_000, 1000), false);
	t.equal(store.claim("hook", "b", 16_000, 1000), true, "of one sink");
	t.equal(store.claim("mail", "a", 20_000, 5000), true, "renewed");
	t.equal(store.claim("mail", "b", 34_999, 19_999), false);
	t.equal(store.claim("mail", "b", 35_000, 20_000), true, "expired");
	store.release("mail", "a");
	t.equal(store.claim("mail", "a", 35_001, 20_001), false, "not a's");
	store.release("mail", "b");
	t.equal(store.claim("mail", "a", 35_001, 20_001), true);
	const back = -1e9;
	t.equal(
		store.claim("mail", "b", back + 15_000, back),
		true,
		"taken while the clock was ahead",
	);
});

t.test("what nobody is configured for is given up", async (t) => {
	const store = await opened(":memory:");
	const sinks = ["mail", "old", "held"];
	store.add(
		[1, 2, 3].map((n) => ({ entry: probe(n), sinks })),
		100,
	);
	store.claim("held", "another", 15_000, 100);
	t.same(store.buryOrphans(["mail"], 200), [{ sink: "old", count: 3 }]);
	t.same(store.buryOrphans(["mail"], 200), []);
	t.same(store.depth("mail"), { count: 3, oldest: 100 });
	t.same(store.depth("held"), { count: 3, oldest: 100 });
	t.equal(store.buryBefore("mail", 100, "late", 300), 0);
	t.equal(store.buryBefore("mail", 101, "late", 300), 3);
	t.same(store.depth("mail"), { count: 0, oldest: undefined });
});

t.test(
	"history is kept by age and size, and never less than what waits",
	async (t) => {
		const path = `${folder(t)}/alerts.db`;
		const store = await opened(path);
		for (let i = 0; i < 10; i++)
			store.add(
				Array.from({ length: 1000 }, (_, j) => ({
					entry: probe(i * 1000 + j),
					sinks: j === 500 ? ["mail"] : [],
				})),
				i,
			);
		const all = { age: 1e9, size: 1e9 };
		t.same(store.prune(all, 1e6), { removed: 0, more: false });
		const aged = { ...all, age: 4500 };
		t.same(store.prune(aged, 9000), { removed: 1998, more: true });
		t.same(store.prune(aged, 9000), { removed: 1998, more: true });
		t.same(store.prune(aged, 9000), { removed: 500, more: false });
		t.equal(good(store.alerts({ limit: 9999 })).length, 5504);
		const before = statSync(path).size;
		const sized = { ...all, size: 1_000_000 };
		for (let rounds = 0; rounds < 20; rounds++) {
			const { more } = good(store.prune(sized, 9000));
			if (!more) break;
		}
		const left = good(store.alerts({ limit: 9999 }));
		t.ok(left.length > 500 && left.length < 2600, `${left.length} are left`);
		t.equal(left.at(-1)?.entry.id, "id-9999", "the newest");
		t.same(ids(good(store.head("mail", 99))).length, 10);
		store.close();
		t.ok(statSync(path).size < before * 0.6, "the file shrank");
	},
);

t.test("folds: told once, counted, taken out once", async (t) => {
	const store = await opened(":memory:");
	const seen = (now: number, key = "a") =>
		store.count(key, { ...PROBE, time: now }, 1000, 2, now);
	t.same(
		[seen(0), seen(10), seen(20), seen(30), seen(999)],
		[true, true, false, false, false],
	);
	t.equal(seen(500, "b"), true);
	t.equal(store.nextExpiry(), 1000);
	const itemOf = ({
		key,
		count,
		first,
		last,
		alert,
	}: {
		key: string;
		count: number;
		first: number;
		last: number;
		alert: { time: number };
	}) => ({
		entry: {
			time: last,
			level: "notice",
			line: `${key} ${count} ${first}-${last} ${alert.time}`,
			id: `${key}${last}`,
		},
		sinks: ["mail"],
	});
	t.same(store.expired(999, itemOf), []);
	t.equal(seen(1000), true, "a new window, though the old one is not told yet");
	t.same(
		good(store.expired(1000, itemOf)).map(({ entry }) => entry.line),
		["a 3 20-999 0"],
	);
	t.same(store.expired(1000, itemOf), []);
	t.same(ids(good(store.head("mail", 9))), ["a999"], "in the outbox already");
	t.same([seen(1010), seen(1020)], [true, false]);
	t.same(good(store.expired(1020, itemOf, Number.POSITIVE_INFINITY)).length, 1);
	t.equal(store.nextExpiry(), undefined);
});

t.test("a full table folds newcomers together, and counts all", async (t) => {
	const store = await opened(":memory:");
	const FULL = 65_536;
	let told = 0;
	for (let i = 0; i < FULL + 5; i++)
		if (store.count(`k${i}`, PROBE, 1000, 1, 5)) told++;
	t.equal(told, FULL + 1, "the crowd's first one too");
	const itemOf = (folded: { key: string; count: number }) => ({
		entry: {
			time: 1,
			level: "notice",
			line: JSON.stringify([folded.key, folded.count]),
		},
		sinks: [],
	});
	const lines = good(store.expired(1005, itemOf)).map(
		({ entry }) => entry.line,
	);
	t.same(lines, ['["",4]']);
	t.equal(
		store.count("late", PROBE, 1000, 1, 1006),
		true,
		"there is room again",
	);
});

t.test("files that are not ours are refused with the remedy", async (t) => {
	const dir = folder(t);
	const refusal = async (path: string) => {
		const told: string[] = [];
		const store = await openStore(path, { tell: (s) => told.push(s) });
		t.same(told, []);
		return store;
	};
	const newer = `${dir}/newer.db`;
	(await opened(newer)).close();
	const db = new DatabaseSync(newer);
	db.exec("PRAGMA user_version = 99");
	db.close();
	t.equal(
		await refusal(newer),
		`${newer} was written by a newer tocsin (schema 99, this one knows 1): install that one again, or move the file away`,
	);
	const other = `${dir}/other.db`;
	const foreign = new DatabaseSync(other);
	foreign.exec("CREATE TABLE a (b)");
	foreign.close();
	t.match(await refusal(other), /other\.db is another program's database: /);
	symlinkSync(newer, `${dir}/link.db`);
	t.match(await refusal(`${dir}/link.db`), /link\.db: it is no regular file/);
	t.match(
		await refusal(`${dir}/none/a.db`),
		/^no directory for .*none\/a\.db: make it, /,
	);
});
