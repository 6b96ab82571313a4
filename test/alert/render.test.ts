import fc from "fast-check";
import t from "tap";
import type { ConnectionAlert } from "../../src/alert/alert.ts";
import { alertLine, facts } from "../../src/alert/render.ts";
import { anyAlert, DROPS, PING, SCAN, TIME } from "./samples.ts";

const REXEC: ConnectionAlert = {
	kind: "connection",
	time: TIME,
	transport: "tcp",
	service: "rexec",
	source: { ip: "192.0.2.7", port: 40312 },
	destination: { ip: "192.0.2.1", port: 512 },
	data: "GET /",
};

t.test("the line of either program", async (t) => {
	t.equal(
		alertLine(REXEC),
		'ALERT: host 192.0.2.7 accessing port rexec kind=connection proto=tcp sport=40312 dst=192.0.2.1 dport=512 data="GET /"',
	);
	t.equal(
		alertLine(PING),
		"ALERT: host 192.0.2.7 pinging 192.0.2.1 kind=ping technique=echo proto=icmp dst=192.0.2.1 mac=02:00:00:00:00:02 if=eth0",
	);
});

t.test("the facts name both ends as well", async (t) => {
	t.strictSame(facts(REXEC), [
		["src", "192.0.2.7"],
		["kind", "connection"],
		["proto", "tcp"],
		["sport", 40312],
		["dst", "192.0.2.1"],
		["dport", 512],
		["data", "GET /"],
	]);
	t.strictSame(facts(SCAN), [
		["src", "192.0.2.7"],
		["kind", "scan"],
		["technique", "syn"],
		["proto", "tcp"],
		["dst", "192.0.2.1"],
		["ports", "1,7,9,21-23,+90"],
		["count", 134],
		["window", "0.4s"],
		["pace", "fast"],
		["mac", "02:00:00:00:00:02"],
		["tool", "nmap"],
		["if", "eth0"],
	]);
	t.strictSame(facts(DROPS), [
		["kind", "sensor"],
		["state", "drops"],
		["if", "eth0"],
		["count", 1234],
	]);
});

t.test("of decoys none is the source", async (t) => {
	const sources = { ips: ["192.0.2.7", "198.51.100.1"], count: 6 };
	const keys = new Map(facts({ ...PING, sources }));
	t.equal(keys.has("src"), false);
	t.equal(keys.get("sources"), "192.0.2.7,198.51.100.1,+4");
});

t.test("any alert: one line, each fact once", async () => {
	fc.assert(
		fc.property(anyAlert, (alert) => {
			const line = alertLine(alert);
			const keys = facts(alert).map(([key]) => key);
			return /^[ -~]{1,1024}$/.test(line) && new Set(keys).size === keys.length;
		}),
		{ numRuns: 2000 },
	);
});
