import { mkdirSync, writeFileSync } from "node:fs";
import t from "tap";
import { parseConfig } from "../../src/config/config.ts";
import { checkLures, checkState } from "../../src/watch/checklures.ts";
import { report } from "../../src/watch/finding.ts";
import { mergeOptions } from "../../src/watch/merge.ts";
import { parseOptions } from "../../src/watch/options.ts";
import { createFake } from "../capture/fake.ts";

/** What is said of lures on a machine that has only `lo`. */
function lures(toml = ""): string[] {
	const config = parseConfig("tocsin.toml", toml);
	if (Array.isArray(config)) throw new Error(config.join("\n"));
	const fake = createFake("/dev/null");
	fake.plug("lo");
	const { options } = parseOptions(["check"]);
	const merged = mergeOptions("check", options, config);
	return checkLures(merged, fake.lib).map(({ what }) => what);
}

t.test("what is asked", async (t) => {
	t.same(lures(), [
		"invented names: asked for every 60 s, from nowhere: no Ethernet interface is up",
		"DHCP servers: none listed, the first is learned; asked for every 300 s",
		"DHCPv6 servers: none listed, the first is learned; asked for every 300 s",
		"routers of IPv6: none listed, the first is learned; asked for every 300 s",
	]);
	t.same(
		lures(
			'[poison]\nevery = 0\n[dhcp]\nevery = 20\nservers = []\n[ra]\nrouters = ["fe80::1"]\n',
		),
		[
			"invented names: never asked for, from nowhere: no Ethernet interface is up",
			"DHCP servers: 0 listed; asked for every 20 s",
			"DHCPv6 servers: none listed, the first is learned; asked for every 300 s",
			"routers of IPv6: 1 listed; asked for every 300 s",
		],
	);
});

t.test("where what was learned is kept", async (t) => {
	const folder = t.testdir();
	const said = (state: string | undefined, may: boolean) => {
		const lines: string[] = [];
		const findings = checkState(state, "nobody", () => may);
		const code = report(findings, (line) => lines.push(line));
		return [code, ...lines];
	};
	t.same(said(undefined, true), [0]);
	t.same(said(folder, true), [
		0,
		`ok  state ${folder}: 0 servers and routers learned\n`,
	]);
	t.same(said(`${folder}/new`, true), [
		0,
		`ok  state ${folder}/new: will be made\n`,
	]);
	writeFileSync(`${folder}/file`, "");
	t.same(said(`${folder}/file`, true), [
		73,
		`NO  state ${folder}/file: is no directory\n`,
	]);
	mkdirSync(`${folder}/damaged`);
	writeFileSync(`${folder}/damaged/learned.json`, "{");
	t.same(said(`${folder}/damaged`, true), [
		65,
		`NO  state ${folder}/damaged: ${folder}/damaged/learned.json is cut off or damaged: remove it, and tocsin will learn anew\n`,
	]);
});
