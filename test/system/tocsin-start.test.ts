/** Who tocsin becomes, what it needs, and what it says where that is missing. */
import {
	chmodSync,
	cpSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import t, { type Test } from "tap";
import {
	enterSandbox,
	must,
	peer,
	privileged,
	type Result,
	root,
	run,
	start,
	startRsyslog,
} from "./harness.ts";
import { environment, startTocsin, TOCSIN } from "./tocsin.ts";

enterSandbox(import.meta.url);

const env = environment;
const tocsin = (...args: string[]) => run(TOCSIN, args, { env });
const SETPRIV = "/usr/bin/setpriv";
/** An ordinary user. */
const GAMES = ["--reuid=5", "--regid=60", "--clear-groups"];

/** A line of /proc/PID/status. */
const statusOf = (pid: number, key: string): string =>
	new RegExp(`^${key}:[ \\t]*(.*?)[ \\t]*$`, "m").exec(
		readFileSync(`/proc/${pid}/status`, "latin1"),
	)?.[1] ?? "none";

/** One sentence on standard error, and an exit code. */
function isRefused(
	t: Test,
	result: Result,
	code: number,
	sentence: RegExp,
): void {
	t.strictSame([result.code, result.signal], [code, null], result.stderr);
	t.match(result.stderr, sentence);
	t.equal(result.stderr.split("\n").length, 2, "one line");
	t.equal(result.stdout, "");
}

/** No right but CAP_NET_RAW (bit 13), no way to another, and none for the programs it starts. */
function hasNetRawOnly(t: Test, pid: number): void {
	for (const set of ["CapInh", "CapPrm", "CapEff", "CapBnd"])
		t.equal(statusOf(pid, set), "0000000000002000", set);
	t.equal(statusOf(pid, "CapAmb"), "0000000000000000", "CapAmb");
	t.equal(statusOf(pid, "NoNewPrivs"), "1");
}

/** All its IDs; a namespace that knows only one user shows that as root. */
function isUser(t: Test, pid: number, uid: number, gid: number): void {
	const four = (id: number) =>
		new Array(4).fill(privileged ? id : 0).join("\t");
	t.equal(statusOf(pid, "Uid"), four(uid));
	t.equal(statusOf(pid, "Gid"), four(gid));
	if (privileged) t.equal(statusOf(pid, "Groups"), "");
}

t.test("root becomes nobody with CAP_NET_RAW alone", async (t) => {
	const program = await startTocsin();
	isUser(t, program.pid, 65_534, 65_534);
	hasNetRawOnly(t, program.pid);
	await run(peer("nmap"), ["-sT", "-n", "-Pn", "-p", "23", "127.0.0.1"]);
	await program.waitFor("a probe", ({ event }) => event.action === "probe");
	await program.finish();
	t.equal(await program.ended, 0);
});

t.test("--user", async (t) => {
	const program = await startTocsin(["--user", "games"]);
	isUser(t, program.pid, 5, 60);
	hasNetRawOnly(t, program.pid);
	await program.finish();
	isRefused(
		t,
		await tocsin("--user", "nosuchuser"),
		77,
		/^tocsin: unknown user 'nosuchuser': it is not in \/etc\/passwd\n$/,
	);
	isRefused(
		t,
		await tocsin("--user", "root"),
		77,
		/^tocsin: user 'root' is root: tocsin never stays root, name another with --user\n$/,
	);
});

if (privileged)
	t.test("an ordinary user needs CAP_NET_RAW and nothing else", async (t) => {
		const rights = ["--inh-caps=+net_raw", "--ambient-caps=+net_raw"];
		const program = await start(
			SETPRIV,
			[...GAMES, ...rights, TOCSIN, "watch", "--json"],
			(_, output) => output.includes('"state":"start"'),
			{ env },
		);
		t.equal(statusOf(program.pid, "CapEff"), "0000000000002000");
		isUser(t, program.pid, 5, 60);
		await program.stop();
		const without = await run(SETPRIV, [...GAMES, TOCSIN], { env });
		isRefused(
			t,
			without,
			77,
			/^tocsin: no right to capture: start tocsin as root \(it becomes an ordinary user\), or with CAP_NET_RAW \(see inetd\/systemd\/tocsin\.service\)\n$/,
		);
	});
else t.pass("no other user here than the one");

t.test("root without CAP_NET_RAW", async (t) => {
	const bounds = ["--bounding-set=-net_raw", "--inh-caps=-net_raw"];
	isRefused(
		t,
		await run(SETPRIV, [...bounds, TOCSIN], { env }),
		77,
		/^tocsin: can't become user 'nobody' with CAP_NET_RAW: setpriv: .+\n$/,
	);
});

/** A copy of what `make build` made. */
function copy(): string {
	const folder = mkdtempSync("/tmp/copy-");
	cpSync(`${root}/dist`, folder, { recursive: true });
	chmodSync(folder, 0o755);
	return folder;
}

if (privileged)
	t.test("a program that the user can't read", async (t) => {
		const folder = copy();
		chmodSync(folder, 0o700);
		isRefused(
			t,
			await run(`${folder}/tocsin`, [], { env }),
			77,
			/^tocsin: user 'nobody' can't read \/tmp\/copy-\w+\/tocsin: run tocsin from where everybody may \(make install\), or name another user with --user\n$/,
		);
	});

t.test("without setpriv", async (t) => {
	const script = `mkdir /run/real /run/fewer
		mount --bind /usr/bin /run/real
		ln -s /run/real/* /run/fewer
		rm /run/fewer/setpriv
		mount --bind /run/fewer /usr/bin
		exec ${TOCSIN}`;
	isRefused(
		t,
		await run("/usr/bin/unshare", ["--mount", "/bin/sh", "-c", script], {
			env,
		}),
		77,
		/^tocsin: setpriv is missing: install util-linux, or start tocsin as a user with CAP_NET_RAW\n$/,
	);
});

t.test("without libpcap", async (t) => {
	const missing = { env: { TOCSIN_LIBPCAP: "/nonexistent" } };
	isRefused(
		t,
		await run(TOCSIN, [], missing),
		69,
		/^tocsin: libpcap is missing: install the package libpcap0\.8 \(Debian, Ubuntu\) or libpcap \(.+\)\n$/,
	);
	const check = await run(TOCSIN, ["check"], missing);
	t.equal(check.code, 69);
	t.match(check.stdout, /^NO {2}capture: libpcap is missing: install/m);
});

/** A capture without packets. */
const EMPTY = "/tmp/empty.pcap";
writeFileSync(
	EMPTY,
	Buffer.from("d4c3b2a1020004000000000000000000ffff000001000000", "hex"),
);

t.test("without koffi what needs no capture still works", async (t) => {
	for (const harm of [
		(file: string) => rmSync(file),
		(file: string) => writeFileSync(file, "no library"),
	]) {
		const folder = copy();
		harm(`${folder}/klaxon.d/koffi.node`);
		const program = `${folder}/tocsin`;
		const sentence =
			/^tocsin: koffi, the bridge to libpcap, can't be loaded: install klaxon anew \(.+\)\n$/;
		isRefused(t, await run(program, [], { env }), 69, sentence);
		t.equal((await run(program, ["replay", EMPTY], { env })).code, 0);
		t.match(
			(await run(program, ["--help"], { env })).stdout,
			/^tocsin \[watch\]/,
		);
	}
});

t.test("a refusal stands in syslog as well", async (t) => {
	const rsyslog = await startRsyslog();
	await tocsin("--user", "nosuchuser");
	const [line] = await rsyslog.waitForLines(1);
	t.match(line, {
		facility: "auth",
		severity: "err",
		app: "tocsin",
		message: "tocsin: unknown user 'nosuchuser': it is not in /etc/passwd",
	});
	await rsyslog.stop();
	rmSync("/dev/log", { force: true });
});

for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const)
	t.test(`${signal} ends it, and what is open is told`, async (t) => {
		const program = await startTocsin();
		await run(peer("nmap"), ["-sS", "-n", "-Pn", "-p", "1-30", "127.0.0.1"]);
		await program.waitFor("a scan", ({ event }) => event.action === "scan");
		await program.stop(signal);
		t.equal(await program.ended, 0);
		const all = program.alerts();
		t.match(all.at(-2), {
			event: { action: "scan" },
			klaxon: { phase: "end" },
		});
		t.match(all.at(-1), { klaxon: { state: "stop" } });
	});

