/** Alerts a second through rules, folding and outbox, and what a running tocsin's memory is with many sources. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { setImmediate as turn } from "node:timers/promises";
import type { ProbeAlert } from "../../src/alert/alert.ts";
import { parseConfig } from "../../src/config/config.ts";
import { isOutboxed } from "../../src/config/sinktypes.ts";
import { createCourier } from "../../src/delivery/courier.ts";
import { eventId } from "../../src/delivery/eventid.ts";
import { outboxed } from "../../src/delivery/outboxed.ts";
import { openStore } from "../../src/delivery/store.ts";
import { createDesk } from "../../src/watch/desk.ts";
import { createHistory } from "../../src/watch/history.ts";
import {
	configure,
	handOver,
	numbers,
	startDaemon,
} from "../../test/system/delivery.ts";
import { memoryOf } from "./burst.ts";
import { count, median, type Row, ratio } from "./table.ts";

const FOLDED = 200_000;
const DISTINCT = 50_000;
/** Alerts between two looks at what else there is to do, as many as packets are read at once. */
const READ = 500;
const ROUNDS = 3;
/** Issue 5. */
const LEAST_FOLDED = 50_000;
const LEAST_DISTINCT = 5000;
const SOURCES = 100_000;
const MOST_MB = 120;
/** Alerts handed over at once, and how many there may be at once. */
const REQUEST = 200;

/** What many administrators may have: five rules that ignore, three that limit, two routes; none of the first fit. */
const RULES = `
[[ignore]]
source = ["198.51.100.0/24", "203.0.113.0/24", "2001:db8:1::/48"]
[[ignore]]
source = "192.0.2.200"
port = [80, 443]
[[ignore]]
kind = "ping"
destination = "192.0.2.0/24"
[[ignore]]
interface = "wlan*"
protocol = "udp"
[[ignore]]
source = "172.16.0.0/12"
technique = ["ack", "fin"]
[[limit]]
source = "192.168.0.0/16"
window = "1h"
[[limit]]
port = "6000-6063"
window = "1min"
[[limit]]
kind = "probe"
window = "10min"
[[route]]
severity = "warning"
to = "mail"
[[route]]
source = "10.0.0.0/8"
to = "mail"
[[sink]]
type = "mail"
name = "mail"
to = "ops@example.net"
from = "tocsin@example.net"
server = "smtp+plain://127.0.0.1:9"
batch = { gather = "1h" }
`;

/** A probe of the `n`th source. */
function probe(n: number, time: number): ProbeAlert {
	return {
		kind: "probe",
		time,
		interface: "eth0",
		carrier: "tcp",
		technique: "syn",
		source: {
			ip: `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`,
			port: 40312,
			mac: "02:00:00:00:00:02",
		},
		destination: { ip: "192.0.2.1", port: 23 },
		service: "telnet",
	};
}

/** Everything between a detector and the sinks, with a database at `path`, and a sink that takes all. */
async function openDesk(path: string) {
	const config = parseConfig("bench", RULES);
	if (Array.isArray(config)) throw new Error(config.join("\n"));
	const fail = (sentence: string) => {
		throw new Error(sentence);
	};
	const store = await openStore(path, { tell: fail });
	if (typeof store === "string") throw new Error(store);
	const sink = { deliver: async () => undefined, close: async () => undefined };
	const ways = config.sinks.map((config) => ({
		...{ config, sink, isOutboxed: isOutboxed(config) },
	}));
	const courier = createCourier(
		ways.map(({ config, sink }) => outboxed(config, sink)),
		{ store, owner: "bench", tell: fail },
	);
	const history = createHistory({
		write: (items) => store.add(items, Date.now()),
		written: courier.poke,
		complain: fail,
	});
	const outlet = { send() {}, full: () => false, finish: async () => 0 };
	const desk = createDesk(
		{ ways, outlet, health: [], rules: config },
		{ now: Date.now, newId: () => eventId(Date.now()), history, courier },
	);
	return { desk, history, store };
}

