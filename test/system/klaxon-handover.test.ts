/** klaxon -c: a running tocsin takes the alerts, and where there is none klaxon delivers itself. Nothing is lost, and nothing waits for long. */
import {
	chmodSync,
	chownSync,
	existsSync,
	readFileSync,
	rmSync,
} from "node:fs";
import { createServer } from "node:net";
import { setPriority } from "node:os";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { DatabaseSync } from "node:sqlite";
import t, { type Test } from "tap";
import {
	configure,
	encountersIn,
	historyOf,
	OUT,
	SOCKET,
	STATE,
	startDaemon,
	statusOf,
} from "./delivery.ts";
import {
	enterSandbox,
	type Peer,
	type Program,
	privileged,
	startInetd,
	startXinetd,
	waitFor,
} from "./harness.ts";
import {
	inetdLine,
	startLog,
	startTraps,
	sum,
	touch,
	USER,
	xinetdService,
} from "./klaxon.ts";
import type { Told } from "./tocsin.ts";
import { brokenCopy } from "./trial.ts";

enterSandbox(import.meta.url);

const FILE = `${OUT}/alerts.json`;
const SINK = `[[sink]]\ntype = "file"\nname = "log"\npath = "${FILE}"\n`;
const CONFIG = configure(
	"/tmp/tocsin.toml",
	`${SINK}[[ignore]]\nkind = ["probe", "scan", "sweep", "sensor"]\n`,
);
const ARGS = `-n -c ${CONFIG}`;

const log = await startLog();

/** The encounters that the file sink was told of since it was removed last. */
const told = (): Told[] => encountersIn(FILE);

const countIn = (events: readonly Told[]): number =>
	events.reduce((all, { klaxon }) => all + (klaxon?.count ?? 1), 0);

const idsOf = (events: readonly Told[]): string[] =>
	events.map(({ event }) => event.id);

/** Nothing was told, counted or kept yet. */
async function afresh(): Promise<void> {
	for (const path of [FILE, STATE])
		rmSync(path, { recursive: true, force: true });
	await log.drain();
}

/** Whoever folded did so long ago. */
function passTime(): void {
	const db = new DatabaseSync(`${STATE}/alerts.db`);
	db.exec("UPDATE fold SET closes = 1");
	db.close();
}

/** Touches a trap from an address, and tells how long it took until it hung up. */
async function knock(port: number, from = "127.0.0.1"): Promise<number> {
	const began = performance.now();
	await touch("127.0.0.1", port, { from, timeout: 60_000 });
	return performance.now() - began;
}

/** A super-server, stopped at the end of the test. */
async function serve<P extends Peer>(t: Test, server: Promise<P>): Promise<P> {
	const started = await server;
	t.teardown(() => started.stop());
	return started;
}

const inetd = (port: number, wait = "nowait.65535", args = ARGS) =>
	startInetd("openbsd", inetdLine(port, args, { wait, proto: "tcp4" }));

const SERVERS: Record<string, (port: number) => Promise<Peer>> = {
	"inetd nowait": (port) => inetd(port),
	"inetd wait": (port) => inetd(port, "wait", `--idle 0.2 ${ARGS}`),
	"xinetd nowait": (port) =>
		startXinetd(xinetdService("rexec", port, `${ARGS} rexec`)),
	"xinetd wait": (port) =>
		startXinetd(
			xinetdService("rexec", port, `${ARGS} --idle 0.2 rexec`, { wait: true }),
		),
};

let port = 7400;

/** Hands alerts of three sources over, one after another. */
async function handsOver(t: Test, start: (typeof SERVERS)[string]) {
	await afresh();
	const daemon = await startDaemon(CONFIG);
	port += 1;
	const server = await serve(t, start(port));
	const sources = ["127.0.0.2", "127.0.0.3", "127.0.0.4"];
	for (const source of sources) await knock(port, source);
	await waitFor("three alerts", () => told().length >= 3, 10_000);
	await server.stop();
	const { alerts } = await statusOf();
	t.match(alerts, { connection: 3 });
	await daemon.stop();
	t.same(
		told()
			.map(({ source }) => source.ip)
			.sort(),
		sources,
	);
	const kept = await historyOf("connection");
	t.same(idsOf(kept).sort(), idsOf(told()).sort(), "by the same names");
	t.equal(new Set(idsOf(kept)).size, 3);
	t.equal(sum(await log.messages()), 3, "klaxon's own lines");
	const lines = log.lines().filter(({ tag }) => tag.startsWith("tocsin"));
	t.same(
		lines.filter(({ message }) => message.includes("accessing")),
		[],
		"which tocsin doesn't repeat",
	);
}

