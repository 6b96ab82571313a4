import t from "tap";
import type { Alert, ConnectionAlert } from "../../src/alert/alert.ts";
import { isOutboxed, type SinkConfig } from "../../src/config/sinktypes.ts";
import type { RuleBlocks } from "../../src/delivery/rules.ts";
import type { Entry } from "../../src/delivery/sink.ts";
import type { Item } from "../../src/delivery/store.ts";
import type { Way } from "../../src/watch/deliver.ts";
import { createDesk, type Plan } from "../../src/watch/desk.ts";
import { PING, PROBE, SCAN, TIME } from "../alert/samples.ts";

const batch = { gather: 0, every: 0, max: 1 };
const file = (more: Partial<SinkConfig> = {}): SinkConfig =>
	({
		type: "file",
		name: "log",
		path: "/x",
		format: "json",
		size: 1,
		keep: 1,
		batch,
		...more,
	}) as SinkConfig;
const exec = (more: Partial<SinkConfig> = {}): SinkConfig =>
	({
		type: "exec",
		name: "exec",
		argv: ["/x"],
		timeout: 1,
		atOnce: 1,
		batch,
		...more,
	}) as SinkConfig;

const wayOf = (config: SinkConfig): Way => ({
	config,
	sink: {
		deliver: async () => undefined,
		close: async () => undefined,
	},
	isOutboxed: isOutboxed(config),
});

const NO_RULES: RuleBlocks = { ignore: [], limit: [], route: [] };

/** A desk, what it sent to the outlet and what to the history. */
function trial(configs: SinkConfig[], rules: Partial<RuleBlocks> = {}) {
	const sent: Entry[] = [];
	const kept: Item[] = [];
	const clock = { now: TIME };
	const ended: string[] = [];
	let id = 0;
	const planOf = (
		configs: SinkConfig[],
		rules: Partial<RuleBlocks>,
		name: string,
	): Plan => ({
		ways: configs.map(wayOf),
		rules: { ...NO_RULES, ...rules },
		health: [],
		outlet: {
			send: (entry) => sent.push(entry),
			full: () => false,
			async finish() {
				ended.push(name);
				return 0;
			},
		},
	});
	const desk = createDesk(planOf(configs, rules, "first"), {
		now: () => clock.now,
		newId: () => `id${++id}`,
		history: {
			add: (item) => kept.push(item),
			flush: () => undefined,
			waiting: 0,
		},
		courier: {
			poke: () => {},
			status: () => [],
			replace: async () => {},
			finish: async () => {
				ended.push("courier");
			},
		},
	});
	return { desk, sent, kept, clock, ended, planOf };
}

const START: Alert = {
	kind: "sensor",
	time: TIME,
	state: "start",
	message: "watching lo",
};
const BLIND: Alert = { ...START, state: "blind", message: "can't hear lo" };

t.test("an alert goes to the syslog, the history and all sinks", async (t) => {
	const { desk, sent, kept } = trial([file(), exec()]);
	desk.take(PROBE);
	t.match(sent, [
		{ alert: PROBE, level: "notice", id: "id1", to: ["", "log", "exec"] },
	]);
	t.equal(sent.length, 1);
	t.match(kept, [{ entry: { id: "id1" }, sinks: ["exec"], isNews: true }]);
	t.same(desk.tally(), { told: { probe: 1 }, folded: 0, ignored: 0 });
	await desk.finish();
});

t.test("folding counts, and the end tells", async (t) => {
	const { desk, sent, kept, ended } = trial([]);
	for (let i = 0; i < 100; i++) desk.take({ ...PROBE, time: TIME + i });
	t.equal(sent.length, 1);
	t.same(desk.tally(), { told: { probe: 1 }, folded: 99, ignored: 0 });
	t.equal(await desk.finish(), 0);
	t.match(sent[1]?.alert, {
		fold: { count: 99, first: TIME + 1, last: TIME + 99 },
	});
	t.equal(kept.length, 2);
	t.same(ended, ["courier", "first"]);
});

