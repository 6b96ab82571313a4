import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import t from "tap";
import type { FileSink } from "../../src/config/sinktypes.ts";
import { fileSink } from "../../src/delivery/file.ts";
import { PROBE } from "../alert/samples.ts";
import { entryOf, TELLER } from "../delivery/world.ts";
import { enterSandbox, must } from "./harness.ts";

enterSandbox(import.meta.url);

const CONFIG: FileSink = {
	type: "file",
	name: "file",
	path: "/tmp/small/alerts.json",
	format: "json",
	size: 0,
	keep: 1,
	batch: { gather: 0, every: 0, max: 1 },
};

t.test("a full disk, and room again", async (t) => {
	mkdirSync("/tmp/small");
	await must("/usr/bin/mount", [
		...["-t", "tmpfs", "-o", "size=64k", "tmpfs", "/tmp/small"],
	]);
	writeFileSync("/tmp/small/ballast", "x".repeat(16_384));
	const sink = fileSink(CONFIG, TELLER);
	const taken: string[] = [];
	let refused = 0;
	let why: string | undefined;
	const deliver = async () => {
		const id = `id-${taken.length + refused}`;
		const reason = await sink.deliver([entryOf(PROBE, id)]);
		if (reason === undefined) taken.push(id);
		else {
			refused++;
			why = reason;
		}
	};
	while (refused < 3) await deliver();
	t.match(why, /ENOSPC|no space left on device/);
	const before = taken.length;
	t.ok(before > 40, `${before} fitted`);
	rmSync("/tmp/small/ballast");
	for (let i = 0; i < 5; i++) await deliver();
	t.equal(taken.length, before + 5, "back to normal");
	const whole: string[] = [];
	let torn = 0;
	for (const line of readFileSync(CONFIG.path, "utf8").split("\n"))
		try {
			whole.push(JSON.parse(line).event.id);
		} catch {
			if (line !== "") torn++;
		}
	t.strictSame(whole, taken, "what was taken stands there, whole");
	t.ok(torn <= 3, "a line at most for each that was refused");
});

t.test("logrotate: move, signal, and copytruncate", async (t) => {
	mkdirSync("/tmp/log");
	const path = "/tmp/log/alerts.json";
	const sink = fileSink({ ...CONFIG, path }, TELLER);
	await sink.deliver([entryOf(PROBE, "id-1")]);
	await must("/bin/mv", [path, `${path}.1`]);
	sink.reopen();
	await sink.deliver([entryOf(PROBE, "id-2")]);
	await must("/bin/sh", ["-c", `cp ${path} ${path}.2 && : >${path}`]);
	await sink.deliver([entryOf(PROBE, "id-3")]);
	const ids = ["", ".1", ".2"].map((suffix) =>
		readFileSync(path + suffix, "utf8")
			.trim()
			.split("\n")
			.map((line) => JSON.parse(line).event.id),
	);
	t.strictSame(ids, [["id-3"], ["id-1"], ["id-2"]]);
});
