import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import t, { type Test } from "tap";
import { alertLine } from "../../src/alert/render.ts";
import type { ExecSink } from "../../src/config/sinktypes.ts";
import { execSink } from "../../src/delivery/exec.ts";
import type { Entry } from "../../src/delivery/sink.ts";
import { anyAlert, PROBE, SCAN } from "../alert/samples.ts";
import { isAlive } from "../system/family.ts";
import { waitFor } from "../system/wait.ts";
import { entryOf, TELLER } from "./world.ts";

process.env.TZ = "UTC";

const CONFIG: ExecSink = {
	type: "exec",
	name: "exec",
	argv: [],
	timeout: 5000,
	atOnce: 4,
	batch: { gather: 0, every: 0, max: 1000 },
};

/** A program of its own, which finds its folder in $0. */
function program(t: Test, script: string) {
	const folder = t.testdir();
	const path = join(folder, "program");
	writeFileSync(path, `#!/bin/sh\nhere=\${0%/*}\n${script}\n`);
	chmodSync(path, 0o755);
	const read = (name: string) => readFileSync(join(folder, name), "utf8");
	return { path, folder, read };
}

const sinkOf = (argv: string[], more: Partial<ExecSink> = {}) =>
	execSink({ ...CONFIG, argv, ...more }, TELLER);

/** Writes what it was given: arguments and environment with zeros between. */
const KEEP = `printf '%s\\0' "$@" >"$here/args"
tr -d '' </proc/self/environ >"$here/env"
pwd >"$here/pwd"
cat >"$here/in"`;

const variables = (text: string) =>
	Object.fromEntries(
		text
			.split("\0")
			.filter(Boolean)
			.map((pair) => {
				const [name = "", ...value] = pair.split("=");
				return [name, value.join("=")];
			}),
	);

t.test(
	"arguments, environment and standard input tell of the alert",
	async (t) => {
		process.env.REMOTE_HOST = "evil";
		const { path, read } = program(t, KEEP);
		const argv = [path, "block", "{source.ip}", "p={destination.port}", "{}"];
		t.equal(await sinkOf(argv).deliver([entryOf(PROBE)]), undefined);
		t.strictSame(read("args").split("\0"), [
			"block",
			"192.0.2.7",
			"p=23",
			"{}",
			"",
		]);
		t.equal(read("pwd"), "/\n");
		const { PWD: _, _: __, SHLVL: ___, ...env } = variables(read("env"));
		t.match(env, {
			PATH: "/usr/sbin:/usr/bin:/sbin:/bin",
			LANG: "C",
			TZ: "UTC",
			KLAXON_ALERTS: "1",
			KLAXON_KIND: "probe",
			KLAXON_TECHNIQUE: "syn",
			KLAXON_LEVEL: "notice",
			KLAXON_SEVERITY: "5",
			KLAXON_TIME: "2026-11-22T02:00:00.000Z",
			KLAXON_ID: "id-1",
			KLAXON_LINE: alertLine(PROBE),
			KLAXON_SOURCE_IP: "192.0.2.7",
			KLAXON_SOURCE_PORT: "40312",
			KLAXON_SOURCE_MAC: "02-00-00-00-00-02",
			KLAXON_DESTINATION_IP: "192.0.2.1",
			KLAXON_DESTINATION_PORT: "23",
			KLAXON_NETWORK_TRANSPORT: "tcp",
			KLAXON_NETWORK_VLAN_ID: "10",
			KLAXON_INTERFACE: "eth0",
			KLAXON_SERVICE: "telnet",
			KLAXON_TOOL: "nmap",
		});
		t.notOk("REMOTE_HOST" in env, "nothing of ours goes on");
		const json = JSON.parse(read("in"));
		t.match(json, { source: { ip: "192.0.2.7" }, event: { action: "probe" } });
	},
);

t.test(
	"a batch is one run: all its alerts are on standard input",
	async (t) => {
		const { path, read } = program(t, KEEP);
		const batch = [entryOf(SCAN), entryOf(PROBE)];
		t.equal(await sinkOf([path, "{count}"]).deliver(batch), undefined);
		t.equal(read("args"), "2\0");
		const env = variables(read("env"));
		t.match(env, { KLAXON_ALERTS: "2", KLAXON_KIND: "scan" });
		t.equal(env.KLAXON_PORT_COUNT, "96");
		const lines = read("in").trim().split("\n");
		t.strictSame(
			lines.map((line) => JSON.parse(line).event.action),
			["scan", "probe"],
		);
	},
);

t.test("a value is no option, a literal is", async (t) => {
	const { path, read } = program(t, KEEP);
	const entry = (line: string): Entry => ({ time: 0, level: "notice", line });
	const argv = [path, "{message}", "-n{message}", "a {message}", "-x"];
	await sinkOf(argv).deliver([entry("-rf")]);
	t.equal(read("args"), "\\x2drf\0-n-rf\0a -rf\0-x\0");
	await sinkOf([path, "{source.ip}{message}"]).deliver([entry("--help")]);
	t.equal(read("args"), "\\x2d-help\0", "nor behind a value that is empty");
	await sinkOf([path, "{message}"]).deliver([entry("$(id) `id` ; {count}")]);
	t.equal(read("args"), "$(id) `id` ; {count}\0");
	await sinkOf([path, "{lines}"]).deliver(
		Array.from({ length: 100 }, () => entry("x".repeat(1000))),
	);
	t.equal(read("args").length, 4097, "no argument is longer than 4 KiB");
});