/** Alerts a second through a desk and onto disk; of so many sources each. */
async function through(
	path: string,
	alerts: number,
	sources: number,
): Promise<number> {
	const { desk, history, store } = await openDesk(path);
	const time = Date.now();
	const all = Array.from({ length: alerts }, (_, n) =>
		probe(n % sources, time),
	);
	const start = performance.now();
	for (let from = 0; from < alerts; from += READ) {
		for (const alert of all.slice(from, from + READ)) desk.take(alert);
		await turn();
	}
	history.flush();
	const ms = performance.now() - start;
	const kept = store.last();
	if (kept !== sources) throw new Error(`${kept} of ${sources} are kept`);
	desk.settle();
	await desk.finish();
	store.close();
	return (alerts / ms) * 1000;
}

/** The same alerts a second as JSON. */
function written(alerts: number): number {
	const time = Date.now();
	const all = Array.from({ length: alerts }, (_, n) => probe(n, time));
	let length = 0;
	const start = performance.now();
	for (const alert of all) length += JSON.stringify(alert).length;
	const ms = performance.now() - start;
	if (length < alerts) throw new Error("nothing was written");
	return (alerts / ms) * 1000;
}

async function rates(): Promise<Row[]> {
	const dir = mkdtempSync(`${tmpdir()}/klaxon-bench-`);
	const [folded, distinct, json]: number[][] = [[], [], []];
	try {
		for (let i = 0; i < ROUNDS; i++) {
			folded?.push(await through(`${dir}/folded-${i}.db`, FOLDED, 100));
			distinct?.push(
				await through(`${dir}/distinct-${i}.db`, DISTINCT, DISTINCT),
			);
			json?.push(written(FOLDED));
		}
	} finally {
		rmSync(dir, { recursive: true });
	}
	const row = (what: string, rates: number[] | undefined, least: number) => {
		const rate = median(rates ?? []);
		const cost = ratio(median(json ?? []) / rate);
		return {
			what: `${what}: through 5 + 3 + 2 rules, folding, history and outbox`,
			measured: `${count(Math.round(rate))}/s; ${cost} the time of JSON.stringify on each`,
			target: `>= ${count(least)}/s`,
			met: rate >= least,
		};
	};
	return [
		row("alerts of 100 sources, folded", folded, LEAST_FOLDED),
		row("distinct alerts, into SQLite", distinct, LEAST_DISTINCT),
	];
}

/** A real daemon that many sources' alerts are handed over to. */
async function memory(): Promise<Row[]> {
	const config = configure(
		"/tmp/tocsin.toml",
		'[[sink]]\ntype = "file"\nname = "log"\npath = "/tmp/out/alerts.json"\n',
	);
	const daemon = await startDaemon(config);
	const start = performance.now();
	for (let n = 0; n < SOURCES; n += REQUEST) {
		const why = await handOver(numbers(n, REQUEST));
		if (why !== undefined) throw new Error(why);
	}
	const seconds = (performance.now() - start) / 1000;
	const rss = (memoryOf(daemon.pid, "VmRSS") ?? Number.NaN) / 1024;
	const anonymous = /RssAnon:\s+(\d+)/.exec(
		readFileSync(`/proc/${daemon.pid}/status`, "latin1"),
	)?.[1];
	await daemon.stop();
	return [
		{
			what: `a running tocsin with ${count(SOURCES)} distinct sources, RSS`,
			measured: `${rss.toFixed(0)} MB (${(Number(anonymous) / 1024).toFixed(0)} MB of it its own, not its program's files)`,
			target: `<= ${MOST_MB} MB`,
			met: rss <= MOST_MB,
		},
		{
			what: "the same, handed over through its socket, into history and a file",
			measured: `${count(Math.round(SOURCES / seconds))}/s`,
		},
	];
}

export const delivery = async (): Promise<Row[]> => [
	...(await rates()),
	...(await memory()),
];
