/** `make run`: what it says, what it starts, and that it leaves nothing behind. */

import {
	chmodSync,
	cpSync,
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	symlinkSync,
	writeFileSync,
} from "node:fs";
import t from "tap";
import {
	enterSandbox,
	peer,
	privileged,
	root,
	run,
	start,
	waitFor,
} from "../system/harness.ts";

enterSandbox(import.meta.url);

/** In a folder that only root may enter, as a clone in /root. */
const CHECKOUT = "/tmp/home/checkout";
mkdirSync(CHECKOUT, { recursive: true });
chmodSync("/tmp/home", 0o700);
for (const name of ["dist", "scripts"])
	cpSync(`${root}/${name}`, `${CHECKOUT}/${name}`, { recursive: true });
mkdirSync(`${CHECKOUT}/.peers`);
cpSync(`${root}/.peers/libpcap`, `${CHECKOUT}/.peers/libpcap`, {
	recursive: true,
});
symlinkSync(`${root}/node_modules`, `${CHECKOUT}/node_modules`);

const RUN = `${CHECKOUT}/scripts/run.sh`;

/** Command lines that name the folder it makes. */
const processes = () =>
	readdirSync("/proc")
		.filter((name) => /^\d+$/.test(name))
		.map((pid) => {
			try {
				return readFileSync(`/proc/${pid}/cmdline`, "latin1");
			} catch {
				return "";
			}
		})
		.filter((line) => line.includes("/tmp/klaxon-run."));

const folders = () =>
	readdirSync("/tmp").filter((name) => name.startsWith("klaxon-run."));

/** Started by real root: both programs, as somebody who can't read the checkout. */
const startBoth = () =>
	start(RUN, [], (_, output) => /watching lo/.test(output), {
		env: { PORT: "1" },
	});

if (privileged) {
	t.test("root sees what both programs tell", async (t) => {
		const both = await startBoth();
		t.match(
			both.output(),
			/^a trap on 127\.0\.0\.1 port 1 and a watch on lo: try 'telnet localhost 1' and '.*nmap -sS localhost'/,
		);
		t.equal(processes().length, 2);
		await run("/bin/bash", ["-c", ": </dev/tcp/127.0.0.1/1"]);
		await waitFor("the trap", () =>
			/accessing port tcpmux/.test(both.output()),
		);
		await run(peer("nmap"), ["-n", "-sS", "-p", "2-100", "127.0.0.1"]);
		await waitFor("the watch", () =>
			/scanning \d+ ports of 127\.0\.0\.1/.test(both.output()),
		);
		await both.stop("SIGINT");
		t.equal(await both.ended, 0);
		t.match(both.output(), /ALERT: sensor stop:/, "to the last line");
		t.notMatch(both.output(), /^(?:tocsin|klaxon): /m, "and nothing else");
		t.strictSame([processes(), folders()], [[], []], "nothing is left");
	});

	t.test("SIGTERM, SIGHUP", async (t) => {
		for (const signal of ["SIGTERM", "SIGHUP"] as const) {
			const both = await startBoth();
			await both.stop(signal);
			t.strictSame([processes(), folders()], [[], []], signal);
		}
	});

	t.test("the machine's logs are left alone", async (t) => {
		t.notOk(existsSync("/var/log/klaxon.log"));
		t.notOk(existsSync("/var/log/tocsin.log"));
	});
}

t.test("without root: the trap alone, and why", async (t) => {
	mkdirSync("/tmp/bin");
	writeFileSync("/tmp/bin/id", "#!/bin/sh\necho 1000\n", { mode: 0o755 });
	writeFileSync(`${CHECKOUT}/dist/klaxon`, '#!/bin/sh\necho "klaxon $*"\n');
	const { code, stdout } = await run(RUN, [], {
		env: { PORT: "7001", PATH: "/tmp/bin:/usr/bin:/bin" },
	});
	t.equal(code, 0);
	t.strictSame(stdout.split("\n"), [
		"a trap on 127.0.0.1 port 7001: try 'telnet localhost 7001' in another terminal; Ctrl-C ends it",
		"tocsin needs root (sudo make run): only CAP_NET_RAW may listen to the wire",
		"klaxon --listen 127.0.0.1:7001 --syslog stdout:",
		"",
	]);
	t.strictSame(folders(), []);
});
