/** The interfaces that tocsin hears, as they come, go, and get addresses. */
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import t from "tap";
import { addHost, enterSandbox, must, peer, runIn } from "./harness.ts";
import { startTocsin, type Tocsin, type Told } from "./tocsin.ts";

enterSandbox(import.meta.url);

/** ms within which a change is told. */
const SOON = 5_000;
/** <unistd.h> _SC_CLK_TCK */
const TICKS_A_SECOND = 100;

const ip = (...lines: string[]) =>
	must(peer("ip"), ["-batch", "-"], { input: lines.join("\n") });

// Which interface is a bridge's port stands in sysfs, and that is still the machine's.
await must("/bin/mount", ["-t", "sysfs", "sysfs", "/sys"]);
const alice = await addHost("alice");

const scan = (address: string, ...options: string[]) =>
	runIn(alice, peer("nmap"), [
		"-sS",
		"-n",
		"-Pn",
		"-p",
		"1-30",
		...options,
		address,
	]);

const isScan = (source: string, target: string) => (told: Told) =>
	told.event.action === "scan" &&
	told.source.ip === source &&
	told.destination.ip === target;

/** `state interface` of all that it told of itself. */
const states = (tocsin: Tocsin): string[] =>
	tocsin
		.alerts()
		.filter(({ event }) => event.action === "sensor")
		.map(
			({ klaxon, observer }) =>
				`${klaxon.state} ${observer.ingress?.interface.name ?? "-"}`,
		);

/** Processor seconds of a process so far. */
function seconds(pid: number): number {
	const fields = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1];
	const [user = 0, system = 0] = (fields ?? "")
		.split(" ")
		.slice(11)
		.map(Number);
	return (user + system) / TICKS_A_SECOND;
}

t.test("an interface comes, goes down, comes back, and vanishes", async (t) => {
	const tocsin = await startTocsin(["-i", "l*", "-i", "hot*"]);
	const told = (state: string, name: string) =>
		tocsin.waitFor(
			`${state} ${name}`,
			({ klaxon, observer }) =>
				klaxon.state === state && observer.ingress?.interface.name === name,
			SOON,
		);
	await ip(
		"link add hot0 type veth peer name hot1 netns alice",
		"address add 10.88.0.1/24 dev hot0",
		"link set hot0 up",
		"address add 10.77.0.200/24 dev lan0",
	);
	await must(peer("ip"), ["-n", "alice", "-batch", "-"], {
		input: "address add 10.88.0.2/24 dev hot1\nlink set hot1 up",
	});
	await told("appeared", "hot0");
	await scan("10.88.0.1");
	await tocsin.waitFor("a scan on it", isScan("10.88.0.2", "10.88.0.1"));
	await scan("10.77.0.200");
	await tocsin.waitFor(
		"a scan of an address that is new",
		isScan(alice.ipv4, "10.77.0.200"),
	);
	await ip("link set hot0 down");
	await told("down", "hot0");
	const before = seconds(tocsin.pid);
	await sleep(1_500);
	t.ok(seconds(tocsin.pid) - before < 0.1, "it does not turn in circles");
	await ip("link set hot0 up");
	await told("up", "hot0");
	await ip("link delete hot0");
	await told("vanished", "hot0");
	const all = await tocsin.finish();
	t.ok(all.length > 0);
	t.strictSame(states(tocsin), [
		"start -",
		"appeared hot0",
		"down hot0",
		"up hot0",
		"vanished hot0",
		"stop -",
	]);
});

t.test("blind, and seeing again", async (t) => {
	const tocsin = await startTocsin(["-i", "lan0"]);
	await ip("link set lan0 down");
	const blind = await tocsin.waitFor(
		"blindness",
		({ klaxon }) => klaxon.state === "blind",
		SOON,
	);
	t.equal(
		blind.message.split(" kind=")[0],
		"ALERT: sensor blind: no interface is left to watch",
	);
	await ip("link set lan0 up");
	await tocsin.waitFor("sight", ({ klaxon }) => klaxon.state === "up", SOON);
	await scan("10.77.0.1");
	await tocsin.waitFor("a scan", isScan(alice.ipv4, "10.77.0.1"));
	await tocsin.finish();
	t.strictSame(states(tocsin), [
		"start -",
		"down lan0",
		"blind -",
		"up lan0",
		"stop -",
	]);
});