for (const [name, start] of Object.entries(SERVERS))
	t.test(`${name}: a running tocsin takes them`, (t) => handsOver(t, start));

t.test("what a klaxon folded, tocsin adds up", async (t) => {
	await afresh();
	const daemon = await startDaemon(CONFIG);
	const server = await serve(t, inetd(7410, "wait", `--idle 0.3 ${ARGS}`));
	await Promise.all(Array.from({ length: 100 }, () => knock(7410)));
	await waitFor("an alert", () => told().length > 0);
	await server.stop();
	await daemon.stop();
	t.equal(countIn(told()), 100);
	t.equal(told().length, 2, "the first, and all others");
	t.equal(sum(await log.messages()), 100);
});

t.test("no tocsin: 50 klaxons at once fold together", async (t) => {
	await afresh();
	await (await startDaemon(CONFIG)).stop(); // makes the directories
	await serve(t, inetd(7411));
	await Promise.all(Array.from({ length: 50 }, () => knock(7411)));
	t.equal(told().length, 1, "one told, the rest counted");
	t.equal(sum(await log.messages()), 50, "but for the syslog");
	passTime();
	const daemon = await startDaemon(CONFIG);
	await waitFor("the fold", () => told().length > 1, 10_000);
	await daemon.stop();
	t.equal(countIn(told()), 50);
	t.equal(told().length, 2);
	for (let i = 0; i < 5; i++) await knock(7411);
	passTime();
	await knock(7411, "127.0.0.9");
	t.equal(countIn(told()), 56, "the next klaxon tells as well");
	t.equal(sum(await log.messages()), 6);
	const ids = idsOf(told());
	t.equal(new Set(ids).size, ids.length);
	t.same(idsOf(await historyOf("connection")).sort(), ids.sort());
});

t.test("a tocsin that hangs costs a second and loses nothing", async (t) => {
	await afresh();
	const daemon = await startDaemon(CONFIG);
	await serve(t, inetd(7412));
	await knock(7412, "127.0.0.2");
	const usual = await knock(7412, "127.0.0.3");
	process.kill(daemon.pid, "SIGSTOP");
	const took = await Promise.all(
		["127.0.0.4", "127.0.0.5"].map((source) => knock(7412, source)),
	);
	const most = Math.max(...took);
	t.comment(
		`${usual.toFixed(0)} ms as usual, ${most.toFixed(0)} while it hangs`,
	);
	t.ok(most > 900 && most < 3500, `${most} ms`);
	t.equal(new Set(idsOf(told())).size, 4, "klaxon did it");
	process.kill(daemon.pid, "SIGCONT");
	await waitFor("it to answer again", statusOf);
	await knock(7412, "127.0.0.6");
	await daemon.stop();
	t.equal(new Set(idsOf(told())).size, 5);
	t.equal(
		new Set(idsOf(await historyOf("connection"))).size,
		5,
		"what was told twice has the same name",
	);
	t.equal(sum(await log.messages()), 5);
});

t.test("one that was killed", async (t) => {
	await afresh();
	const daemon = await startDaemon(CONFIG);
	await daemon.stop("SIGKILL");
	t.ok(existsSync(SOCKET), "its socket is left behind");
	await serve(t, inetd(7413));
	await knock(7413);
	t.equal(told().length, 1);
	t.equal(sum(await log.messages()), 1);
});

if (privileged)
	t.test("a person's socket is not tocsin's", async (t) => {
		await afresh();
		rmSync(SOCKET, { force: true });
		let visits = 0;
		const impostor = createServer((socket) => {
			visits++;
			socket.end('{"taken":1}\n');
		});
		await new Promise<void>((resolve) => {
			impostor.listen(SOCKET, resolve);
		});
		chownSync(SOCKET, 1000, 1000);
		t.teardown(() => impostor.close());
		await serve(t, inetd(7414));
		await knock(7414);
		t.equal(visits, 0);
		t.equal(told().length, 1, "klaxon did it");
	});

