import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import t from "tap";
import type { ExecSink } from "../../src/config/sinktypes.ts";
import { execSink } from "../../src/delivery/exec.ts";
import { PROBE, SCAN } from "../alert/samples.ts";
import { entryOf, TELLER } from "../delivery/world.ts";
import { addHost, enterSandbox, must, peer, run } from "./harness.ts";

enterSandbox(import.meta.url);

const CONFIG: ExecSink = {
	type: "exec",
	name: "exec",
	argv: [],
	timeout: 5000,
	atOnce: 4,
	batch: { gather: 0, every: 0, max: 1 },
};
const sinkOf = (...argv: string[]) => execSink({ ...CONFIG, argv }, TELLER);

t.test("a script that shuts the source out", async (t) => {
	const evil = await addHost("evil");
	const ping = () =>
		run(peer("ping"), ["-c", "1", "-W", "1", evil.ipv4]).then((r) => r.code);
	t.equal(await ping(), 0);
	const argv = [peer("ip"), "route", "add", "blackhole", "{source.ip}/32"];
	const alert = { ...SCAN, source: { ip: evil.ipv4 } };
	t.equal(await sinkOf(...argv).deliver([entryOf(alert)]), undefined);
	t.match(await must(peer("ip"), ["route"]), `blackhole ${evil.ipv4}`);
	t.not(await ping(), 0);
	t.match(
		await sinkOf(...argv).deliver([entryOf(alert)]),
		/ip: exit 2: RTNETLINK answers: File exists$/,
	);
});

t.test("a shell script gets values that stay values", async (t) => {
	mkdirSync("/tmp/e");
	writeFileSync(
		"/tmp/e/notify",
		'#!/bin/sh\necho "$KLAXON_KIND from $KLAXON_SOURCE_IP: $1" >>/tmp/e/log\n',
	);
	chmodSync("/tmp/e/notify", 0o755);
	const hostile = { ...PROBE, source: { ip: "192.0.2.7", name: "$(touch x)" } };
	const sink = sinkOf("/tmp/e/notify", "{source.domain}");
	t.equal(await sink.deliver([entryOf(hostile)]), undefined);
	t.equal(
		readFileSync("/tmp/e/log", "utf8"),
		"probe from 192.0.2.7: $(touch x)\n",
	);
});

t.test("no descriptor and no process left", async (t) => {
	const module = (name: string) =>
		JSON.stringify(new URL(name, import.meta.url).href);
	const script = `
		import { openSync } from "node:fs";
		import { execSink } from ${module("../../src/delivery/exec.ts")};
		const sink = execSink(${JSON.stringify({ ...CONFIG, argv: ["/bin/true"] })}, { version: "2", hostname: "x" });
		const entry = { time: 0, level: "notice", line: "x" };
		if (process.argv[1] === "files") try { for (;;) openSync("/dev/null"); } catch {}
		console.log(await sink.deliver([entry]));`;
	const limited = (limit: string, what: string) =>
		must("/usr/bin/prlimit", [
			limit,
			...[process.execPath, "--input-type=module", "-e", script, what],
		]);
	t.equal(
		await limited("--nofile=64", "files"),
		"/bin/true: too many open files: it is tried again\n",
	);
	t.equal(await limited("--nofile=1024", "nothing"), "undefined\n");
});
