/** Nobody is lost between a klaxon that leaves and the one that the super-server starts next. */
import { setTimeout as sleep } from "node:timers/promises";
import t, { type Test } from "tap";
import {
	enterSandbox,
	type Peer,
	startInetd,
	startXinetd,
	waitFor,
} from "./harness.ts";
import {
	inetdLine,
	klaxonsOf,
	startLog,
	sum,
	touch,
	xinetdService,
} from "./klaxon.ts";

enterSandbox(import.meta.url);

const HERE = "127.0.0.1";
const IDLE = 30; // ms
const VISITS = 600;
const VISITORS = 4;
const ARGS = `-n --idle ${IDLE / 1000} rexec`;

const log = await startLog();
const wait = "wait.10000"; // starts a minute

const openbsd = () => startInetd("openbsd", inetdLine(512, ARGS, { wait }));
const xinetd = () =>
	startXinetd(xinetdService("trap", 512, ARGS, { wait: true }));

/** How many klaxons have run: each logs under its own process ID. */
const processes = (tags: string[]) => new Set(tags).size;

/** Ends what still runs and compares what was sent with what was told. */
async function settle(t: Test, server: Peer, sent: number, starts: number) {
	for (const pid of klaxonsOf(server)) process.kill(pid, "SIGTERM");
	await waitFor("the end", () => klaxonsOf(server).length === 0);
	const lines = await log.drain();
	const told = sum(lines.map(({ message }) => message));
	t.equal(told, sent, "singles and folds are the encounters");
	const count = processes(lines.map(({ tag }) => tag));
	t.ok(count >= starts, `${count} klaxons have run`);
}

/** Connects by sixteens; the pauses between end shortly before, at, or after the trap's leaving. */
async function visit(rounds: number): Promise<number> {
	for (let round = 0; round < rounds; round++) {
		await Promise.all(Array.from({ length: 16 }, () => touch(HERE, 512)));
		await sleep(IDLE - 5 + (round % 16));
	}
	return 16 * rounds;
}

/**
 * Sends one SIGTERM to each klaxon: to every third while it starts, at one moment or another, to the
 * others when they have served some.
 */
async function terminate(
	server: Peer,
	visits: { count: number },
): Promise<void> {
	const seen = new Map<number, { count: number; at: number; told: boolean }>();
	while (visits.count < VISITS) {
		for (const pid of klaxonsOf(server)) {
			const first = seen.get(pid) ?? {
				count: visits.count,
				at: performance.now(),
				told: false,
			};
			seen.set(pid, first);
			const nth = [...seen.keys()].indexOf(pid);
			const isDue =
				nth % 3 === 0
					? performance.now() - first.at >= (7 * nth) % 90
					: visits.count - first.count > (11 * nth) % 60;
			if (!isDue || first.told) continue;
			first.told = true;
			process.kill(pid, "SIGTERM");
		}
		await sleep(2);
	}
}

for (const [name, start] of Object.entries({ openbsd, xinetd })) {
	t.test(`${name}: while it leaves because nobody came`, async (t) => {
		const server = await start();
		t.teardown(() => server.stop());
		await settle(t, server, await visit(24), 8);
	});

	t.test(`${name}: while SIGTERM sends it away`, async (t) => {
		const server = await start();
		t.teardown(() => server.stop());
		const visits = { count: 0 };
		const terminating = terminate(server, visits);
		const visitor = async () => {
			for (; visits.count < VISITS; visits.count++) await touch(HERE, 512);
		};
		const visitors = Array.from({ length: VISITORS }, visitor);
		await Promise.all([terminating, ...visitors]);
		await settle(t, server, visits.count, 8);
	});
}
