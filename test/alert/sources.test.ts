import t from "tap";
import type { WireAlert } from "../../src/alert/alert.ts";
import { accused, sourceList, who } from "../../src/alert/sources.ts";
import { PING, SCAN } from "./samples.ts";

t.test("one source is accused", async (t) => {
	for (const alert of [
		PING,
		{ ...PING, sources: { ips: ["192.0.2.7"], count: 1 } },
	]) {
		t.equal(accused(alert), "192.0.2.7");
		t.equal(who(alert), "host 192.0.2.7");
		t.equal(sourceList(alert, 200), undefined);
	}
});

t.test("of decoys none is", async (t) => {
	const ips = ["192.0.2.7", "198.51.100.1", "2001:db8::7"];
	const alert: WireAlert = { ...SCAN, sources: { ips, count: 6 } };
	t.equal(accused(alert), undefined);
	t.equal(who(alert), "6 hosts");
	t.equal(sourceList(alert, 200), "192.0.2.7,198.51.100.1,2001:db8::7,+3");
	t.equal(sourceList(alert, 25), "192.0.2.7,198.51.100.1,+4");
	t.equal(sourceList(alert, 24), "192.0.2.7,+5");
});

t.test("spoofed sources have a number, at least", async (t) => {
	const alert: WireAlert = { ...PING, source: { ip: "many" } };
	t.equal(accused(alert), undefined);
	t.equal(who(alert), "many hosts");
	t.equal(sourceList(alert, 200), undefined);
	const sources = { ips: ["192.0.2.9"], count: 5000 };
	t.equal(sourceList({ ...alert, sources }, 200), "5000+");
});
