import { readFileSync } from "node:fs";
import t from "tap";
import { portOf } from "../../src/trap/services.ts";
import { enterSandbox, root, startInetd } from "../system/harness.ts";
import { makeStub, poke } from "./stub.ts";

enterSandbox(import.meta.url);

const PROGRAM = "/usr/local/sbin/klaxon";
const text = readFileSync(`${root}/inetd/inetd.conf`, "utf8");
/** Comments are `#` and a blank; a `#` right before a word switches a line off. */
const lines = text.split("\n").filter((line) => /^#?\w/.test(line));
const services = readFileSync(`${root}/.peers/netbase/etc/services`, "utf8");
const transport = (proto = "") => (proto.startsWith("udp") ? "udp" : "tcp");

const entries = lines.map((line) => {
	const [service = "", type, proto = "", mode, user, program, argv0, ...args] =
		line.replace(/^#/, "").split(/\s+/);
	const port = /^\d+$/.test(service)
		? Number(service)
		: portOf(service, transport(proto), services);
	return { service, type, proto, mode, user, program, argv0, args, port };
});

t.test("one line is switched on: the first test's", async (t) => {
	const on = text.split("\n").filter((line) => /^[^#\s]/.test(line));
	t.strictSame(
		on.map((line) => line.split(/\s+/)),
		[`tcpmux stream tcp wait nobody ${PROGRAM} klaxon tcpmux`.split(" ")],
	);
});

t.test("every line is whole", async (t) => {
	t.ok(entries.length > 20, `${entries.length} lines`);
	for (const entry of entries) {
		const { service, type, proto, mode, user, program, argv0 } = entry;
		const name = `${service}/${proto}`;
		t.equal(type, transport(proto) === "udp" ? "dgram" : "stream", name);
		t.match(proto, /^(?:tcp|udp)6?$/, name);
		t.match(mode, transport(proto) === "udp" ? /^wait$/ : /^(?:no)?wait/, name);
		t.strictSame([user, program, argv0], ["nobody", PROGRAM, "klaxon"], name);
		t.match(entry.args.join(" "), /^(?:--ident )?(?:--read 64 )?\w+$/, name);
		t.type(entry.port, "number", `Debian knows ${name}`);
		const old = ["rexec", "link", "supdup", "rje"]; // names Debian has not
		t.ok([service, ...old].includes(entry.args.at(-1) ?? ""), `names ${name}`);
	}
	const keys = entries.map(({ port, proto }) => `${port}/${transport(proto)}`);
	t.strictSame(keys, [...new Set(keys)], "no port twice");
});

t.test("ident where it makes sense", async (t) => {
	const ident = entries.filter(({ args }) => args.includes("--ident"));
	t.strictSame(
		ident.map(({ service }) => service).sort(),
		["imap2", "login", "netstat", "nntp", "pop3", "shell", "systat"],
		"the ancestor's list, but for talk and ntalk, which are UDP",
	);
	const without = ["auth", "echo", "chargen", "tftp", "uucp", "ftp"];
	for (const service of without)
		t.ok(entries.some((entry) => entry.service === service, service));
});

t.test("RPC services are no traps", async (t) => {
	t.notMatch(entries, [{ service: /\// }, { proto: /rpc/ }]);
});

for (const kind of ["openbsd", "inetutils"] as const)
	t.test(`${kind}-inetd takes every line`, async (t) => {
		const stub = makeStub();
		const conf = lines
			.map((line) => line.replace(/^#/, "").replace(PROGRAM, stub.path))
			.join("\n");
		const inetd = await startInetd(kind, `${conf}\n`);
		for (const { proto, port = 0 } of entries)
			await poke(proto, port, proto.endsWith("6") ? "::1" : "127.0.0.1");
		const starts = await stub.starts(entries.length);
		t.strictSame(
			starts.map(({ args }) => args).sort(),
			entries.map(({ args }) => args.join(" ")).sort(),
		);
		await inetd.stop();
		await stub.stop();
	});

for (const [kind, proto] of [
	["openbsd", "tcp"],
	["inetutils", "tcp6"],
] as const)
	t.test(`${kind}-inetd hears IPv4 and IPv6 with ${proto}`, async (t) => {
		const stub = makeStub();
		const line = `systat stream ${proto} nowait nobody ${stub.path} klaxon systat`;
		const inetd = await startInetd(kind, `${line}\n`);
		await poke(proto, 11, "127.0.0.1");
		await poke(proto, 11, "::1");
		await stub.starts(2);
		t.pass("both");
		await inetd.stop();
		await stub.stop();
	});
