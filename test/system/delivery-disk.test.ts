/** A full disk, a damaged database and one that can't be written: alerts are told all the same, and kept as soon as they can be. */
import {
	chmodSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import t, { type Test } from "tap";
import { web } from "../delivery/web.ts";
import {
	configure,
	type Ear,
	handOver,
	historyOf,
	idOf,
	idsIn,
	integrity,
	listen,
	numbers,
	OUT,
	probe,
	STATE,
	startDaemon,
	status,
} from "./delivery.ts";
import { enterSandbox, must, waitFor } from "./harness.ts";

enterSandbox(import.meta.url);

const FILE = `${OUT}/alerts.json`;
const BALLAST = `${STATE}/ballast`;
const FULL = "alerts are told, but not kept: no room in";

mkdirSync(STATE);
await must("/usr/bin/mount", [
	...["-t", "tmpfs", "-o", "size=16m,mode=1777", "tmpfs", STATE],
]);

/** Takes all the room there is. */
function fill(): void {
	for (let size = 1 << 20; size >= 4096; size >>= 1)
		try {
			for (;;) writeFileSync(BALLAST, Buffer.alloc(size), { flag: "a" });
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
		}
}

const hook = (port: number) => `
[[sink]]
type = "webhook"
name = "hook"
url = "http://127.0.0.1:${port}/"
batch = { gather = 0, every = 0, max = 200 }

[[sink]]
type = "file"
name = "file"
path = "${FILE}"
size = 0
`;

/** Hands over alerts from `next` on, as many as klaxons have, until something is so. */
async function handOverUntil(next: number, isSo: () => boolean) {
	let n = next;
	for (; !isSo(); n += 100) {
		const why = await handOver(numbers(n, 100));
		if (why !== undefined) throw new Error(why);
	}
	return n;
}

async function start(t: Test) {
	rmSync(FILE, { force: true });
	t.teardown(() => {
		for (const name of readdirSync(STATE)) rmSync(`${STATE}/${name}`);
	});
	const ear = await listen(t);
	const server = await web(t);
	const config = configure("/tmp/disk.toml", hook(server.port));
	const daemon = await startDaemon(config, ["--syslog", ear.url]);
	t.teardown(() => daemon.stop("SIGKILL"));
	const hooked = () => server.asked.flatMap(({ body }) => idsIn(body));
	const filed = () => idsIn(readFileSync(FILE, "utf8"));
	return { ear, daemon, hooked, filed };
}

const once = (t: Test, ear: Ear, text: string) =>
	t.equal(ear.heard(text).length, 1, `once: ${text}`);

t.test("the disk is full, and has room again", async (t) => {
	const { ear, daemon, hooked, filed } = await start(t);
	t.equal(await handOver(numbers(1, 100)), undefined);
	await waitFor("a hundred", () => hooked().length === 100);
	fill();
	let next = await handOverUntil(101, () => ear.heard(FULL).length > 0);
	t.equal(await handOver(numbers(next, 100)), undefined, "still taken");
	next += 100;
	await probe("127.0.0.5");
	await ear.hear("host 127.0.0.5 probing port telnet");
	process.kill(daemon.pid, "SIGHUP");
	await probe("127.0.0.6");
	await ear.hear("host 127.0.0.6 probing port telnet");
	t.equal(await handOver(numbers(next, 100)), undefined, "after SIGHUP");
	next += 100;
	const wanted = numbers(1, next - 1).map(idOf);
	await waitFor("the file", () => filed().length === wanted.length);
	t.strictSame(filed(), wanted, "the file has all");
	t.ok(hooked().length < wanted.length, "what is not kept waits");
	once(t, ear, FULL);
	t.equal((await status()).alerts.connection, wanted.length);

	rmSync(BALLAST);
	t.equal(await handOver(numbers(next, 1)), undefined);
	wanted.push(idOf(next));
	await ear.hear("alerts are kept again, none was lost");
	await waitFor("the webhook", () => hooked().length >= wanted.length, 15_000);
	t.strictSame(hooked(), wanted, "all, once, in order");
	const history = await historyOf();
	const idsOf = (kind: string) =>
		history
			.filter(({ event }) => event.action === kind)
			.map(({ event }) => event.id);
	t.strictSame(idsOf("connection"), wanted);
	t.equal(idsOf("probe").length, 2);
	await daemon.stop();
	t.equal(await daemon.ended, 0);
	t.equal(integrity(), "ok");
});

t.test("what is more than memory takes is told by number", async (t) => {
	const { ear, daemon, hooked, filed } = await start(t);
	fill();
	const begun = await handOverUntil(1, () => ear.heard(FULL).length > 0);
	const end = begun + 5600;
	const next = await handOverUntil(begun, () => filed().length >= end);
	rmSync(BALLAST);
	t.equal(await handOver([next]), undefined);
	const told = await ear.hear("alerts are kept again");
	const [, lost = ""] =
		/ (\d+) are lost to the history and the outbox$/.exec(told) ?? [];
	t.ok(Number(lost) >= 600, `${lost} are lost`);
	const kept = next - Number(lost);
	await waitFor("the webhook", () => hooked().length >= kept, 20_000);
	t.equal(hooked().length, kept);
	t.equal((await historyOf("connection")).length, kept);
	t.strictSame(filed(), numbers(1, next).map(idOf), "the file has all");
	await daemon.stop();
});

t.test("a damaged database is set aside", async (t) => {
	const path = `${STATE}/alerts.db`;
	writeFileSync(path, "no database ".repeat(10_000));
	chmodSync(path, 0o666);
	const { ear, daemon, hooked } = await start(t);
	const told = await ear.hear(`${path} was damaged: it is kept as`);
	const [, kept = ""] = /it is kept as (\S+), and a new one/.exec(told) ?? [];
	t.match(kept, /^\/run\/state\/alerts\.db\.damaged-\d{8}T\d{6}$/);
	t.match(readFileSync(kept, "utf8"), /^no database no/);
	t.equal(await handOver(numbers(1, 10)), undefined);
	await waitFor("the webhook", () => hooked().length === 10);
	t.equal((await historyOf("connection")).length, 10);
	await daemon.stop();
	t.equal(integrity(), "ok");
});

t.test("one that can't be written is left alone", async (t) => {
	const path = `${STATE}/alerts.db`;
	writeFileSync(path, "");
	chmodSync(path, 0o400);
	const { ear, daemon, hooked, filed } = await start(t);
	await ear.hear(`alerts are told, but not kept: can't use ${path} (`);
	t.equal(await handOver(numbers(1, 10)), undefined);
	const wanted = numbers(1, 10).map(idOf);
	await waitFor("the webhook", () => hooked().length === 10);
	t.strictSame(hooked(), wanted);
	await waitFor("the file", () => filed().length === 10);
	t.equal(readFileSync(path, "utf8"), "");
	await daemon.stop();
	t.equal(await daemon.ended, 0);
});
