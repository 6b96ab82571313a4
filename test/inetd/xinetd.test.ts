import { readFileSync } from "node:fs";
import t from "tap";
import { portOf } from "../../src/trap/services.ts";
import { enterSandbox, root, startXinetd } from "../system/harness.ts";
import { makeStub, poke } from "./stub.ts";

enterSandbox(import.meta.url);

const PROGRAM = "/usr/local/sbin/klaxon";
const text = readFileSync(`${root}/inetd/xinetd.d/klaxon`, "utf8");
const services = readFileSync(`${root}/.peers/netbase/etc/services`, "utf8");

const stanzas = [...text.matchAll(/^service (\S+)\n\{\n(.*?)^\}/gms)].map(
	([, name = "", body = ""]) => {
		const pairs = body
			.trim()
			.split("\n")
			.map((line) => line.split("=").map((word) => word.trim()));
		const keys = pairs.map(([key]) => key);
		if (new Set(keys).size !== keys.length) throw new Error(`twice in ${name}`);
		return { name, ...Object.fromEntries(pairs) } as Record<string, string>;
	},
);

const port = ({ name = "", type, port, protocol }: Record<string, string>) =>
	type === "UNLISTED"
		? Number(port)
		: portOf(name, protocol === "udp" ? "udp" : "tcp", services);

t.test("one stanza is switched on: the first test's", async (t) => {
	const on = stanzas.filter(({ disable }) => disable !== "yes");
	t.match(on, [{ name: "tcpmux", wait: "yes", disable: "no" }]);
});

t.test("every stanza is whole", async (t) => {
	t.ok(stanzas.length > 4, `${stanzas.length} stanzas`);
	for (const stanza of stanzas) {
		const { name = "", protocol } = stanza;
		t.match(
			stanza,
			{
				id: `klaxon-${name}`,
				flags: "IPv6 NOLIBWRAP",
				socket_type: protocol === "udp" ? "dgram" : "stream",
				user: "nobody",
				server: PROGRAM,
				server_args: /^(?:--ident )?(?:--read 64 )?\w+$/,
				passenv: "",
				log_on_success: "",
				log_on_failure: "HOST",
			},
			name,
		);
		t.type(port(stanza), "number", `Debian knows ${name}, or it is unlisted`);
		if (stanza.wait === "no")
			t.match(stanza, {
				instances: /^\d+$/,
				per_source: /^\d+$/,
				cps: /^\d+ 1$/,
			});
	}
});

t.test("xinetd takes every stanza", async (t) => {
	const stub = makeStub();
	const conf = text
		.replaceAll(/(disable\s*=) yes/g, "$1 no")
		.replaceAll(PROGRAM, stub.path);
	const xinetd = await startXinetd(conf);
	t.notMatch(xinetd.output(), /ERROR|WARNING|CRITICAL/);
	for (const stanza of stanzas)
		await poke(stanza.protocol ?? "", port(stanza) ?? 0, "127.0.0.1");
	const starts = await stub.starts(stanzas.length);
	t.strictSame(
		starts.map(({ args }) => args).sort(),
		stanzas.map(({ server_args }) => server_args).sort(),
	);
	for (const { args, env } of starts)
		t.strictSame(Object.keys(env), ["REMOTE_HOST"], `${args}: nothing more`);
	t.match(
		Object.fromEntries(starts.map(({ args, env }) => [args, env.REMOTE_HOST])),
		{ klogin: "::ffff:127.0.0.1", tcpmux: "<no address>" },
		"the peer's address for a connection only",
	);
	t.notMatch(xinetd.output(), /ERROR|WARNING|CRITICAL/);
	await xinetd.stop();
	await stub.stop();
});

t.test("a trap is heard over IPv6, too, from its one socket", async (t) => {
	const stub = makeStub();
	const xinetd = await startXinetd(text.replaceAll(PROGRAM, stub.path));
	await poke("tcp", 1, "::1");
	t.match(await stub.starts(1), [{ args: "tcpmux" }]);
	await xinetd.stop();
	await stub.stop();
});
