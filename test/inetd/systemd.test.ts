import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import t from "tap";
import { enterSandbox, must, peer, root, run } from "../system/harness.ts";

enterSandbox(import.meta.url);

const SERVICES = ["klaxon.service", "klaxon@.service"] as const;
/** The highest exposure, of 0 to 10, that systemd-analyze may see. Debian 12's says 1.1; each version has its own idea. */
const EXPOSURE = 1.5;

const read = (unit: string) =>
	readFileSync(`${root}/inetd/systemd/${unit}`, "utf8");

const OURS = Object.fromEntries(
	["klaxon.socket", ...SERVICES].map((unit) => [unit, read(unit)]),
);

/** All values of a directive, in order. */
const values = (text: string, key: string) =>
	[...text.matchAll(new RegExp(`^${key}=(.*)$`, "gm"))].map(([, v]) => v);

// What the units start must exist where they say; the sandbox's /usr/local/sbin is its own.
await must("mount", ["-t", "tmpfs", "sbin", "/usr/local/sbin"]);
writeFileSync("/usr/local/sbin/klaxon", "#!/bin/sh\n", { mode: 0o755 });

/** A folder of units: ours, and those given in addition or instead. */
function install(more: Record<string, string> = {}): string {
	const folder = mkdtempSync("/tmp/units-");
	const units = { ...OURS, ...more };
	for (const [path, text] of Object.entries(units)) {
		mkdirSync(dirname(`${folder}/${path}`), { recursive: true });
		writeFileSync(`${folder}/${path}`, text);
	}
	return folder;
}

/** What systemd has against the units; nothing, it is to be hoped. */
async function complaints(
	units: string[],
	more?: Record<string, string>,
): Promise<string> {
	const folder = install(more);
	const { code, stdout, stderr } = await run(peer("systemd-analyze"), [
		"verify",
		...units.map((unit) => `${folder}/${unit}`),
	]);
	return code === 0 ? stdout + stderr : `exit ${code}: ${stdout}${stderr}`;
}

t.test("systemd has nothing against the units", async (t) => {
	t.equal(await complaints(["klaxon.socket", "klaxon.service"]), "");
	t.equal(await complaints(["klaxon@.service"]), "");
});

t.test("it would tell", async (t) => {
	const unknown = {
		"klaxon.service": `${read("klaxon.service")}[Service]\nBogus=1\n`,
	};
	t.match(
		await complaints(["klaxon.service"], unknown),
		/Unknown key( name)? 'Bogus'/,
	);
	const missing = {
		"klaxon.service": read("klaxon.service").replace(
			"sbin/klaxon",
			"sbin/missing",
		),
	};
	t.match(
		await complaints(["klaxon.service"], missing),
		"missing is not executable",
	);
});

t.test("klaxon-nowait.conf makes it Accept=yes", async (t) => {
	const path = "klaxon.socket.d/nowait.conf";
	const text = read("klaxon-nowait.conf");
	t.equal(await complaints(["klaxon.socket"], { [path]: text }), "");
	const keeping = text.replace(/^ListenStream=\n/m, "");
	t.not(keeping, text);
	t.match(
		await complaints(["klaxon.socket"], { [path]: keeping }),
		"Refusing",
		"datagrams can't be accepted",
	);
});

t.test(
	"the socket of its own that klaxon.socket's comment shows",
	async (t) => {
		const lines = read("klaxon.socket")
			.split("\n")
			.filter((line) => line.startsWith("#   "))
			.map((line) => line.slice(4));
		const unit = lines.slice(lines.indexOf("[Socket]")).join("\n");
		t.match(unit, /^FileDescriptorName=rexec$/m);
		const ports = read("klaxon.socket").replace(/^ListenStream=512\n/m, "");
		const extra = { "klaxon-rexec.socket": unit, "klaxon.socket": ports };
		t.equal(
			await complaints(["klaxon-rexec.socket", "klaxon.socket"], extra),
			"",
		);
	},
);

for (const unit of SERVICES)
	t.test(`${unit} is well fenced`, async (t) => {
		const { stdout } = await run(peer("systemd-analyze"), [
			"security",
			"--offline=true",

			`${install()}/${unit}`,
		]);
		const [, level] = /exposure level for \S+: ([\d.]+)/.exec(stdout) ?? [];
		t.ok(Number(level) <= EXPOSURE, `exposure ${level}`);
		if (!(Number(level) <= EXPOSURE)) t.comment(stdout);
		const text = read(unit);
		t.strictSame(values(text, "MemoryDenyWriteExecute"), [], "V8 compiles");
		t.strictSame(
			values(text, "(?:StandardOutput|StandardError)"),
			["journal", "journal"],
			"never the peer's socket",
		);
		t.strictSame(
			values(text, "StartLimitIntervalSec"),
			["0"],
			"no number of starts switches the trap off",
		);
	});

t.test("both services stand behind the same fence", async (t) => {
	const fence = (unit: string) =>
		/^DynamicUser=[\s\S]*?^SystemCallErrorNumber=.*$/m
			.exec(read(unit))?.[0]
			.replaceAll(/^#.*\n/gm, "");
	t.equal(fence(SERVICES[1]), fence(SERVICES[0]));
	t.ok(fence(SERVICES[0]));
	t.strictSame(
		values(read(SERVICES[1]), "ExecStart"),
		values(read(SERVICES[0]), "ExecStart"),
	);
});

t.test("an attacker can't switch the sockets off", async (t) => {
	t.strictSame(values(read("klaxon.socket"), "TriggerLimitIntervalSec"), ["0"]);
	t.strictSame(values(read("klaxon-nowait.conf"), "TriggerLimit.*"), []);
});

t.test("no web page can make its readers touch these ports", async (t) => {
	// https://fetch.spec.whatwg.org/#port-blocking, as far as 1024
	const blocked = [
		1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79,
		87, 95, 101, 102, 103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135,
		137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531,
		532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995,
	];
	for (const port of values(read("klaxon.socket"), "ListenStream"))
		t.ok(
			blocked.includes(Number(port)),
			`port ${port}, as jail.d/klaxon.conf says`,
		);
});
