import { spawn } from "node:child_process";
import { once } from "node:events";
import {
	existsSync,
	lstatSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	symlinkSync,
	writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import t from "tap";
import { openControl } from "../../src/handover/server.ts";
import { line, open, scratch, visit, worldAt } from "./guest.ts";

/** A socket whose owner was killed. */
async function stale(path: string): Promise<void> {
	const code = `require("net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 9))`;
	await once(spawn(process.execPath, ["-e", code], { env: {} }), "exit");
}

async function answers(t: Parameters<typeof visit>[0], path: string) {
	const guest = visit(t, path);
	guest.say(line({ status: true }));
	return (await guest.answers())[0];
}

t.test("for everybody, whatever the umask, and gone at the end", async (t) => {
	const path = `${scratch(t)}/run/tocsin.sock`;
	const before = process.umask(0o077);
	t.teardown(() => process.umask(before));
	const control = await open(t, { path });
	t.equal(lstatSync(path).mode & 0o7777, 0o666);
	t.same(readdirSync(dirname(path)), ["tocsin.sock", "tocsin.sock.lock"]);
	t.same(await answers(t, path), { fine: true });
	await control.close();
	t.same(readdirSync(dirname(path)), ["tocsin.sock.lock"]);
});

t.test("a stale socket is replaced", async (t) => {
	const path = `${scratch(t)}/sock`;
	await stale(path);
	t.ok(lstatSync(path).isSocket());
	await open(t, { path });
	t.same(await answers(t, path), { fine: true });
});

t.test("a second one is told, and the first goes on", async (t) => {
	const { path } = await open(t);
	t.equal(
		await openControl(worldAt(path)),
		`another tocsin answers at ${path}: stop it, or name another file with socket`,
	);
	t.same(await answers(t, path), { fine: true });
});

t.test("of many at once one wins", async (t) => {
	for (const prepare of [() => {}, stale]) {
		const path = `${scratch(t)}/sock`;
		await prepare(path);
		const all = await Promise.all(
			Array.from({ length: 8 }, () => openControl(worldAt(path))),
		);
		const winners = all.filter((control) => typeof control !== "string");
		t.equal(winners.length, 1);
		t.same(await answers(t, path), { fine: true });
		for (const control of winners) await control.close();
		t.same(readdirSync(dirname(path)), ["sock.lock"]);
	}
});

t.test("what is no socket stays", async (t) => {
	const folder = scratch(t);
	const path = `${folder}/sock`;
	const refusal = `${path} is there and no socket: remove it, or name another file with socket`;
	writeFileSync(path, "precious");
	t.equal(await openControl(worldAt(path)), refusal);
	t.equal(readFileSync(path, "utf8"), "precious");
	const link = `${folder}/link`;
	symlinkSync(`${folder}/elsewhere`, link);
	t.match(await openControl(worldAt(link)), /link is there and no socket/);
	const directory = `${folder}/directory`;
	mkdirSync(directory);
	t.match(await openControl(worldAt(directory)), /is there and no socket/);
	t.same(
		readdirSync(folder).filter((name) => !name.endsWith(".lock")),
		["directory", "link", "sock"],
	);
});

t.test("where it can't be, that is told", async (t) => {
	const folder = scratch(t);
	writeFileSync(`${folder}/file`, "");
	t.match(
		await openControl(worldAt(`${folder}/file/sock`)),
		/^can't listen at .*\/file\/sock: E(NOTDIR|EXIST)/,
	);
	const long = `${folder}/${"x".repeat(100)}`;
	t.match(await openControl(worldAt(long)), /longer than 107 bytes/);
	t.notOk(existsSync(long));
	const whole = `${folder}/${"x".repeat(106 - folder.length)}`;
	const { path } = await open(t, { path: whole });
	t.same(await answers(t, path), { fine: true }, "107 bytes will do");
});

t.test("two in two processes, the first of which is killed", async (t) => {
	const path = `${scratch(t)}/sock`;
	const module = `${import.meta.dirname}/../../src/handover/server.ts`;
	const code = `
		const { openControl } = await import(${JSON.stringify(module)});
		const allowed = { handover: () => true, subscribe: () => true };
		const status = () => ({ pid: process.pid });
		const control = await openControl({ path: ${JSON.stringify(path)}, now: Date.now, allowed, status });
		console.log(typeof control);`;
	const child = spawn(process.execPath, ["--input-type=module", "-e", code], {
		env: {},
	});
	const [said] = await once(child.stdout, "data");
	t.equal(String(said), "object\n");
	t.match(await openControl(worldAt(path)), /^another tocsin answers at/);
	t.same(await answers(t, path), { pid: child.pid });
	child.kill("SIGKILL");
	await once(child, "exit");
	await open(t, { path });
	t.same(await answers(t, path), { fine: true });
});
