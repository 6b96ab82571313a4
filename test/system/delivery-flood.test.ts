/** A source that floods a running tocsin through its socket: one line and one fold, and nobody else waits. */
import { existsSync, statSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import t from "tap";
import type { ConnectionAlert } from "../../src/alert/alert.ts";
import { MAX_ALERTS } from "../../src/handover/protocol.ts";
import {
	configure,
	encountersIn,
	handOver,
	OUT,
	SOCKET,
	sourceOf,
	startDaemon,
	status,
} from "./delivery.ts";
import { enterSandbox, waitFor } from "./harness.ts";
import type { Told } from "./tocsin.ts";

enterSandbox(import.meta.url);

const FILE = `${OUT}/alerts.json`;
const CONFIG = configure(
	"/tmp/tocsin.toml",
	`[[sink]]\ntype = "file"\nname = "log"\npath = "${FILE}"\n`,
);
const SECONDS = 10;
const FEEDERS = 4;
const NOISY = "198.51.100.66";

const alert: ConnectionAlert = {
	kind: "connection",
	time: Date.now(),
	transport: "tcp",
	service: "telnet",
	source: { ip: NOISY, port: 40_312 },
	destination: { ip: "192.0.2.1", port: 23 },
};
const REQUEST = `${JSON.stringify({ alerts: Array.from({ length: MAX_ALERTS }, () => ({ alert })) })}\n`;

/** What the file sink got of encounters. */
const told = (): Told[] => encountersIn(FILE);

/** Hands over as fast as it is taken until `end`; how many alerts were. */
function feed(end: number): Promise<number> {
	const socket: Socket = connect(SOCKET);
	let taken = 0;
	return new Promise((resolve, reject) => {
		socket.on("error", reject);
		socket.on("close", () => resolve(taken));
		socket.on("data", (answer) => {
			if (String(answer) !== `{"taken":${MAX_ALERTS}}\n`)
				reject(new Error(String(answer)));
			taken += MAX_ALERTS;
			if (performance.now() < end) socket.write(REQUEST);
			else socket.end();
		});
		socket.write(REQUEST);
	});
}

/** ms from the handing over of another source's alert until the file has it. */
async function delay(n: number): Promise<number> {
	const size = existsSync(FILE) ? statSync(FILE).size : 0;
	const began = performance.now();
	const why = await handOver([n]);
	if (why !== undefined) throw new Error(why);
	await waitFor(`alert ${n}`, () => statSync(FILE).size > size);
	return performance.now() - began;
}

t.test("one source as fast as it takes, and some others", async (t) => {
	const daemon = await startDaemon(CONFIG);
	const warming = await feed(performance.now() + 1000); // its code is compiled
	const before = await status();
	const early = told();
	t.equal(early.length, 1, "the first at once");
	const feeders = Array.from({ length: FEEDERS }, () =>
		feed(performance.now() + SECONDS * 1000),
	);
	const delays: number[] = [];
	for (let n = 1; n < SECONDS; n++) {
		await sleep(900);
		delays.push(await delay(n));
	}
	const counts = await Promise.all(feeders);
	const after = await status();
	const all = counts.reduce((sum, count) => sum + count, 0);
	const grown = (after.memory - before.memory) / 1e6;
	const worst = Math.max(...delays);
	t.comment(
		`${Math.round(all / SECONDS)} alerts a second; others' after ${worst.toFixed(0)} ms at most; resident ${(after.memory / 1e6).toFixed(0)} MB, ${grown.toFixed(1)} more than before`,
	);
	t.ok(worst < 1000, "other sources' alerts within a second");
	t.ok(grown < 20, "memory stays flat");
	await daemon.stop();
	const noisy = told().filter(({ source }) => source.ip === NOISY);
	t.same(
		told()
			.map(({ source }) => source.ip)
			.filter((ip) => ip !== NOISY),
		delays.map((_, i) => sourceOf(i + 1)),
	);
	t.equal(noisy.length, 2, "one at once, and one for the rest");
	t.equal(noisy[0].klaxon.count, undefined);
	t.equal(noisy[1].klaxon.count, warming + all - 1);
});
