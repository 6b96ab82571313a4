import t from "tap";
import { alertLine } from "../../src/alert/render.ts";
import type { JournalSink } from "../../src/config/sinktypes.ts";
import { journalSink } from "../../src/delivery/journal.ts";
import { PROBE, SCAN } from "../alert/samples.ts";
import { entryOf, TELLER } from "../delivery/world.ts";
import { enterSandbox } from "./harness.ts";
import { startJournald } from "./journald.ts";

enterSandbox(import.meta.url);

const SENDER = { facility: "auth", tag: "tocsin", pid: process.pid };
const CONFIG: JournalSink = {
	type: "journal",
	name: "journal",
	batch: { gather: 0, every: 0, max: 1 },
};
const sinkOf = (config: Partial<JournalSink> = {}) =>
	journalSink({ ...CONFIG, ...config }, { sender: SENDER, teller: TELLER });

t.test("a real journald", async (t) => {
	const none =
		"/run/systemd/journal/socket: no journal here: journald isn't running";
	const sink = sinkOf();
	t.equal(await sink.deliver([entryOf(SCAN)]), none);
	let journald = await startJournald();
	t.teardown(() => journald.stop());

	t.equal(
		await sink.deliver([entryOf(PROBE), entryOf(SCAN, "id-2")]),
		undefined,
	);
	const [scan] = await journald.waitForEntries(1, "KLAXON_KIND=scan");
	t.match(scan, {
		MESSAGE: alertLine(SCAN),
		PRIORITY: "5",
		SYSLOG_FACILITY: "4",
		SYSLOG_IDENTIFIER: "tocsin",
		SYSLOG_PID: String(process.pid),
		KLAXON_TECHNIQUE: "syn",
		KLAXON_SOURCE_IP: "192.0.2.7",
		KLAXON_ID: "id-2",
		_TRANSPORT: "journal",
		_PID: String(process.pid),
	});
	const found = await journald.entries("KLAXON_SOURCE_IP=192.0.2.7");
	t.strictSame(
		found.map(({ KLAXON_KIND }) => KLAXON_KIND),
		["probe", "scan"],
	);

	const lines = sinkOf({ template: "{event.action}\nKLAXON_KIND=forged" });
	t.equal(await lines.deliver([entryOf(PROBE, "id-3")]), undefined);
	const [one] = await journald.waitForEntries(1, "KLAXON_ID=id-3");
	t.equal(one?.MESSAGE, "probe\nKLAXON_KIND=forged");
	t.strictSame(await journald.entries("KLAXON_KIND=forged"), []);

	await journald.stop("SIGKILL");
	t.match(
		await sink.deliver([entryOf(SCAN)]),
		/socket: nobody listens: journald isn't running$/,
	);
	journald = await startJournald();
	t.equal(await sink.deliver([entryOf(SCAN, "id-4")]), undefined, "it is back");
	await journald.waitForEntries(1, "KLAXON_ID=id-4");

	const many = Array.from({ length: 2000 }, (_, i) => entryOf(PROBE, `m-${i}`));
	process.kill(journald.pid, "SIGSTOP");
	t.match(
		await sink.deliver(many),
		/journald does not read$/,
		"it waits, but not for ever",
	);
	process.kill(journald.pid, "SIGCONT");
	await sink.close();
	t.equal(await sink.deliver([entryOf(PROBE, "last")]), undefined);
	await journald.waitForEntries(1, "KLAXON_ID=last");
});
