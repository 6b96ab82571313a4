import { existsSync, writeFileSync } from "node:fs";
import t from "tap";
import { CONFIG_FILE } from "../../src/watch/command.ts";
import { loadOptions } from "../../src/watch/load.ts";
import { parseOptions } from "../../src/watch/options.ts";

const dir = t.testdir();

function load(...argv: string[]) {
	const { action, options } = parseOptions(argv);
	if (action === "help" || action === "version") throw new Error(action);
	return loadOptions(action, options);
}

t.test("without the usual file, the defaults", async (t) => {
	if (existsSync(CONFIG_FILE)) return t.pass(`${CONFIG_FILE} exists here`);
	t.match(load("watch"), { scope: "host", user: "nobody" });
});

t.test("a file that is named must be there", async (t) => {
	t.strictSame(load("watch", "-c", `${dir}/none.toml`), [
		`can't read the configuration: ENOENT: no such file or directory, open '${dir}/none.toml'`,
	]);
});

t.test("the file, and the command line over it", async (t) => {
	const file = `${dir}/good.toml`;
	writeFileSync(file, '[watch]\nuser = "daemon"\nscope = "segment"\n');
	t.match(load("-c", file), { scope: "segment", user: "daemon" });
	t.match(load("-c", file, "--user", "games"), { user: "games" });
});

t.test("what is wrong with it, all of it", async (t) => {
	const file = `${dir}/bad.toml`;
	writeFileSync(file, '[watch]\nscope = "all"\nports = [1]\n');
	t.strictSame(load("check", "-c", file), [
		`${file}:2:9: scope: 'all' is none of host, segment`,
		`${file}:3:1: unknown key 'ports': known are interfaces, scope, tcp, udp, except, protocols, to, home, ip_options, evidence, evidence_size, user`,
	]);
});
