import { readFileSync, writeFileSync } from "node:fs";
import t from "tap";
import { alertLine } from "../../src/alert/render.ts";
import { wallOut } from "../../src/delivery/wall.ts";
import { SCAN } from "../alert/samples.ts";
import { enterSandbox, must, privileged, start, waitFor } from "./harness.ts";

enterSandbox(import.meta.url);

/** <utmp.h>: bytes of struct utmp, where its fields stand, and the type of a person's login. */
const UTMP = { size: 384, pid: 4, line: 8, user: 44, seconds: 340 };
const USER_PROCESS = 7;

/** Logs somebody in at a terminal, as login(1) would. */
function logIn(user: string, line: string, pid: number): void {
	const record = Buffer.alloc(UTMP.size);
	record.writeInt16LE(USER_PROCESS);
	record.writeInt32LE(pid, UTMP.pid);
	record.write(line, UTMP.line);
	record.write(user, UTMP.user);
	record.writeInt32LE(Math.floor(Date.now() / 1000), UTMP.seconds);
	writeFileSync("/run/utmp", record);
}

t.test("real wall(1) and write(1)", async (t) => {
	const shell = await start(
		"/usr/bin/script",
		["-qfc", "tty; exec sleep 60", "/tmp/typescript"],
		(_, output) => output.includes("/dev/pts/"),
	);
	t.teardown(() => shell.stop("SIGKILL"));
	const line = /pts\/\d+/.exec(shell.output())?.[0] ?? "";
	logIn("root", line, shell.pid);
	const seen = () => readFileSync("/tmp/typescript", "latin1");

	t.equal(await wallOut([])([alertLine(SCAN)]), undefined);
	await waitFor("the alert", () => seen().includes("kind=scan"));
	t.match(seen(), /Broadcast message from root@trap/);

	t.equal(await wallOut([])(["\x1b[2J\x07 cleared"]), undefined);
	await waitFor("the other", () => seen().includes("cleared"));
	t.notMatch(seen(), "\x1b[2J", "wall itself makes controls visible");

	t.equal(await wallOut(["root", "joe"])(["just for you"]), undefined);
	await waitFor("what was written", () => seen().includes("just for you"));
	t.equal(await wallOut(["joe"])(["nobody is there"]), undefined);
});

if (privileged)
	t.test("who may write to no terminal says so", async (t) => {
		const module = JSON.stringify(
			new URL("../../src/delivery/wall.ts", import.meta.url).href,
		);
		const script = `import { wallOut } from ${module}; console.log(await wallOut([])(["x"]));`;
		const run = (...groups: string[]) =>
			must("/usr/bin/setpriv", [
				...["--reuid=65534", "--regid=65534", ...groups, "--no-new-privs"],
				...[process.execPath, "--input-type=module", "-e", script],
			]);
		t.match(
			await run("--clear-groups"),
			/^\/usr\/bin\/wall: not in group tty, so no terminal takes anything: /,
		);
		t.equal(await run("--groups=5"), "undefined\n");
	});
