/** `make install`, without a network, and what it leaves under a real inetd. */
import {
	cpSync,
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	readlinkSync,
	rmSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from "node:fs";
import { join } from "node:path";
import t, { type Test } from "tap";
import { enterSandbox, must, privileged, root, run } from "./harness.ts";
import { startLog, sum, USER } from "./klaxon.ts";
import { FALLBACK, openFallback, trial } from "./trial.ts";

enterSandbox(import.meta.url);

/** A copy, so that nothing that make may do reaches the checkout; times matter to make. */
const CHECKOUT = "/tmp/checkout";
mkdirSync(CHECKOUT);
for (const name of readdirSync(root)) {
	if (/^(dist|scripts|src|Makefile|package.*\.json)$/.test(name))
		cpSync(join(root, name), join(CHECKOUT, name), {
			recursive: true,
			preserveTimestamps: true,
		});
}
// Read-only: make would run `npm ci` where package.json is the newer, and that begins by removing all.
const modules = `${root}/node_modules`;
await must("/usr/bin/mount", ["--bind", modules, modules]);
await must("/usr/bin/mount", ["-o", "remount,bind,ro", modules]);
symlinkSync(modules, `${CHECKOUT}/node_modules`);
await must("/usr/bin/mount", ["-t", "tmpfs", "local", "/usr/local"]);

const log = await startLog();

/** Runs make as somebody whose files nobody else may read. */
const make = (...args: string[]) =>
	must("/bin/sh", ["-c", 'umask 077; exec make "$@"', "sh", ...args], {
		cwd: CHECKOUT,
		timeout: 30_000,
	});

/** What `node` is for the machine: another version, or the one that is needed. */
function systemNode(version: "old" | "broken" | "new"): void {
	rmSync("/usr/local/bin/node", { force: true });
	mkdirSync("/usr/local/bin", { recursive: true });
	if (version === "new") {
		symlinkSync(process.execPath, "/usr/local/bin/node");
		return;
	}
	const says = version === "old" ? "echo 22" : "exit 1";
	writeFileSync("/usr/local/bin/node", `#!/bin/sh\n${says}\n`, { mode: 0o755 });
}

/** Every file below a folder, with its content's size and its mode. */
function filesIn(folder: string): Record<string, string> {
	const names = readdirSync(folder, { recursive: true }) as string[];
	const files: Record<string, string> = {};
	for (const name of names.sort()) {
		const { mode, size } = statSync(join(folder, name));
		files[name] = `${(mode & 0o777).toString(8)} ${size}`;
	}
	return files;
}

/** The runtimes that a program's launcher names. */
function nodesOf(program: string): string[] {
	const head = readFileSync(program, "latin1").split("\n", 2).join("\n");
	return [...new Set(head.match(/\/[^' ;]*\/node\b/g))];
}

/** What install makes, made before. */
function openLogs(): void {
	openFallback();
	writeFileSync("/var/log/tocsin.log", "");
}

/** tocsin runs from there, finding what it shares with klaxon. */
async function speaks(t: Test, program: string) {
	const { code, stdout } = await run(program, ["-V"]);
	t.match([code, stdout], [0, /^tocsin /]);
	const libpcap = `${root}/.peers/libpcap`;
	const { stdout: checked } = await run(program, ["check"], {
		env: {
			TOCSIN_LIBPCAP: `${libpcap}/libpcap.so.0.8`,
			LD_LIBRARY_PATH: libpcap,
		},
	});
	t.match(checked, /^ok +libpcap/m);
}

/** It rings under inetd, as nobody, in both modes, with its parts. */
async function rings(t: Test, program: string) {
	for (const [mode, args] of [
		["nowait", "-n"],
		["wait", "-n --ident"],
	] as const) {
		const { said, code } = await trial({ mode, args, program, user: USER });
		t.strictSame([said, code], ["", 0], mode);
		t.equal(sum(await log.messages()), 1, "the alert");
	}
}

t.test("the system's Node is too old, or none: a private copy", async (t) => {
	for (const version of ["broken", "old"] as const) {
		systemNode(version);
		if (!privileged) openLogs(); // there is no nobody to give them to
		const said = await make("install", "PREFIX=/tmp/one");
		t.match(said, /^installed \/tmp\/one\/sbin\/klaxon and tocsin, run by /m);
		const lib = "/tmp/one/lib/klaxon";
		t.equal(statSync(`${lib}/node`).size, statSync(process.execPath).size);
		for (const program of ["klaxon", "tocsin"]) {
			t.strictSame(nodesOf(`${lib}/${program}`), [`${lib}/node`]);
			const link = readlinkSync(`/tmp/one/sbin/${program}`);
			t.equal(link, `../lib/klaxon/${program}`);
		}
	}
	await rings(t, "/tmp/one/sbin/klaxon");
	await speaks(t, "/tmp/one/sbin/tocsin");
});

t.test("every part is there, for everybody to read", async (t) => {
	const parts = readdirSync(`${CHECKOUT}/dist/klaxon.d`).sort();
	t.ok(parts.includes("koffi.node"));
	t.strictSame(readdirSync("/tmp/one/lib/klaxon/klaxon.d").sort(), parts);
	for (const [name, file] of Object.entries(filesIn("/tmp/one")))
		t.match(file, /^(755|644) /, name);
	for (const program of ["klaxon", "tocsin"])
		t.equal(statSync(`/tmp/one/lib/klaxon/${program}`).mode & 0o777, 0o755);
});

t.test("make install, and again", async (t) => {
	const before = filesIn("/tmp/one");
	await make("install", "PREFIX=/tmp/one");
	t.strictSame(filesIn("/tmp/one"), before, "changes nothing");
	await rings(t, "/tmp/one/sbin/klaxon");
});

if (privileged)
	t.test("nobody may write the fallback files", async (t) => {
		for (const file of [FALLBACK, "/var/log/tocsin.log"]) {
			const { mode, uid } = statSync(file);
			t.strictSame([mode & 0o777, uid], [0o640, 65534], file);
		}
		writeFileSync(FALLBACK, "kept\n");
		await make("install", "PREFIX=/tmp/one");
		t.equal(readFileSync(FALLBACK, "utf8"), "kept\n", "and it is kept");
	});

t.test(
	"the system's Node is new enough: it gets security updates",
	async (t) => {
		systemNode("new");
		await make("install", "PREFIX=/tmp/one");
		for (const program of ["klaxon", "tocsin"])
			t.strictSame(nodesOf(`/tmp/one/lib/klaxon/${program}`), [
				"/usr/local/bin/node",
			]);
		t.notOk(existsSync("/tmp/one/lib/klaxon/node"), "the private copy is gone");
		await rings(t, "/tmp/one/sbin/klaxon");
		await speaks(t, "/tmp/one/sbin/tocsin");
	},
);

t.test("make uninstall leaves nothing", async (t) => {
	mkdirSync("/tmp/one/lib/other");
	await make("uninstall", "PREFIX=/tmp/one");
	t.strictSame(Object.keys(filesIn("/tmp/one")), ["lib", "lib/other", "sbin"]);
	await make("uninstall", "PREFIX=/tmp/one");
});

t.test("DESTDIR: for another place", async (t) => {
	systemNode("old");
	rmSync(FALLBACK, { force: true });
	await make("install", "DESTDIR=/tmp/stage");
	const lib = "/usr/local/lib/klaxon";
	for (const program of ["klaxon", "tocsin"]) {
		const nodes = nodesOf(`/tmp/stage${lib}/${program}`);
		t.strictSame(nodes, [`${lib}/node`], "not the stage's");
	}
	t.notOk(existsSync(FALLBACK), "this machine's log is left alone");
	t.notOk(existsSync(lib));
	cpSync("/tmp/stage/usr/local", "/usr/local", {
		recursive: true,
		verbatimSymlinks: true,
	});
	await make("uninstall", "DESTDIR=/tmp/stage");
	t.strictSame(
		Object.keys(filesIn("/tmp/stage")).filter((name) =>
			/klaxon|tocsin/.test(name),
		),
		[],
	);
	await rings(t, "/usr/local/sbin/klaxon");
	rmSync("/usr/local/lib", { recursive: true });
	rmSync("/usr/local/sbin", { recursive: true });
});

t.test("a PREFIX with a blank", async (t) => {
	systemNode("new");
	openLogs();
	mkdirSync("/tmp/two");
	writeFileSync("/tmp/two/other", "");
	const prefix = "PREFIX=/tmp/two three";
	await make("install", prefix);
	for (const program of ["klaxon", "tocsin"]) {
		const { code, stdout } = await run(`/tmp/two three/sbin/${program}`, [
			"-V",
		]);
		t.match([code, stdout], [0, new RegExp(`^${program} `)]);
	}
	await make("uninstall", prefix);
	t.notOk(existsSync("/tmp/two three/lib/klaxon"));
	t.ok(existsSync("/tmp/two/other"), "uninstalls that and nothing else");
});
