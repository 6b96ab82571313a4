import t from "tap";
import {
	connectAndReset,
	type End,
	enterSandbox,
	type Peer,
	privileged,
	startInetd,
	startXinetd,
	waitFor,
} from "./harness.ts";
import {
	alertLine,
	inetdLine,
	type Log,
	startLog,
	startTraps,
	xinetdService,
} from "./klaxon.ts";

enterSandbox(import.meta.url);

const PORT = 7001;
const RESETS = 200;
const log = await startLog();

/** Resets as many connections, each from an address of its own: a source's eleventh would be folded. */
async function resetAll(count: number): Promise<End[]> {
	const ends: End[] = [];
	for (let i = 0; i < count; i++)
		ends.push(await connectAndReset("127.0.0.1", PORT, `127.0.1.${i + 1}`));
	return ends;
}

/** Waits for so many lines of klaxon's. */
async function messagesOf(log: Log, count: number): Promise<string[]> {
	const all: string[] = [];
	const told = async () => {
		all.push(...(await log.messages()));
		return all.length >= count;
	};
	await waitFor(`${count} lines`, told, 20_000);
	return all;
}

const line = (from: End) =>
	alertLine({
		from,
		to: { address: "127.0.0.1", port: PORT },
		service: "rexec",
	});

const servers: Record<string, () => Promise<Peer>> = {
	"openbsd-inetd, wait": () =>
		startInetd("openbsd", inetdLine(PORT, "-n rexec", { wait: "wait" })),
	"xinetd, wait": () =>
		startXinetd(xinetdService("trap", PORT, "-n rexec", { wait: true })),
	"--listen": () => {
		const user = privileged ? "nobody" : "root";
		const args = ["-n", "-l", `127.0.0.1:${PORT}`, "--user", user, "rexec"];
		return startTraps(args, [PORT]);
	},
};

for (const [name, start] of Object.entries(servers))
	t.test(`${name}: every peer that reset at once is named`, async (t) => {
		const server = await start();
		t.teardown(() => server.stop());
		const ends = await resetAll(RESETS);
		const lines = await messagesOf(log, RESETS);
		t.strictSame(lines.sort(), ends.map(line).sort());
		await server.stop();
		t.strictSame(await log.messages(), [], "and nobody else");
	});

/** These start a klaxon whatever has become of the connection. */
const oneByOne: Record<string, () => Promise<Peer>> = {
	inetutils: () => startInetd("inetutils", inetdLine(PORT, "-n rexec")),
	xinetd: () => startXinetd(xinetdService("trap", PORT, "-n rexec")),
};

for (const [name, start] of Object.entries(oneByOne))
	t.test(
		`${name}, nowait: there is an alert, which never names a wrong one`,
		async (t) => {
			const server = await start();
			t.teardown(() => server.stop());
			const from = await connectAndReset("127.0.0.1", PORT, "127.0.2.1");
			const [told] = await messagesOf(log, 1);
			const known = line(from);
			const unknown =
				/^ALERT: host unknown accessing port rexec kind=connection proto=tcp dst=127\.0\.0\.1 dport=7001$/;
			const address =
				/^ALERT: host 127\.0\.2\.1 accessing port rexec kind=connection proto=tcp dst=127\.0\.0\.1 dport=7001$/;
			t.ok(
				told === known || unknown.test(`${told}`) || address.test(`${told}`),
			);
			t.comment(told);
		},
	);