if (privileged)
	t.test(
		"what --listen needs is there when root's rights are gone",
		async (t) => {
			await afresh();
			await (await startDaemon(CONFIG)).stop(); // makes the directories, and the file
			chmodSync(FILE, 0o666); // two users write to it
			const program = brokenCopy((folder) => chmodSync(folder, 0o700));
			const config = configure(
				"/tmp/private.toml",
				`${SINK}[[sink]]\ntype = "mail"\nname = "mail"\nto = "a@example.net"\nfrom = "b@example.net"\nserver = "smtp+plain://127.0.0.1:9"\nbatch = { gather = 0 }\n`,
			);
			chmodSync(config, 0o600);
			const args = ["-n", "-c", config, "-l", "127.0.0.1:7417", "--user", USER];
			const klaxon = await startTraps(args, [7417], { program });
			await knock(7417, "127.0.0.2");
			await waitFor("the alert", () => told().length > 0);
			await waitFor("the mail's failure", () => klaxon.output());
			const daemon = await startDaemon(CONFIG);
			await knock(7417, "127.0.0.3");
			await waitFor("the next", () => told().length > 1);
			t.match((await statusOf()).alerts, { connection: 1 }, "tocsin had it");
			await daemon.stop();
			await knock(7417, "127.0.0.4");
			await waitFor("the last", () => told().length > 2);
			await klaxon.stop();
			t.equal(await klaxon.ended, 0);
			t.equal(
				klaxon.output(),
				"klaxon: sink 'mail' fails: smtp+plain://127.0.0.1:9: connection refused; its alerts wait and are tried again\n",
			);
		},
	);

/** ms of CPU of a process' ended children. */
function childrenCpu({ pid }: Peer | Program): number {
	const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
	const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
	return (Number(fields[13]) + Number(fields[14])) * 10; // ticks of 10 ms
}

t.test("200 at once: none is lost", async (t) => {
	await afresh();
	const daemon = await startDaemon(CONFIG);
	const AT_ONCE = 200;
	const servers = {
		without: await serve(t, inetd(7415, "nowait.65535", "-n")),
		with: await serve(t, inetd(7416)),
	};
	const ports = { without: 7415, with: 7416 };
	// Hundreds of processes that want the processor starve the tests that run beside this one.
	for (const { pid } of Object.values(servers)) setPriority(pid, 19);
	const costs: Record<keyof typeof ports, number[]> = { without: [], with: [] };
	let round = 0;
	const stalls = monitorEventLoopDelay();
	stalls.enable();
	for (const which of ["without", "with", "with", "without"] as const) {
		const source = `127.0.1.${++round}`;
		const before = childrenCpu(servers[which]);
		await Promise.all(
			Array.from({ length: AT_ONCE }, () => knock(ports[which], source)),
		);
		costs[which].push((childrenCpu(servers[which]) - before) / AT_ONCE);
	}
	await daemon.stop();
	const twice = countIn(told()) - 2 * AT_ONCE;
	const stall = stalls.max / 1e6;
	t.comment(
		`${twice} told twice: tocsin's answer came after a klaxon's patience; this process stood still for ${stall.toFixed()} ms at most`,
	);
	t.ok(twice >= 0, "all came to tocsin");
	// where the machine itself stands still, so does tocsin
	const most = stall < 500 ? AT_ONCE / 20 : AT_ONCE;
	t.ok(twice <= most, "once, but for what a busy machine delays");
	t.equal(new Set(told().map(({ source }) => source.ip)).size, 2);
	t.ok(told().length <= 4 + 2 * twice, "each source once, and its fold");
	t.equal(sum(await log.messages()), 4 * AT_ONCE);
	const [without, handing] = [costs.without, costs.with].map(
		([a = 0, b = 0]) => (a + b) / 2,
	) as [number, number];
	const noise = Math.abs((costs.without[0] ?? 0) - (costs.without[1] ?? 0));
	const extra = handing - without;
	t.comment(
		`CPU of a start: ${without.toFixed(1)} ms (${noise.toFixed(1)} between two rounds), and ${extra.toFixed(1)} more to hand over`,
	);
	// how little that is, scripts/bench/handover.ts measures when all is quiet
	t.ok(extra <= without + noise, `${extra} ms: less than another start`);
});
