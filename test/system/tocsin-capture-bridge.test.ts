/** Each packet is heard once, however many interfaces it passes. */
import { readFileSync } from "node:fs";
import t from "tap";
import { addHost, enterSandbox, must, peer, run, runIn } from "./harness.ts";
import { startTocsin, type Tocsin, type Told } from "./tocsin.ts";

enterSandbox(import.meta.url);

const ip = (...lines: string[]) =>
	must(peer("ip"), ["-batch", "-"], { input: lines.join("\n") });

await must("/bin/mount", ["-t", "sysfs", "sysfs", "/sys"]);
const alice = await addHost("alice");
const bob = await addHost("bob");

/** Interfaces that the start's alert names. */
const watched = (tocsin: Tocsin): string[] =>
	/watching (.*), scope/.exec(tocsin.alerts()[0].message)?.[1]?.split(", ") ??
	[];

const told = (port: number) => (one: Told) => one.destination?.port === port;

/** Datagrams to a port that nobody listens on, a moment apart. */
const datagrams = (target: string, port: number, count: number) =>
	`const s = require("node:dgram").createSocket("udp4");
	(async () => {
		for (let i = 0; i < ${count}; i++) {
			await new Promise((sent) => s.send("x", ${port}, "${target}", sent));
			await new Promise((go) => setTimeout(go, 20));
		}
		s.close();
	})()`;

/** How many packets the alerts about a port count, all together. */
const sum = (alerts: Told[], port: number): number =>
	alerts
		.filter(told(port))
		.reduce((all, { klaxon }) => all + (klaxon.count ?? 1), 0);

t.test("a bridge stands for its ports", async (t) => {
	const tocsin = await startTocsin([], {});
	t.strictSame(watched(tocsin).sort(), ["lan0", "lo"]);
	await runIn(alice, process.execPath, ["-e", datagrams("10.77.0.1", 69, 7)]);
	await tocsin.waitFor("a probe", told(69));
	const all = await tocsin.finish();
	t.equal(sum(all, 69), 7);
	t.strictSame(
		new Set(
			all
				.filter(told(69))
				.map(({ observer }) => observer.ingress.interface.name),
		),
		new Set(["lan0"]),
	);
});

t.test("what a bridge forwards is heard in scope segment, once", async (t) => {
	const tocsin = await startTocsin(["--segment"]);
	await runIn(alice, process.execPath, ["-e", datagrams(bob.ipv4, 69, 7)]);
	await tocsin.waitFor("a probe", told(69));
	t.equal(sum(await tocsin.finish(), 69), 7);
	const host = await startTocsin();
	await runIn(alice, process.execPath, ["-e", datagrams(bob.ipv4, 69, 3)]);
	await runIn(alice, process.execPath, ["-e", datagrams("10.77.0.1", 7, 1)]);
	await host.waitFor("a probe", told(7));
	t.equal(sum(await host.finish(), 69), 0, "but not in scope host");
});

t.test("ports without their bridge", async (t) => {
	const tocsin = await startTocsin(["-i", "!lan0"]);
	t.strictSame(watched(tocsin).sort(), ["lo", "port2", "port3"]);
	await runIn(alice, process.execPath, ["-e", datagrams("10.77.0.1", 69, 3)]);
	await tocsin.waitFor("a probe", told(69));
	t.equal(sum(await tocsin.finish(), 69), 3);
});

t.test("loopback, in both families", async (t) => {
	const tocsin = await startTocsin(["-i", "lo"]);
	await run(process.execPath, ["-e", datagrams("127.0.0.1", 69, 5)]);
	await run(peer("nmap"), ["-6", "-sT", "-n", "-Pn", "-p", "23", "::1"]);
	await tocsin.waitFor("a probe by IPv4", told(69));
	await tocsin.waitFor("a probe by IPv6", told(23));
	const all = await tocsin.finish();
	t.equal(sum(all, 69), 5);
	t.match(all.find(told(23)), {
		source: { ip: "::1" },
		destination: { ip: "::1" },
	});
});

t.test("sixty interfaces at once", async (t) => {
	const pairs = Array.from({ length: 60 }, (_, i) => i);
	await ip(
		...pairs.flatMap((i) => [
			`link add many${i} type veth peer name peer${i} netns bob`,
			`address add 10.99.${i}.1/24 dev many${i}`,
			`link set many${i} up`,
		]),
	);
	await must(peer("ip"), ["-n", "bob", "-batch", "-"], {
		input: pairs
			.flatMap((i) => [
				`address add 10.99.${i}.2/24 dev peer${i}`,
				`link set peer${i} up`,
			])
			.join("\n"),
	});
	const tocsin = await startTocsin();
	t.equal(watched(tocsin).length, 62);
	for (const i of [0, 31, 59]) {
		await runIn(bob, process.execPath, [
			"-e",
			datagrams(`10.99.${i}.1`, 69, 1),
		]);
		const probe = await tocsin.waitFor(
			`a probe on many${i}`,
			(one) =>
				told(69)(one) && one.observer.ingress.interface.name === `many${i}`,
		);
		t.equal(probe.source.ip, `10.99.${i}.2`);
	}
	const status = readFileSync(`/proc/${tocsin.pid}/status`, "latin1");
	const resident = Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
	t.ok(resident < 250, `${resident.toFixed()} MB`);
	const all = await tocsin.finish();
	t.match(
		all.at(-1)?.message,
		/^ALERT: sensor stop: stopped after \d+ packets, 0 lost /,
	);
});
