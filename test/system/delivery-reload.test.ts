/** SIGHUP: other rules and sinks take effect, a bad file changes nothing, and nothing that waits is lost. */
import {
	existsSync,
	readFileSync,
	renameSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import t, { type Test } from "tap";
import { web } from "../delivery/web.ts";
import {
	configure,
	filed,
	fileSink,
	handOver,
	historyOf,
	idOf,
	idsIn,
	isFiled,
	listen,
	numbers,
	pathOf,
	SOCKET,
	STATE,
	sinkStatus,
	sourceOf,
	startDaemon,
	status,
	tocsin,
} from "./delivery.ts";
import { enterSandbox, waitFor } from "./harness.ts";
import type { Told } from "./tocsin.ts";

enterSandbox(import.meta.url);

const CONFIG = "/tmp/reload.toml";
const hookSink = (port: number, more = "") => `
[[sink]]
type = "webhook"
name = "hook"
url = "http://127.0.0.1:${port}/"
batch = { gather = 0, every = 0, max = 50 }
${more}
`;

async function start(t: Test, config: string) {
	const ear = await listen(t);
	const daemon = await startDaemon(configure(CONFIG, config), [
		...["--syslog", ear.url],
	]);
	t.teardown(async () => {
		await daemon.stop("SIGKILL");
		rmSync(STATE, { recursive: true });
		for (const name of ["a", "b", "c", "hook"])
			rmSync(pathOf(name), { force: true });
	});
	const hup = () => process.kill(daemon.pid, "SIGHUP");
	return {
		ear,
		daemon,
		hup,
		/** Reloads another configuration, which has another set of sinks. */
		async reload(config: string) {
			configure(CONFIG, config);
			hup();
			const names = [...config.matchAll(/^name = "(.*)"$/gm)].map((m) => m[1]);
			const wanted = ["main", ...names].sort().join();
			await waitFor(`the sinks ${wanted}`, async () => {
				const { sinks } = await status();
				const there = sinks.map(({ name }: Told) => name);
				return there.sort().join() === wanted;
			});
		},
	};
}

t.test("new rules and sinks take effect", async (t) => {
	const { reload } = await start(t, fileSink("a"));
	await handOver([1, 2]);
	await isFiled("a", [1, 2]);
	await reload(
		`[[ignore]]\nsource = "${sourceOf(3)}"\nwhy = "a scanner of ours"\n${fileSink("a")}${fileSink("b")}`,
	);
	await handOver([3, 4, 5]);
	await isFiled("b", [4, 5]);
	t.strictSame(filed("b"), [4, 5].map(idOf));
	t.strictSame(filed("a"), [1, 2, 4, 5].map(idOf));
	t.same((await status()).rules, [
		{ block: "ignore", n: 1, why: "a scanner of ours", count: 1 },
	]);
	const { stdout } = await tocsin("status", "--socket", SOCKET);
	t.match(stdout, /^ignore 1 +1 \(a scanner of ours\)$/m);
	t.strictSame(
		(await historyOf("connection")).map(({ event }) => event.id),
		[1, 2, 4, 5].map(idOf),
	);
});

t.test("a bad file is refused, and the old rules stay", async (t) => {
	const good = `[[ignore]]\nsource = "${sourceOf(1)}"\nwhy = "known"\n${fileSink("a")}`;
	const { ear, hup } = await start(t, good);
	const lines = configure(CONFIG, "").length && readFileSync(CONFIG, "utf8");
	const line = String(lines).split("\n").length;
	const refused = "the configuration is refused, the old one stays: ";
	for (const [text, place] of [
		['[[ignore]]\nsource = "10.0.0.300"\n', `${line + 1}:10: `],
		['[[ignore]]\nsorce = "10.0.0.0/8"\n', `${line + 1}:1: `],
		["[[ignore]]\n", `${line}:`],
		['[[sink]]\ntype = "file"\npath = "x"\n', `${line + 2}:8: `],
		["[[sink\n", `${line}:`],
	]) {
		configure(CONFIG, String(text));
		hup();
		await ear.hear(`${refused}${CONFIG}:${place}`);
	}
	rmSync(CONFIG);
	hup();
	await ear.hear(`${refused}can't read the configuration: ENOENT`);
	await handOver([1, 2]);
	await isFiled("a", [2]);
	t.strictSame(filed("a"), [idOf(2)]);
	t.match((await status()).rules, [{ why: "known", count: 1 }]);
});

t.test("logrotate moves a file away", async (t) => {
	const { hup, daemon } = await start(t, fileSink("a"));
	await handOver([1]);
	await isFiled("a", [1]);
	renameSync(pathOf("a"), pathOf("b"));
	hup();
	await waitFor("a new file", () => existsSync(pathOf("a")));
	await handOver([2]);
	await isFiled("a", [2]);
	t.strictSame([filed("b"), filed("a")], [[idOf(1)], [idOf(2)]]);
	// also where what SIGHUP reads is refused
	renameSync(pathOf("a"), pathOf("c"));
	writeFileSync(CONFIG, "no\n");
	hup();
	await handOver([3]);
	await isFiled("a", [3]);
	t.strictSame([filed("c"), filed("a")], [[idOf(2)], [idOf(3)]]);
	await daemon.stop();
	t.equal(await daemon.ended, 0);
});

t.test(
	"what waits survives, and a sink that works again gets it",
	async (t) => {
		let isBad = true;
		const server = await web(t, (response) =>
			response.writeHead(isBad ? 500 : 200).end(),
		);
		const { ear, reload } = await start(t, hookSink(server.port));
		const wanted = numbers(1, 120);
		await handOver(wanted);
		await ear.hear("sink 'hook' fails: http://127.0.0.1");
		t.equal((await sinkStatus("hook")).queued, 120);
		isBad = false;
		server.asked.splice(0);
		await reload(`${hookSink(server.port)}${fileSink("a")}`);
		await waitFor("an empty queue", async () => {
			return (await sinkStatus("hook")).queued === 0;
		});
		t.strictSame(
			server.asked.flatMap(({ body }) => idsIn(body)),
			wanted.map(idOf),
		);
	},
);

t.test("what a stop finds waiting leaves at the next start", async (t) => {
	let isHanging = true;
	const server = await web(t, (response) => {
		if (!isHanging) response.end();
	});
	const first = await start(t, hookSink(server.port));
	const wanted = numbers(1, 120);
	await handOver(wanted);
	await waitFor("a request", () => server.asked.length > 0);
	const begun = performance.now();
	process.kill(first.daemon.pid, "SIGTERM");
	t.equal(await first.daemon.ended, 0);
	const took = performance.now() - begun;
	t.ok(took < 5000, `a sink that hangs holds it for ${took} ms`);
	isHanging = false;
	server.asked.splice(0);
	const next = await startDaemon(CONFIG, ["--syslog", first.ear.url]);
	const hooked = () => server.asked.flatMap(({ body }) => idsIn(body));
	await waitFor("all", () => hooked().length >= wanted.length, 3000);
	t.strictSame(hooked(), wanted.map(idOf), "at once, and once");
	await next.stop("SIGKILL");
});

for (const [what, isHanging, next] of [
	["fails and is configured no more", false, "a"],
	["hangs and is configured no more", true, "a"],
	["fails, and is a file then", false, "hook"],
] as const)
	t.test(`a sink that ${what}`, async (t) => {
		const server = await web(t, (response) => {
			if (!isHanging) response.writeHead(500).end();
		});
		const { ear, reload } = await start(
			t,
			hookSink(server.port, 'timeout = "2s"'),
		);
		await handOver(numbers(1, 120));
		await waitFor("a request", () => server.asked.length > 0);
		await sleep(50);
		await reload(fileSink(next));
		await ear.hear(
			"120 alerts waited for sink 'hook', which is configured no more: they are given up",
		);
		await handOver([200]);
		await isFiled(next, [200]);
		t.equal((await historyOf("connection")).length, 121, "all is history");
	});

t.test("SIGHUP again and again while alerts come", async (t) => {
	const server = await web(t);
	const { hup } = await start(t, `${hookSink(server.port)}${fileSink("a")}`);
	const wanted = numbers(1, 2000);
	const feed = async () => {
		for (const n of wanted.filter((n) => n % 20 === 1)) {
			const why = await handOver(numbers(n, 20));
			if (why !== undefined) t.fail(why);
			await sleep(10);
		}
	};
	let isOver = false;
	const feeding = feed().finally(() => {
		isOver = true;
	});
	while (!isOver) {
		hup();
		await sleep(70);
	}
	await feeding;
	const hooked = () => server.asked.flatMap(({ body }) => idsIn(body));
	await waitFor("the webhook", () => hooked().length >= wanted.length);
	await isFiled("a", wanted);
	t.strictSame(hooked(), wanted.map(idOf), "in order");
	t.strictSame(filed("a").sort(), wanted.map(idOf));
});