t.test("whatever an alert holds", async (t) => {
	const { path, read } = program(t, KEEP);
	const argv = [path, "{message}", "{klaxon.data}", "{source.domain}", "end"];
	const sink = sinkOf(argv);
	const check = fc.asyncProperty(anyAlert, async (alert) => {
		const why = await sink.deliver([entryOf(alert)]);
		if (why !== undefined) throw new Error(why);
		const args = read("args").split("\0");
		// what tap adds to every child holds the names of all test files
		const values = read("env")
			.split("\0")
			.filter((pair) => !pair.startsWith("_TAPJS"));
		const wrong = [
			...args.filter((arg) => arg.startsWith("-")),
			...[...args, ...values].filter((text) => !/^[ -~]*$/.test(text)),
			...values.filter((pair) => !/^[A-Z_]+[A-Z0-9_]*=|^$/.test(pair)),
		];
		if (wrong.length > 0) throw new Error(JSON.stringify(wrong));
		return (
			args.length === 5 &&
			args[3] === "end" &&
			read("in").split("\n").length === 2
		);
	});
	await t.resolves(fc.assert(check, { numRuns: 100 }));
});

t.test("what fails is told", async (t) => {
	const why = (script: string, more: Partial<ExecSink> = {}) => {
		const { path } = program(t, script);
		return sinkOf([path], more)
			.deliver([entryOf(PROBE)])
			.then((reason) => reason?.replace(path, "program"));
	};
	t.equal(await why("exit 3"), "program: exit 3");
	t.equal(
		await why("printf 'no \\033[31mroute\\nsecond' >&2; exit 1"),
		"program: exit 1: no \\x1b[31mroute",
	);
	t.equal(await why("kill -TERM $$"), "program: ended by SIGTERM");
	t.equal(
		(await why("yes aaaaaaaaa | tr -d '\\n' | head -c 1000000 >&2; exit 1"))
			?.length,
		"program: exit 1: ".length + 200,
		"it may write much, and is heard a little",
	);
	t.equal(await why("echo warning >&2"), undefined, "exit 0 counts");
	t.equal(
		await why("sleep 60", { timeout: 200 }),
		"program: killed after 0.2 s",
	);
	const folder = t.testdir({ script: "exit 0" });
	const file = join(folder, "script");
	const run = (path: string) => sinkOf([path]).deliver([entryOf(PROBE)]);
	t.equal(
		await run(file),
		`${file}: permission denied: make it executable for tocsin's user`,
	);
	t.equal(
		await run("/nonexistent/x"),
		"/nonexistent/x: no such program: install it, or name another",
	);
	t.equal(
		(
			await sinkOf(["/bin/true", "{nonsense}"]).deliver([entryOf(PROBE)])
		)?.slice(0, 50),
		"/bin/true: unknown placeholder '{nonsense}': known",
	);
});

t.test("standard input need not be read", async (t) => {
	const { path } = program(t, "exec 0<&-");
	const batch = Array.from({ length: 1000 }, () => entryOf(SCAN));
	t.equal(await sinkOf([path]).deliver(batch), undefined);
});

t.test("a child that stays behind holds nobody up", async (t) => {
	const { path, read } = program(t, `sleep 30 & echo $! >"$here/pid"`);
	const begun = performance.now();
	t.equal(await sinkOf([path]).deliver([entryOf(PROBE)]), undefined);
	t.ok(performance.now() - begun < 10_000);
	const pid = Number(read("pid"));
	t.ok(isAlive(pid), "it is not ours to end");
	process.kill(pid);
});

t.test("the timeout ends all of the process group", async (t) => {
	const { path, read } = program(
		t,
		`trap '' TERM; sleep 30 & echo $! >"$here/pid"; wait`,
	);
	const reason = await sinkOf([path], { timeout: 1500 }).deliver([
		entryOf(PROBE),
	]);
	t.match(reason, /killed after 1.5 s$/);
	const pid = Number(read("pid"));
	await waitFor("its child to end", () => !isAlive(pid));
});

t.test("several at once, and only what failed again", async (t) => {
	const { path, read } = program(
		t,
		`echo "$1" >>"$here/ran"; [ "$1" != 192.0.2.2 ] || [ -e "$here/go" ]`,
	);
	const batch = { ...CONFIG.batch, max: 1 };
	const sink = sinkOf([path, "{source.ip}"], { batch });
	const entries = [1, 2, 3].map((n) => ({
		...entryOf({ ...PROBE, source: { ip: `192.0.2.${n}` } }),
		id: `id-${n}`,
	}));
	t.match(await sink.deliver(entries), /exit 1$/);
	t.strictSame(read("ran").split("\n").sort(), [
		"",
		"192.0.2.1",
		"192.0.2.2",
		"192.0.2.3",
	]);
	writeFileSync(join(path, "../go"), "");
	t.equal(await sink.deliver(entries), undefined);
	t.equal(read("ran").split("\n").length, 5, "one more run");
	t.equal(await sink.deliver(entries.slice(0, 1)), undefined);
	t.equal(read("ran").split("\n").length, 6, "what comes later is new");
});

t.test("no shell is asked", async (t) => {
	const folder = t.testdir();
	const mark = join(folder, "mark");
	const entry = { time: 0, level: "notice", line: `; touch ${mark}` };
	await sinkOf(["/bin/echo", "{message}"]).deliver([entry]);
	t.throws(() => statSync(mark));
});
