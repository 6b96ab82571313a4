import { readFileSync } from "node:fs";
import { connect } from "node:net";
import t from "tap";
import { enterSandbox, isAlive, waitFor } from "./harness.ts";
import { startTraps, touch } from "./klaxon.ts";

enterSandbox(import.meta.url);

const PORT = 7001;
const CHUNK = Buffer.alloc(1 << 20, "x");
const MEGABYTES = 100;

/** kB; the most memory that a process ever held. */
const peak = (pid: number): number =>
	Number(
		/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1],
	);

/** Sends 100 MB, or as much of it as the other side lets us; how much it was, and what was answered. */
async function pour(): Promise<{ sent: number; said: string }> {
	const socket = connect(PORT, "127.0.0.1");
	let said = "";
	let closed = false;
	socket.on("error", () => {}); // hanging up on us is its right
	socket.on("data", (chunk) => {
		said += chunk;
	});
	const end = new Promise<void>((resolve) => {
		socket.on("close", () => {
			closed = true;
			resolve();
		});
	});
	const drained = () =>
		new Promise<void>((resolve) => socket.once("drain", resolve));
	for (let i = 0; i < MEGABYTES && !closed; i++)
		if (!socket.write(CHUNK)) await Promise.race([drained(), end]);
	const sent = socket.bytesWritten;
	socket.destroy();
	await end;
	return { sent, said };
}

for (const read of ["0", "64", "1500"])
	t.test(`a peer that pours costs no memory: --read ${read}`, async (t) => {
		const args = ["-n", "--read", read, "-l", `127.0.0.1:${PORT}`];
		const trap = await startTraps(
			[...args, "--syslog", "stdout:", "--user", "root"],
			[PORT],
		);
		t.teardown(() => trap.stop());
		await touch("127.0.0.1", PORT, { send: "x".repeat(2000) });
		const before = peak(trap.pid);
		const pours = await Promise.all(Array.from({ length: 5 }, pour));
		t.equal(pours.map(({ said }) => said).join(""), "", "nothing is answered");
		await waitFor(
			"the alerts",
			() => (trap.output().match(/ALERT/g)?.length ?? 0) >= 6,
		);
		const grown = peak(trap.pid) - before;
		t.ok(grown < 10_000, `grew by ${grown} kB`);
		t.ok(isAlive(trap.pid));
	});

t.test(
	"silent peers are let go after two seconds, and all are told",
	async (t) => {
		const args = ["-n", "--read", "64", "-l", `127.0.0.1:${PORT}`];
		const trap = await startTraps(
			[...args, "--syslog", "stdout:", "--user", "root"],
			[PORT],
		);
		t.teardown(() => trap.stop());
		const begun = performance.now();
		const peers = Array.from({ length: 200 }, (_, i) =>
			touch("127.0.0.1", PORT, { from: `127.0.1.${i + 1}` }),
		);
		const touches = await Promise.all(peers);
		const took = performance.now() - begun;
		t.ok(took > 1900 && took < 6000, `${took} ms`);
		await waitFor(
			"the alerts",
			() => (trap.output().match(/ALERT/g)?.length ?? 0) >= 200,
		);
		for (const { from } of touches)
			if (!trap.output().includes(`sport=${from.port} `))
				t.fail(`${from.address} is missing`);
		t.equal(trap.output().match(/ALERT/g)?.length, 200);
	},
);
