import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import t from "tap";
import { parseConfig } from "../../src/config/config.ts";
import { checkWatch } from "../../src/watch/check.ts";
import { checkFile, checkSinks, type May } from "../../src/watch/checksinks.ts";
import { report } from "../../src/watch/finding.ts";
import { mergeOptions, type WatchOptions } from "../../src/watch/merge.ts";
import { parseOptions } from "../../src/watch/options.ts";
import { createFake } from "../capture/fake.ts";

function optionsOf(toml = ""): WatchOptions {
	const config = parseConfig("tocsin.toml", toml);
	if (Array.isArray(config)) throw new Error(config.join("\n"));
	return mergeOptions("check", parseOptions(["check"]).options, config);
}

/** The lines of a check on a machine that has only `lo`, and its exit code; those of lures, users and sinks apart. */
function check(
	toml = "",
	change: (fake: ReturnType<typeof createFake>) => void = () => {},
) {
	const fake = createFake("/dev/null");
	fake.plug("lo");
	change(fake);
	const all = checkWatch(optionsOf(toml), fake.lib);
	const end = all.findIndex(({ what }) =>
		/^(?:invented|user|syslog)/.test(what),
	);
	const lines: string[] = [];
	const code = report(all.slice(0, end), (line) => lines.push(line));
	return { code, lines };
}

t.test("all is well", async (t) => {
	const { code, lines } = check();
	t.equal(code, 0);
	t.equal(lines.length, 4);
	t.equal(
		lines[0],
		"ok  ports: 63 of TCP, 13 of UDP are watched, scope host\n",
	);
	t.match(lines[1], /^ok {2}addresses: \d+ of this host's own\n$/);
	t.strictSame(lines.slice(2), [
		"ok  none\n",
		"ok  interface lo: can be watched\n",
	]);
});

t.test("a list that excepts everything", async (t) => {
	const { code, lines } = check(
		'[watch]\ntcp = [23]\nudp = [69]\nexcept = "all"\n',
	);
	t.equal(code, 78);
	t.equal(
		lines[0],
		"NO  ports: none is watched, 'except' takes away all that 'tcp' and 'udp' name: single probes are not told, only scans\n",
	);
	const icmp = check('[watch]\nprotocols = ["icmp"]\n');
	t.equal(icmp.code, 0, "whose protocols have no ports");
});

t.test("destinations that are none of ours", async (t) => {
	const foreign = check('[watch]\nto = ["203.0.113.0/24"]\n');
	t.equal(foreign.code, 78);
	t.equal(
		foreign.lines[1],
		'NO  to: holds none of this host\'s addresses: nothing is judged; set scope = "segment" to judge what goes to others\n',
	);
	t.equal(check('[watch]\nto = ["127.0.0.0/8"]\n').code, 0);
	t.equal(
		check('[watch]\nscope = "segment"\nto = ["203.0.113.0/24"]\n').code,
		0,
	);
});

t.test("interfaces", async (t) => {
	const none = check('[watch]\ninterfaces = ["nosuch*"]\n');
	t.equal(none.code, 71);
	t.equal(
		none.lines.at(-1),
		"NO  interfaces: none is up, or none matches (-i)\n",
	);
	const down = check("", ({ plug }) => plug("!lo"));
	t.equal(down.code, 71);
	const denied = check("", ({ errors }) =>
		errors.set("lo", { kind: "permission", message: "no" }),
	);
	t.equal(denied.code, 77);
	t.match(
		denied.lines.at(-1),
		/^NO {2}interface lo: no right to capture: start tocsin as root /,
	);
	const broken = check("", ({ errors }) =>
		errors.set("lo", { kind: "other", message: "no memory" }),
	);
	t.equal(broken.code, 71);
	t.equal(broken.lines.at(-1), "NO  interface lo: no memory\n");
});

t.test("without libpcap the rest is checked nevertheless", async (t) => {
	const all = checkWatch(optionsOf(), "libpcap is missing: install it");
	t.strictSame(all[2], {
		what: "capture",
		problem: { code: 69, why: "libpcap is missing: install it" },
	});
	t.ok(all.length > 4);
});

const findings = (toml: string, may: May) =>
	checkSinks({ ...optionsOf(toml), fallback: "/dev/none" }, may).map(
		({ what, problem }) =>
			problem ? `${problem.code} ${what}: ${problem.why}` : what,
	);

t.test("sinks, and the files they need", async (t) => {
	const dir = t.testdir();
	const toml = `
		[watch]
		evidence = "${dir}/e.pcapng"
		[[sink]]
		type = "file"
		path = "${dir}/none/alerts"
		[[sink]]
		type = "syslog"
		url = "tls://log.example.net?ca=${dir}/ca.pem"
		[[sink]]
		type = "syslog"
		url = "udp://log.example.net"`;
	const [, ...told] = findings(toml, (_, path) => path === dir);
	t.strictSame(told, [
		`73 file ${dir}/none/alerts: ${dir}/none doesn't exist: make it`,
		`78 syslog tls://log.example.net:6514: nobody can't read ${dir}/ca.pem`,
		"syslog udp://log.example.net:514: will be tried when there is something to tell",
		"73 fallback /dev/none: nobody can't make it: install -o nobody -m 640 /dev/null /dev/none",
		`evidence ${dir}/e.pcapng: will be made`,
	]);
});

t.test("a file", async (t) => {
	const dir = t.testdir();
	const [file, folder] = [`${dir}/file`, `${dir}/folder`];
	writeFileSync(file, "");
	chmodSync(file, 0o640);
	mkdirSync(folder);
	const whyOf = (path: string, may: boolean) =>
		checkFile("file", path, "games", () => may).problem?.why;
	t.equal(whyOf(file, true), undefined);
	t.equal(whyOf(file, false), `games can't write it: chown games ${file}`);
	t.equal(whyOf(folder, true), "is no file");
	t.equal(whyOf(`${folder}/new`, true), undefined);
});
