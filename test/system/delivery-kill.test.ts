/**
 * 10,000 alerts while all servers refuse, hang, reset and answer errors, and the daemon is killed 20 times:
 * every sink gets every alert, and hardly one twice.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import t from "tap";
import {
	configure,
	handOver,
	historyOf,
	idOf,
	idsIn,
	integrity,
	numbers,
	OUT,
	STATE,
	script,
	sourceOf,
	startDaemon,
	statusOf,
} from "./delivery.ts";
import {
	MOODS,
	mailServer,
	type Server,
	syslogServer,
	webServer,
} from "./deliverychaos.ts";
import { enterSandbox, type Program, waitFor } from "./harness.ts";
import type { Told } from "./tocsin.ts";

enterSandbox(import.meta.url);

const ALERTS = 10_000;
const KILLS = 20;
/** Alerts in a request of a klaxon, and klaxons at once. */
const REQUEST = 50;
const KLAXONS = 3;
/** Of each sink; a batch that was delivered comes again when the daemon is killed before it takes that down. */
const MAX = { mail: 400, hook: 50, log: 200, exec: 400 };

/** mulberry32: the plan is the same each time, only the machine isn't. */
function seeded(seed: number): () => number {
	let a = seed;
	return () => {
		a = (a + 0x6d2b79f5) | 0;
		let x = Math.imul(a ^ (a >>> 15), 1 | a);
		x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
		return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
	};
}

const random = seeded(0x746f6373);
const between = (min: number, max: number) => min + random() * (max - min);

const servers = {
	mail: await mailServer(random),
	hook: await webServer(random),
	log: await syslogServer(random),
};

/** Each run of the program leaves a file. */
const RUNS = `${OUT}/run`;
const EXEC_MOOD = `${OUT}/mood`;
const FILE = `${OUT}/alerts.json`;

const config = configure(
	"/tmp/kill.toml",
	`
[[sink]]
type = "mail"
name = "mail"
to = "ops@example.net"
server = "smtp+plain://127.0.0.1:${servers.mail.port}"
template = "{lines}"
batch = { gather = "200ms", every = 0, max = ${MAX.mail} }

[[sink]]
type = "webhook"
name = "hook"
url = "http://127.0.0.1:${servers.hook.port}/alerts"
batch = { gather = "50ms", every = 0, max = ${MAX.hook} }

[[sink]]
type = "syslog"
name = "log"
url = "tcp://127.0.0.1:${servers.log.port}"
batch = { gather = "50ms", every = 0, max = ${MAX.log} }

[[sink]]
type = "exec"
name = "exec"
argv = ["${script(
		`${OUT}/take`,
		`case $(cat ${EXEC_MOOD}) in
well | slow) exec cat >"${RUNS}.$(date +%s%N)" ;;
hang) exec sleep 60 ;;
reset) head -c 1000 >/dev/null; kill -9 $$ ;;
*) exit 1 ;;
esac
`,
	)}"]
timeout = "2s"
at_once = 1
batch = { gather = "50ms", every = 0, max = ${MAX.exec} }

[[sink]]
type = "file"
name = "file"
path = "${FILE}"
size = 0
`,
);

/** Moods that change every few hundred ms, each server's by itself, until `stop` makes all well. */
function makeWeather(): { stop(): Promise<void> } {
	let isOver = false;
	const runs = [
		...Object.values(servers).map((server) => server.become),
		async (mood: string) => writeFileSync(EXEC_MOOD, mood),
	].map(async (become) => {
		while (!isOver) {
			const mood = MOODS[Math.floor(random() * MOODS.length)] ?? "well";
			await become(random() < 0.3 ? "well" : mood);
			await sleep(between(200, 800));
		}
		await become("well");
	});
	return {
		async stop() {
			isOver = true;
			await Promise.all(runs);
		},
	};
}

/** Some klaxons that hand over one request after another, each until it is taken. */
async function feed(): Promise<void> {
	let next = 1;
	async function klaxon(): Promise<void> {
		while (next <= ALERTS) {
			const alerts = numbers(next, REQUEST);
			next += REQUEST;
			while ((await handOver(alerts)) !== undefined) await sleep(50);
			await sleep(between(50, 350));
		}
	}
	await Promise.all(numbers(0, KLAXONS).map(klaxon));
}

