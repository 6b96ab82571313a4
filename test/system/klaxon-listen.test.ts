import { chmodSync, cpSync, readFileSync, statSync } from "node:fs";
import t, { type Test } from "tap";
import {
	connectAndReset,
	enterSandbox,
	listeningPorts,
	type Program,
	privileged,
	root,
	run,
	startOidentd,
	waitFor,
} from "./harness.ts";
import {
	alertLine,
	at,
	KLAXON,
	startLog,
	startTraps,
	touch,
	USER,
} from "./klaxon.ts";

enterSandbox(import.meta.url);

const HERE = "127.0.0.1";

const lineIn = (trap: Program, pattern: RegExp) =>
	waitFor(`${pattern}`, () =>
		trap
			.output()
			.split("\n")
			.find((line) => pattern.test(line)),
	);

/** Starts traps that end with the test and tell on their standard output. */
async function traps(t: Test, args: string[], ports: number[]) {
	const trap = await startTraps([...args, "--user", USER], ports);
	t.teardown(() => trap.stop());
	return trap;
}

t.test(
	"many ports, TCP and UDP, of both families, in one process",
	async (t) => {
		const list = ["-l", "7001-7003,udp:7004", "-l", at("::1", 7005)];
		const args = ["-n", ...list, "--syslog", "stdout:"];
		const trap = await traps(t, args, [7001, 7002, 7003, 7004, 7005]);
		t.strictSame(
			[...new Set(listeningPorts(trap.pid))].sort(),
			[7001, 7002, 7003, 7004, 7005],
		);
		for (const [address, port] of [
			[HERE, 7001],
			["::1", 7003],
			["::1", 7005],
		] as const) {
			const { from, to } = await touch(address, port);
			const line = await lineIn(trap, new RegExp(`sport=${from.port} `));
			const text = alertLine({ from, to, service: String(port) });
			t.equal(line.replace(/^\S+ /, ""), text);
		}
	},
);

t.test(
	"root becomes nobody, and can still do all it was asked to",
	{ skip: !privileged && "needs root" },
	async (t) => {
		const log = await startLog();
		const oidentd = await startOidentd();
		// Nobody can't read this checkout: what is needed later must have been loaded before.
		const folder = "/tmp/hidden";
		cpSync(`${root}/dist`, folder, { recursive: true });
		chmodSync(folder, 0o755);
		const args = [
			"--ident",
			"-l",
			`${HERE}:1`,
			"--fallback",
			"/var/log/trap.log",
			"tcpmux",
		];
		const trap = await startTraps(args, [1], { program: `${folder}/klaxon` });
		t.teardown(() => Promise.all([trap.stop(), log.stop(), oidentd.stop()]));
		await waitFor("nobody", () => /^Uid:(\t65534){4}$/m.test(status(trap)));
		chmodSync(folder, 0o700);
		t.match(status(trap), /^Gid:(\t65534){4}$/m);
		t.match(status(trap), /^Groups:\t\s*$/m);
		t.match(status(trap), /^CapEff:\t0+$/m);

		await touch(HERE, 1);
		const [line] = await log.waitForLines(({ message }) =>
			message.startsWith("ALERT"),
		);
		t.match(line?.message, / user="root" name="localhost"$/);
		const { port } = await connectAndReset(HERE, 1);
		await log.waitForLines(({ message }) => message.includes(`sport=${port} `));
		await log.stop();
		await touch(HERE, 1);
		await waitFor(
			"the fallback file",
			() => statSync("/var/log/trap.log").size > 0,
		);
		t.match(
			readFileSync("/var/log/trap.log", "utf8"),
			/ALERT: host 127\.0\.0\.1 /,
		);
		t.equal(await end(trap), 69);
	},
);

/** Its exit code after SIGTERM. */
async function end(trap: Program) {
	await trap.stop();
	return trap.ended;
}

const status = ({ pid }: Program) =>
	readFileSync(`/proc/${pid}/status`, "utf8");

t.test("--json: ECS objects, and nothing else", async (t) => {
	const trap = await traps(t, ["-n", "-l", `${HERE}:7001`, "--json"], [7001]);
	const { from } = await touch(HERE, 7001);
	const line = await lineIn(trap, /ALERT/);
	t.match(JSON.parse(line), {
		event: { kind: "alert", action: "connection" },
		source: { ip: from.address, port: from.port },
		destination: { ip: HERE, port: 7001 },
		network: { transport: "tcp" },
		observer: { product: "klaxon", hostname: "trap", version: /^\d/ },
	});
});

t.test("SIGTERM tells the folds first", async (t) => {
	const trap = await traps(
		t,
		["-n", "-l", `${HERE}:7001`, "--syslog", "stdout:"],
		[7001],
	);
	for (let i = 0; i < 14; i++) await touch(HERE, 7001);
	t.equal(await end(trap), 0);
	const lines = trap.output().trim().split("\n");
	t.equal(lines.length, 11);
	t.match(
		lines[10],
		/ accessing port 7001 4 more times in \ds kind=connection proto=tcp dst=127\.0\.0\.1 dport=7001 count=4$/,
	);
});

t.test("a port that can't be opened is named, and why", async (t) => {
	const trap = await traps(
		t,
		["-n", "-l", `${HERE}:7001`, "--syslog", "stdout:"],
		[7001],
	);
	const again = await run(KLAXON, ["-l", `${HERE}:7001`]);
	t.equal(again.code, 71);
	t.equal(
		again.stderr,
		"klaxon: tcp port 7001 on 127.0.0.1 is in use; trap only ports that serve nothing\n",
	);
	const elsewhere = await run(KLAXON, ["-l", "192.0.2.77:7001"]);
	t.equal(elsewhere.code, 71);
	t.match(
		elsewhere.stderr,
		/^klaxon: tcp port 7001 on 192\.0\.2\.77: .*EADDRNOTAVAIL/,
	);
	t.ok(trap);
	const who = await run(KLAXON, ["-l", "7009", "--user", "no-such-user"]);
	if (privileged) {
		t.equal(who.code, 77);
		t.match(who.stderr, /unknown user 'no-such-user'/);
	}
});

t.test(
	"a port below 1024 is not for everybody",
	{ skip: !privileged && "the sandbox's own root may" },
	async (t) => {
		const args = [
			"--reuid=65534",
			"--regid=65534",
			"--clear-groups",
			KLAXON,
			"-l",
			`${HERE}:1`,
		];
		const { code, stderr } = await run("/usr/bin/setpriv", args);
		t.equal(code, 71);
		t.match(
			stderr,
			/tcp port 1 on 127\.0\.0\.1: permission denied; ports below 1024 need root/,
		);
	},
);
