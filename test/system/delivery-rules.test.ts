/** Routes and limits of a running daemon, and what each sink wants. */
import { readFileSync, rmSync } from "node:fs";
import t, { type Test } from "tap";
import {
	configure,
	filed,
	fileSink,
	handOver,
	historyOf,
	idOf,
	isFiled,
	numbers,
	pathOf,
	STATE,
	sourceOf,
	startDaemon,
	status,
} from "./delivery.ts";
import { enterSandbox, waitFor } from "./harness.ts";
import type { Told } from "./tocsin.ts";

enterSandbox(import.meta.url);

async function start(t: Test, config: string): Promise<void> {
	const file = configure("/tmp/rules.toml", config);
	const daemon = await startDaemon(file, ["--json"]);
	t.teardown(async () => {
		await daemon.stop("SIGKILL");
		rmSync(STATE, { recursive: true });
		for (const name of ["a", "b", "c"]) rmSync(pathOf(name), { force: true });
	});
}

t.test("the first route that fits, and what a sink wants", async (t) => {
	await start(
		t,
		`
[[route]]
source = "${sourceOf(1)}"
to = "a"
why = "first"
[[route]]
source = ["${sourceOf(1)}", "${sourceOf(2)}"]
to = ["a", "b", "c"]
[[route]]
source = "${sourceOf(3)}"
to = []
why = "nobody"
${fileSink("a")}${fileSink("b")}
${fileSink("c", `when = { source = ["${sourceOf(1)}", "${sourceOf(4)}"] }`)}`,
	);
	await handOver([1, 2, 3, 4, 5]);
	await isFiled("b", [2, 4, 5]);
	await isFiled("c", [4]);
	t.strictSame(filed("a"), [1, 2, 4, 5].map(idOf));
	t.strictSame(filed("b"), [2, 4, 5].map(idOf));
	t.strictSame(filed("c"), [idOf(4)], "wanted, and sent there");
	t.same((await status()).rules, [
		{ block: "route", n: 1, why: "first", count: 1 },
		{ block: "route", n: 2, count: 1 },
		{ block: "route", n: 3, why: "nobody", count: 1 },
	]);
	t.equal((await historyOf("connection")).length, 5, "all is history");
});

t.test("limits, a rule's and a sink's", async (t) => {
	const own = `when = { kind = "connection" }`;
	await start(
		t,
		`
[[limit]]
source = "${sourceOf(1)}"
window = "1s"
burst = 2
why = "noisy"
[[limit]]
source = "${sourceOf(2)}"
window = 0
${fileSink("a", own)}${fileSink("b", `${own}\nlimit = "2s"`)}`,
	);
	await handOver(numbers(1, 6), sourceOf(1));
	await handOver(numbers(11, 6), sourceOf(2));
	const told = (name: string) =>
		readFileSync(pathOf(name), "utf8")
			.split("\n")
			.slice(0, -1)
			.map((line): Told => JSON.parse(line))
			.map(({ source, klaxon }) => [source.ip, klaxon.count ?? 1]);
	const of = (name: string, source: string) =>
		told(name)
			.filter(([ip]) => ip === source)
			.map(([, count]) => count);
	const sum = (name: string) =>
		told(name).reduce((sum, [, count]) => sum + count, 0);
	await waitFor("the folds", () => sum("a") === 12 && sum("b") === 12);
	t.same(of("a", sourceOf(1)), [1, 1, 4]);
	t.same(of("a", sourceOf(2)), [1, 1, 1, 1, 1, 1]);
	t.same(of("b", sourceOf(1)), [1, 5]);
	t.same(of("b", sourceOf(2)), [1, 5]);
	t.same((await status()).rules, [
		{ block: "limit", n: 1, why: "noisy", count: 6 },
		{ block: "limit", n: 2, count: 6 },
	]);
});
