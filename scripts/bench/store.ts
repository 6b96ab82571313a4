/** Alerts that go to disk: into the history and the outbox of a sink, in batches of what came within 20 ms. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { DatabaseSync } from "node:sqlite";
import { alertLine } from "../../src/alert/render.ts";
import { eventId } from "../../src/delivery/eventid.ts";
import { type Item, openStore } from "../../src/delivery/store.ts";
import { count, median, type Row, ratio } from "./table.ts";

const ALERTS = 50_000;
/** What comes within 20 ms at 25,000 alerts a second. */
const BATCH = 500;
const ROUNDS = 3;
/** Issue 5: at least 5,000 distinct alerts a second. */
const LEAST = 5000;

/** Probes from sources of their own. */
function items(): Item[] {
	return Array.from({ length: ALERTS }, (_, i) => {
		const ip = `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`;
		const time = Date.now();
		const alert = {
			kind: "probe",
			time,
			interface: "eth0",
			carrier: "tcp",
			technique: "syn",
			source: { ip, port: 40312, mac: "02:00:00:00:00:02" },
			destination: { ip: "192.0.2.1", port: 23 },
			service: "telnet",
		} as const;
		const line = alertLine(alert);
		const entry = { time, level: "notice", line, alert, id: eventId(time) };
		return { entry, sinks: ["mail"] };
	});
}

function* batches(all: readonly Item[]): Generator<Item[]> {
	for (let i = 0; i < all.length; i += BATCH) yield all.slice(i, i + BATCH);
}

/** Alerts a second through the store. */
async function throughStore(path: string): Promise<number> {
	const store = await openStore(path, { tell() {} });
	if (typeof store === "string") throw new Error(store);
	const all = items();
	const start = performance.now();
	for (const batch of batches(all)) {
		const why = store.add(batch, Date.now());
		if (why !== undefined) throw new Error(why);
	}
	const ms = performance.now() - start;
	store.close();
	return (ALERTS / ms) * 1000;
}

/** The same rows a second into a bare table without an index, a prepared statement in the same transactions. */
function bare(path: string): number {
	const db = new DatabaseSync(path);
	db.exec(
		"PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; CREATE TABLE alert (id TEXT, time REAL, line TEXT, alert TEXT)",
	);
	const insert = db.prepare("INSERT INTO alert VALUES (?, ?, ?, ?)");
	const all = items();
	const start = performance.now();
	for (const batch of batches(all)) {
		db.exec("BEGIN");
		for (const { entry } of batch)
			insert.run(
				entry.id ?? "",
				entry.time,
				entry.line,
				JSON.stringify(entry.alert),
			);
		db.exec("COMMIT");
	}
	const ms = performance.now() - start;
	db.close();
	return (ALERTS / ms) * 1000;
}

export async function store(): Promise<Row[]> {
	const dir = mkdtempSync(`${tmpdir()}/klaxon-bench-`);
	try {
		const [ours, theirs]: [number[], number[]] = [[], []];
		for (let i = 0; i < ROUNDS; i++) {
			ours.push(await throughStore(`${dir}/alerts-${i}.db`));
			theirs.push(bare(`${dir}/bare-${i}.db`));
		}
		const rate = median(ours);
		const cost = median(theirs) / rate;
		return [
			{
				what: `distinct alerts into history and outbox (SQLite), ${count(BATCH)} a transaction`,
				measured: `${count(Math.round(rate))}/s`,
				target: `>= ${count(LEAST)}/s`,
				met: rate >= LEAST,
			},
			{
				what: "time of it over that of bare rows, with no index and no outbox",
				measured: ratio(cost),
			},
		];
	} finally {
		rmSync(dir, { recursive: true });
	}
}
