/** scripts/libpcap.sh, where there is nothing to fetch: a sandbox has no network. */
import {
	cpSync,
	mkdirSync,
	readdirSync,
	symlinkSync,
	writeFileSync,
} from "node:fs";
import t from "tap";
import { enterSandbox, root, run } from "../system/harness.ts";

enterSandbox(import.meta.url);

const CHECKOUT = "/tmp/checkout";
const FOLDER = `${CHECKOUT}/.peers/libpcap`;
cpSync(`${root}/scripts`, `${CHECKOUT}/scripts`, { recursive: true });
mkdirSync(`${CHECKOUT}/.peers`);
symlinkSync(`${root}/.peers/libpcap`, FOLDER);

/** What a command is told, where ldconfig(8) names `libraries`. */
async function told(libraries: string, env: NodeJS.ProcessEnv = {}) {
	mkdirSync("/tmp/bin", { recursive: true });
	writeFileSync("/tmp/bin/ldconfig", `#!/bin/sh\nprintf '${libraries}'\n`, {
		mode: 0o755,
	});
	const { code, stdout, stderr } = await run(
		`${CHECKOUT}/scripts/libpcap.sh`,
		["/bin/sh", "-c", 'echo "$TOCSIN_LIBPCAP|$LD_LIBRARY_PATH"'],
		{ env: { PATH: "/tmp/bin:/usr/bin:/bin", ...env } },
	);
	return [code, stdout, stderr];
}

const line = (name: string) =>
	`\\t${name} (libc6,x86-64) => /lib/x86_64-linux-gnu/${name}\\n`;

t.test("the machine's own needs no word", async (t) => {
	t.strictSame(await told(line("libpcap.so.0.8")), [0, "|\n", ""]);
	t.strictSame(await told(line("libpcap.so.1")), [0, "|\n", ""]);
});

t.test("somebody's choice is left alone", async (t) => {
	const env = { TOCSIN_LIBPCAP: "/opt/libpcap.so" };
	t.strictSame(await told("", env), [0, "/opt/libpcap.so|\n", ""]);
});

t.test("what was fetched is named, with what it needs", async (t) => {
	for (const [libraries, before, after] of [
		["", "", ""],
		[line("libpcap.so.0.80"), "", ""],
		["", "/opt/lib", ":/opt/lib"],
	] as const)
		t.strictSame(await told(libraries, { LD_LIBRARY_PATH: before }), [
			0,
			`${FOLDER}/libpcap.so.0.8|${FOLDER}${after}\n`,
			"",
		]);
	t.ok(readdirSync(FOLDER).includes("libpcap.so.0.8"));
});

t.test("it loads", async (t) => {
	const koffi = `${root}/dist/klaxon.d/koffi.node`;
	const load = `const pcap = require("${koffi}").load(process.env.TOCSIN_LIBPCAP);
		console.log(pcap.func("const char *pcap_lib_version()")());`;
	const { code, stdout } = await run(`${CHECKOUT}/scripts/libpcap.sh`, [
		process.execPath,
		"-e",
		load,
	]);
	t.match([code, stdout], [0, /^libpcap version 1\./]);
});

t.test("a command that fails", async (t) => {
	const { code } = await run(`${CHECKOUT}/scripts/libpcap.sh`, [
		"/bin/sh",
		"-c",
		"exit 7",
	]);
	t.equal(code, 7);
});
