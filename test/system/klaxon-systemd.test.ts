import t from "tap";
import {
	enterSandbox,
	isAlive,
	startSocketActivate,
	waitFor,
} from "./harness.ts";
import { alertLine, KLAXON, startLog, sum, touch } from "./klaxon.ts";

enterSandbox(import.meta.url);

const log = await startLog();
const HERE = "127.0.0.1";

/** Sockets as systemd passes them with Accept=no; it becomes klaxon at the first connection. */
const activate = (ports: number[], more: string[], klaxon: string[]) =>
	startSocketActivate([
		...ports.flatMap((port) => ["-l", String(port)]),
		...more,
		KLAXON,
		...klaxon,
	]);

/** The lines that it logged until it left. */
async function linesOf({ pid }: { pid: number }): Promise<string[]> {
	await waitFor("its end", () => !isAlive(pid));
	return (await log.messages()).sort();
}

t.test("many sockets, each with its name, in one process", async (t) => {
	const names = ["--fdname", "rexec:login:klaxon.socket"];
	const ports = [7001, 7002, 7003];
	const trap = await activate(ports, names, ["-n", "--idle", "0.5"]);
	t.teardown(() => trap.stop());
	const wanted: string[] = [];
	for (const address of [HERE, "::1"])
		for (const [i, service] of ["rexec", "login", "7003"].entries()) {
			const { from, to, said } = await touch(address, 7001 + i);
			t.equal(said, "");
			wanted.push(alertLine({ from, to, service }));
		}
	t.strictSame(await linesOf(trap), wanted.sort());
});

t.test("one socket; SERVICE is stronger than its name", async (t) => {
	const args = ["-n", "--idle", "0.5", "supdup"];
	const trap = await activate([7001], ["--fdname", "rexec"], args);
	t.teardown(() => trap.stop());
	const { from, to } = await touch(HERE, 7001);
	t.strictSame(await linesOf(trap), [
		alertLine({ from, to, service: "supdup" }),
	]);
});

t.test("a burst is served by one process, whose sums are exact", async (t) => {
	const trap = await activate([7001], [], ["-n", "--idle", "1", "rexec"]);
	t.teardown(() => trap.stop());
	for (let i = 0; i < 20; i++)
		await Promise.all(Array.from({ length: 20 }, () => touch(HERE, 7001)));
	t.ok(isAlive(trap.pid), "it waits for more");
	const lines = await linesOf(trap);
	t.equal(lines.length, 11, "ten and a fold");
	t.equal(sum(lines), 400);
});