t.test("check tells what would not work", async (t) => {
	const { code, stdout } = await tocsin("check");
	t.equal(code, 69);
	const lines = stdout.split("\n");
	t.ok(lines.includes("ok  interface lo: can be watched"), stdout);
	if (privileged)
		t.ok(
			lines.includes("ok  user nobody: can run this, with CAP_NET_RAW alone"),
		);
	t.ok(
		lines.includes(
			"NO  syslog of this machine: nobody listens at /dev/log: start a syslog daemon",
		),
	);
	const fallback = "/var/log/tocsin.log";
	if (privileged) {
		const advice = `install -o nobody -m 640 /dev/null ${fallback}`;
		const sentence = `NO  fallback ${fallback}: nobody can't make it: ${advice}`;
		t.ok(lines.includes(sentence), stdout);
		await must("/bin/sh", ["-c", advice]);
	}
	const rsyslog = await startRsyslog();
	const well = await tocsin("check");
	t.equal(well.code, 0, well.stdout);
	t.notMatch(well.stdout, /^NO/m);
	await rsyslog.stop();
	writeFileSync("/tmp/bad.toml", '[watch]\nscope = "all"\n');
	const bad = await tocsin("check", "-c", "/tmp/bad.toml");
	isRefused(
		t,
		bad,
		78,
		/^tocsin: \/tmp\/bad\.toml:2:9: scope: 'all' is none of host, segment\n$/,
	);
	const none = ["--bounding-set=-all", "--inh-caps=-all"];
	const denied = await run(
		SETPRIV,
		[...(privileged ? GAMES : []), ...none, TOCSIN, "check"],
		{ env },
	);
	t.equal(denied.code, 77);
	t.match(denied.stdout, /^NO {2}interface lo: no right to capture: /m);
});
