import { setImmediate } from "node:timers/promises";
import t, { type Test } from "tap";
import type { Alert } from "../../src/alert/alert.ts";
import { parseConfig } from "../../src/config/config.ts";
import { mergeOptions } from "../../src/watch/merge.ts";
import { parseOptions } from "../../src/watch/options.ts";
import { NO_RIGHT, runWatch } from "../../src/watch/watch.ts";
import { createFake } from "../capture/fake.ts";

/** A watch over a fake libpcap, what it told, and how it ends. */
function setUp(t: Test, ...argv: string[]) {
	const fake = createFake(`${t.testdir()}/bell`);
	const config = parseConfig("tocsin.toml", "");
	if (Array.isArray(config)) throw new Error(config.join());
	const options = mergeOptions("watch", parseOptions(argv).options, config);
	const told: string[] = [];
	const complaints: string[] = [];
	let stop = () => {};
	const stopped = new Promise<void>((resolve) => {
		stop = resolve;
	});
	const run = () =>
		runWatch(options, {
			lib: fake.lib,
			stopped,
			emit: (alert: Alert) =>
				told.push(
					alert.kind === "sensor"
						? `${alert.state}: ${alert.message}`
						: alert.kind,
				),
			complain: (sentence) => complaints.push(sentence),
			watching: () => {},
			settle: () => "; ignored 3 by rule 1",
		});
	return { fake, run, stop: () => stop(), told, complaints };
}

t.test("start and stop are told", async (t) => {
	const { fake, run, stop, told, complaints } = setUp(t);
	fake.plug("lo");
	const ended = run();
	t.strictSame(told.splice(0), ["start: watching lo, scope host"]);
	t.ok(
		fake.handles.get("lo")?.filter.includes("tcp") ||
			fake.handles.get("lo")?.filter.includes("ip["),
	);
	stop();
	await setImmediate();
	const lo = fake.handles.get("lo");
	if (lo) lo.counts = { received: 12, dropped: 2, interfaceDropped: 0 };
	fake.wake(0);
	t.equal(await ended, 0);
	t.strictSame(told, [
		"drops: 2 packets were lost on lo",
		"stop: stopped after 12 packets, 2 lost; ignored 3 by rule 1",
	]);
	t.strictSame(complaints, []);
});

t.test("no right to capture", async (t) => {
	const { fake, run, told, complaints } = setUp(t);
	fake.plug("lo");
	fake.errors.set("lo", { kind: "permission", message: "no" });
	t.equal(await run(), 77);
	t.strictSame(complaints, [NO_RIGHT]);
	t.strictSame(told, []);
});

t.test("no interface", async (t) => {
	const { fake, run, complaints } = setUp(t, "-i", "nosuch");
	fake.plug("lo");
	t.equal(await run(), 71);
	t.strictSame(complaints, [
		"no interface to watch: none is up, or none matches (-i)",
	]);
});

t.test("an interface that can't be opened", async (t) => {
	const { fake, run, complaints } = setUp(t);
	fake.plug("lo");
	fake.errors.set("lo", { kind: "other", message: "no memory" });
	t.equal(await run(), 71);
	t.strictSame(complaints, ["can't open lo: no memory"]);
});

t.test("evidence that can't be kept", async (t) => {
	const { run, complaints } = setUp(t, "-o", "/none/evidence.pcapng");
	t.equal(await run(), 73);
	t.match(complaints[0], /^can't keep evidence: ENOENT/);
});
