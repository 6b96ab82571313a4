import { createSocket } from "node:dgram";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import t from "tap";
import {
	enterSandbox,
	must,
	peer,
	startDnsmasq,
	useResolver,
	waitFor,
} from "./harness.ts";
import { at, startTraps, touch } from "./klaxon.ts";

enterSandbox(import.meta.url);

const PORT = 7001;
const SIX = "2001:db8::9";

await must(peer("ip"), ["address", "add", `${SIX}/128`, "dev", "lo", "nodad"]);

/** The line of a touch from `from`. Each trap is a new one, which remembers no name. */
async function lineOf(from: string, to = "127.0.0.1"): Promise<string> {
	const args = ["-l", at(to, PORT), "--syslog", "stdout:", "--user", "root"];
	const trap = await startTraps(args, [PORT]);
	await touch(to, PORT, { from });
	await waitFor("a line", () => trap.output().endsWith("\n"));
	await trap.stop();
	return trap.output();
}

t.test("DNS", async (t) => {
	const dnsmasq = await startDnsmasq({
		hosts: { "evil.example.net": "127.0.0.9", "six.example.net": SIX },
		pointers: {
			"127.0.0.10": "bank.example.com",
			"127.0.0.11": "evil.example.net",
		},
	});
	t.teardown(() => dnsmasq.stop());

	t.match(
		await lineOf("127.0.0.9"),
		/ dport=7001 name="evil\.example\.net"\n$/,
	);
	t.match(await lineOf(SIX, SIX), / dport=7001 name="six\.example\.net"\n$/);
	t.match(
		await lineOf("127.0.0.10"),
		/host 127\.0\.0\.10 .* dport=7001\n$/,
		"a name without an address is none",
	);
	t.match(
		await lineOf("127.0.0.11"),
		/host 127\.0\.0\.11 .* dport=7001\n$/,
		"a name that leads to somebody else is none",
	);
	t.match(dnsmasq.output(), /query\[A\] evil\.example\.net from/);
});

t.test("/etc/hosts comes first", async (t) => {
	writeFileSync("/etc/hosts", "127.0.0.12 printer.lan printer\n");
	t.match(await lineOf("127.0.0.12"), / name="printer\.lan"\n$/);
});

t.test("a resolver that is silent delays the alert by a second", async (t) => {
	const silent = createSocket("udp4").bind(53, "127.0.0.53");
	await once(silent, "listening");
	let asked = 0;
	silent.on("message", () => asked++);
	t.teardown(() => silent.close());
	useResolver("127.0.0.53");
	const args = ["-l", at("127.0.0.1", PORT), "--syslog", "stdout:"];
	const trap = await startTraps([...args, "--user", "root"], [PORT]);
	t.teardown(() => trap.stop());
	const begun = performance.now();
	await touch("127.0.0.1", PORT, { from: "127.0.0.13" });
	await waitFor("a line", () => trap.output().endsWith("\n"));
	const took = performance.now() - begun;
	t.match(trap.output(), /host 127\.0\.0\.13 .* dport=7001\n$/);
	t.ok(asked > 0, "it was asked");
	t.ok(took > 900 && took < 2000, `${took} ms`);
});
