import { rmSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import t from "tap";
import { parseCidr } from "../../src/config/cidr.ts";
import { timestamp } from "../../src/delivery/time.ts";
import { type AlertsOptions, runAlerts } from "../../src/watch/alerts.ts";
import { DROPS, POISON, SCAN } from "../alert/samples.ts";
import { entryOf, folder, good, opened, probe } from "../delivery/stores.ts";
import { waitFor } from "../system/wait.ts";

const NOW = 1_000_000;

/** Runs it to its end, or until `stop`. */
function run(state: string, more: Partial<AlertsOptions> = {}, colour = false) {
	const [lines, complaints]: string[][] = [[], []];
	let stop = () => {};
	const stopped = new Promise<void>((resolve) => {
		stop = resolve;
	});
	const code = runAlerts(
		{ state, json: false, follow: false, ...more },
		(text) => lines?.push(...text.split("\n").slice(0, -1)),
		(sentence) => complaints?.push(sentence),
		{ version: "2.0", colour, stopped, now: () => NOW },
	);
	return { code, lines: lines ?? [], complaints: complaints ?? [], stop };
}

const connection = {
	kind: "connection",
	time: 900_000,
	transport: "tcp",
	service: "rexec",
	source: { ip: "10.0.0.9", port: 4000 },
	destination: { ip: "10.0.0.1", port: 512 },
} as const;

async function filled(t: Parameters<typeof folder>[0]) {
	const state = folder(t);
	const store = await opened(`${state}/alerts.db`);
	const entries = [
		entryOf(connection, "c"),
		entryOf({ ...SCAN, time: 940_000 }, "s"),
		entryOf({ ...POISON, time: 960_000 }, "p"),
		entryOf({ ...DROPS, time: 990_000, state: "up" }, "d"),
		{ time: 995_000, level: "err", line: "tocsin: a word", id: "w" },
	];
	store.add(
		entries.map((entry) => ({ entry, sinks: [] })),
		NOW,
	);
	return { state, store, entries };
}

t.test("the history as lines, the newest last", async (t) => {
	const { state, store, entries } = await filled(t);
	const all = run(state);
	t.equal(await all.code, 0);
	t.same(
		all.lines,
		entries.map(({ time, line }) => `${timestamp(time)} ${line}`),
	);
	t.same(all.complaints, []);
	store.close();
	const closed = run(state);
	t.equal(await closed.code, 0, "also when no tocsin runs");
	t.equal(closed.lines.length, 5);
});

t.test("filters", async (t) => {
	const { state } = await filled(t);
	const ids = async (more: Partial<AlertsOptions>) => {
		const { code, lines } = run(state, { ...more, json: true });
		t.equal(await code, 0);
		return lines.map((line) => JSON.parse(line).event.id).join("");
	};
	t.equal(await ids({}), "cspd", "a word is no alert");
	t.equal(await ids({ since: 50_000 }), "pd");
	t.equal(await ids({ kinds: ["scan", "sensor"] }), "sd");
	t.equal(await ids({ network: good(parseCidr("10.0.0.0/8")) }), "c");
	const network = good(parseCidr("192.0.2.7"));
	t.equal(await ids({ network, since: 70_000 }), "s");
	t.equal(await ids({ network, since: 50_000 }), "");
});

t.test(
	"ECS with the id it was told by, and the product that told it",
	async (t) => {
		const { state } = await filled(t);
		const { code, lines } = run(state, { json: true });
		await code;
		t.match(JSON.parse(lines[0] ?? ""), {
			event: { id: "c", action: "connection" },
			observer: { product: "klaxon", version: "2.0" },
		});
		t.match(JSON.parse(lines[1] ?? ""), {
			event: { id: "s", action: "scan" },
			observer: { product: "tocsin" },
		});
	},
);

t.test(
	"colours by level, and no commands to a terminal but these",
	async (t) => {
		const { state, store } = await filled(t);
		const line = "\x1b]0;title\x07 bad";
		store.add([{ entry: { time: 0, level: "notice", line }, sinks: [] }], 1);
		const { code, lines } = run(state, {}, true);
		await code;
		const ends = lines.map((line) => [
			line.slice(0, 4),
			line.endsWith("\x1b[0m"),
		]);
		t.same(ends, [
			...[
				["1970", false],
				["1970", false],
			],
			...[
				["\x1b[33", true],
				["\x1b[2m", true],
				["\x1b[31", true],
			],
			["1970", false],
		]);
		t.match(lines.at(-1), / \?\]0;title\? bad$/);
	},
);

t.test("the last ten thousand are shown", async (t) => {
	const state = folder(t);
	const store = await opened(`${state}/alerts.db`);
	store.add(
		Array.from({ length: 10_003 }, (_, n) => ({ entry: probe(n), sinks: [] })),
		1,
	);
	const { code, lines, complaints } = run(state);
	t.equal(await code, 0);
	t.equal(lines.length, 10_000);
	t.match(lines[0], timestamp(3));
	t.same(complaints, [
		"only the last 10000 alerts are shown: ask for fewer with --since, --kind or --source",
	]);
});

t.test(
	"what comes is followed, from before the beginning to a new file",
	async (t) => {
		const state = folder(t);
		const path = `${state}/alerts.db`;
		const { code, lines, complaints, stop } = run(state, {
			follow: true,
			kinds: ["probe"],
		});
		await waitFor("the complaint", () => complaints.length > 0);
		t.same(complaints, [`no alerts yet: there is no history in ${path}`]);
		const add = async (...ns: number[]) => {
			const store = await opened(path);
			store.add(
				[entryOf(connection, `c${ns}`), ...ns.map((n) => probe(n))].map(
					(entry) => ({ entry, sinks: [] }),
				),
				1,
			);
			return store;
		};
		const first = await add(1, 2);
		await waitFor("two lines", () => lines.length === 2);
		(await add(3)).close();
		await waitFor("three lines", () => lines.length === 3);
		first.close();
		for (const suffix of ["", "-wal", "-shm"])
			rmSync(path + suffix, { force: true });
		const last = await add(4);
		await waitFor("four lines", () => lines.length === 4);
		last.close();
		stop();
		t.equal(await code, 0);
		t.same(
			lines.map((line) => line.slice(0, 29)),
			[1, 2, 3, 4].map(timestamp),
		);
		await sleep(1);
	},
);

t.test("what can't be read is told", async (t) => {
	const state = folder(t);
	writeFileSync(
		`${state}/alerts.db`,
		"no database at all, but longer than a header. ".repeat(50),
	);
	const { code, lines, complaints } = run(state);
	t.equal(await code, 69);
	t.same(lines, []);
	t.same(complaints, [
		`${state}/alerts.db is damaged (file is not a database): move it away, and a new one is begun`,
	]);
	const none = run(folder(t));
	t.equal(await none.code, 0);
	t.match(none.complaints, [/^no alerts yet: /]);
});
