import { hostname } from "node:os";
import t from "tap";
import type { Alert } from "../../src/alert/alert.ts";
import { jsonEntry, plainEntry } from "../../src/delivery/format.ts";
import type { Entry } from "../../src/delivery/sink.ts";
import { DROPS, PING, TIME } from "../alert/samples.ts";

process.env.TZ = "UTC";

const entry = (alert?: Alert): Entry => ({
	time: TIME,
	level: "notice",
	line: "ALERT: x",
	alert,
});

const observer = (alert: Alert) =>
	JSON.parse(jsonEntry(entry(alert), "2.0.0")).observer;

t.test("a line for a person", async (t) => {
	t.equal(plainEntry(entry()), "2026-11-22T02:00:00.000+00:00 ALERT: x\n");
});

t.test("what is no alert has no JSON", async (t) => {
	t.equal(jsonEntry(entry(), "2.0.0"), "");
});

t.test("the kind tells which program saw it", async (t) => {
	const rexec: Alert = {
		kind: "connection",
		time: TIME,
		transport: "tcp",
		service: "rexec",
		source: { ip: "192.0.2.7" },
		destination: {},
	};
	t.strictSame(observer(rexec), {
		product: "klaxon",
		version: "2.0.0",
		hostname: hostname(),
	});
	for (const alert of [PING, DROPS])
		t.strictSame(observer(alert), {
			product: "tocsin",
			version: "2.0.0",
			hostname: hostname(),
			ingress: { interface: { name: "eth0" } },
		});
});