t.test("of itself tocsin tells people what is worth a warning", async (t) => {
	const { desk, sent, kept } = trial([file(), exec()]);
	desk.take(START);
	desk.take(BLIND);
	t.same(
		sent.map(({ to }) => to),
		[
			["", "log"],
			["", "log", "exec"],
		],
	);
	t.same(
		kept.map(({ sinks }) => sinks),
		[[], ["exec"]],
	);
});

t.test("rules", async (t) => {
	const { desk, sent, clock } = trial([file(), exec()], {
		ignore: [{ kind: ["ping"] }],
		limit: [{ kind: ["scan"], window: 0, burst: 1 }],
		route: [{ kind: ["probe"], to: ["log"] }],
	});
	desk.take(PING);
	desk.take(PROBE);
	for (let i = 0; i < 3; i++) desk.take(SCAN);
	t.same(
		sent.map(({ alert, to }) => [alert?.kind, to]),
		[
			["probe", ["", "log"]],
			["scan", ["", "log", "exec"]],
			["scan", ["", "log", "exec"]],
			["scan", ["", "log", "exec"]],
		],
	);
	t.same(desk.tally(), {
		told: { probe: 1, scan: 3 },
		folded: 0,
		ignored: 1,
	});
	t.same(desk.acted(), [
		{ block: "ignore", n: 1, why: undefined, count: 1 },
		{ block: "limit", n: 1, why: undefined, count: 3 },
		{ block: "route", n: 1, why: undefined, count: 1 },
	]);
	clock.now += 1;
	await desk.finish();
});

t.test("what a sink wants, and how often", async (t) => {
	const { desk, sent, kept } = trial(
		[
			file({ when: { kind: ["probe"] } }),
			exec({ name: "rare", limit: 3_600_000 }),
		],
		{ limit: [{ window: 0, burst: 1 }] },
	);
	for (let i = 0; i < 3; i++) desk.take({ ...PROBE, time: TIME + i });
	desk.take(PING);
	t.same(
		sent.map(({ to }) => to),
		[
			["", "log", "rare"],
			["", "log"],
			["", "log"],
			["", "rare"],
		],
	);
	t.same(
		kept.map(({ sinks }) => sinks),
		[["rare"], [], [], ["rare"]],
	);
	await desk.finish();
	t.equal(sent.length, 4, "the syslog has heard of it");
	t.match(kept[4], {
		isNews: false,
		sinks: ["rare"],
		entry: { alert: { kind: "probe", fold: { count: 2 } } },
	});
	t.equal(kept.length, 5);
});

t.test("what a klaxon hands over, its own syslog has", async (t) => {
	const { desk, sent, kept } = trial([file(), exec()]);
	const alert: ConnectionAlert = {
		kind: "connection",
		time: TIME,
		transport: "tcp",
		service: "rexec",
		source: { ip: "192.0.2.7", port: 1021 },
		destination: { ip: "192.0.2.1", port: 512 },
	};
	desk.takeOver(alert, "0-1");
	desk.takeOver({ ...alert, time: TIME + 1 }, "0-2");
	t.match(sent, [{ id: "0-1", to: ["log", "exec"] }]);
	t.match(kept, [{ entry: { id: "0-1" }, sinks: ["exec"] }]);
	await desk.finish();
	t.match(kept[1], { entry: { alert: { fold: { count: 1 } } } });
});

t.test("other rules and ways", async (t) => {
	const { desk, sent, ended, planOf } = trial([file()]);
	desk.take(PROBE);
	await desk.replace(
		planOf([exec()], { ignore: [{ kind: ["ping"] }] }, "next"),
	);
	t.same(ended, ["first"], "what was sent has left");
	desk.take(PROBE);
	desk.take(PING);
	desk.take(SCAN);
	t.same(
		sent.map(({ to }) => to),
		[
			["", "log"],
			["", "exec"],
		],
		"what was folded stays folded",
	);
	await desk.finish();
	t.same(ended, ["first", "courier", "next"]);
});