/** As if the 15 s had passed in which nobody else delivers to what a killed process was delivering to. */
function endLeases(): void {
	const db = new DatabaseSync(`${STATE}/alerts.db`);
	db.exec("UPDATE sink SET until = 0");
	db.close();
}

/** Kills the daemon at random moments; the last one, which lives. */
async function killAll(first: Program): Promise<Program> {
	let daemon = first;
	for (let i = 0; i < KILLS; i++) {
		await sleep(between(50, 700));
		process.kill(daemon.pid, "SIGKILL");
		await daemon.ended;
		if (i % 2 === 1) endLeases(); // else it is the daemon that recovers the log
		daemon = await startDaemon(config, ["--json"]);
	}
	return daemon;
}

/** Batches that a server said to have taken, each the names of its alerts. */
const told = ({ taken }: Server, pattern: RegExp): string[][] =>
	taken
		.filter(({ isTold }) => isTold)
		.map(({ text }) =>
			[...text.matchAll(pattern)].map(([, name = ""]) => name),
		);

/** The ids in whole lines of ECS objects; of a killed daemon the last one may be cut off. */
function idsOf(path: string): string[] {
	const lines = readFileSync(path, "utf8").split("\n");
	return lines.filter((line) => line.endsWith("}}")).flatMap(idsIn);
}

const runs = (): string[][] =>
	readdirSync(OUT)
		.map((name) => `${OUT}/${name}`)
		.filter((path) => path.startsWith(`${RUNS}.`))
		.sort()
		.map(idsOf);

const HOST = /ALERT: host (10\.[\d.]+) accessing/g;
const ID = /"id":"(00000000-[\da-f-]{27})"/g;

const sinks = {
	mail: { batches: () => told(servers.mail, HOST), nameOf: sourceOf },
	hook: { batches: () => told(servers.hook, ID), nameOf: idOf },
	log: { batches: () => told(servers.log, HOST), nameOf: sourceOf },
	exec: { batches: runs, nameOf: idOf },
};

t.teardown(() =>
	Promise.all(Object.values(servers).map((server) => server.close())),
);

t.test("every sink gets every alert", { timeout: 110_000 }, async (t) => {
	const weather = makeWeather();
	const first = await startDaemon(config, ["--json"]);
	const [daemon] = await Promise.all([killAll(first), feed()]);
	await weather.stop();
	endLeases();
	const queues = async (): Promise<Told[]> => (await statusOf())?.sinks ?? [];
	await waitFor(
		() => `empty queues; ${daemon.output()}`,
		async () => {
			await sleep(200);
			const sinks = await queues();
			return sinks.length > 0 && sinks.every(({ queued }) => queued === 0);
		},
		60_000,
	);
	for (const [name, { batches, nameOf }] of Object.entries(sinks)) {
		const seen = new Set<string>();
		let again = 0;
		for (const batch of batches()) {
			if (batch.some((each) => seen.has(each))) again++;
			for (const each of batch) seen.add(each);
		}
		const wanted = numbers(1, ALERTS).map(nameOf);
		const missing = wanted.filter((each) => !seen.has(each));
		t.same(missing.slice(0, 5), [], `${name}: none is missing`);
		t.equal(seen.size, ALERTS, `${name}: nothing else came`);
		t.ok(again <= KILLS, `${name}: ${again} batches came again`);
	}
	// Nothing waits for a file: what was about to be written when the daemon was killed is in the history alone.
	const file = new Set(idsOf(FILE)).size;
	const mostLost = KILLS * KLAXONS * REQUEST;
	t.ok(file >= ALERTS - mostLost, `${file} in the file`);
	await daemon.stop();
	const history = await historyOf("connection");
	t.strictSame(
		history.map(({ event }) => event.id).sort(),
		numbers(1, ALERTS).map(idOf),
	);
	t.equal(integrity(), "ok");
});
