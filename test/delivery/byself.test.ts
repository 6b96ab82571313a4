import { chmodSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import t, { type Test } from "tap";
import { ownDelivery } from "../../src/delivery/byself.ts";
import type { Entry, Sink } from "../../src/delivery/sink.ts";
import {
	configure,
	encounter,
	type OwnTrial,
	sumOf,
	until,
} from "./ownways.ts";
import { opened } from "./stores.ts";

/** klaxon's own delivery, which must not complain at its start. */
async function open(t: Test, trial: OwnTrial): Promise<Sink> {
	const { sink, errors } = await ownDelivery(trial.file, trial.world);
	if (!sink || errors.length > 0) throw new Error(errors.join());
	t.teardown(() => sink.close());
	return sink;
}

/** A program as a sink: it appends the count of alerts to `hook`, and exits with what stands in `code`. */
function hook({ state }: OwnTrial): { table: string; ran(): string } {
	const program = `${state}/../hook.sh`;
	writeFileSync(
		program,
		`#!/bin/sh\necho $KLAXON_ALERTS >>${program}.out\nexit $(cat ${program}.code)\n`,
	);
	writeFileSync(`${program}.code`, "0");
	writeFileSync(`${program}.out`, "");
	chmodSync(program, 0o755);
	return {
		table: `[[sink]]\ntype = "exec"\nname = "hook"\nargv = ["${program}"]\n`,
		ran: () => readFileSync(`${program}.out`, "utf8"),
	};
}

/** The same configuration with the program as a further sink. */
function configureHook(t: Test, more = "") {
	const trial = configure(t);
	const { table, ran } = hook(trial);
	const text = readFileSync(trial.file, "utf8");
	writeFileSync(trial.file, `${text}${table}${more}`);
	return { ...trial, ran };
}

const SHORT = '[[limit]]\nwindow = "300ms"\n';
const OVER = 320;

t.test("an alert is told once, what follows is counted", async (t) => {
	const trial = configure(t, SHORT);
	const sink = await open(t, trial);
	const entries = Array.from({ length: 5 }, () => encounter());
	t.equal(await sink.deliver(entries), undefined);
	t.equal(trial.told().length, 1);
	await sleep(OVER);
	t.equal(await sink.deliver([encounter("192.0.2.8")]), undefined);
	const told = trial
		.told()
		.map(({ source, klaxon }) => `${source?.ip} ${klaxon.count ?? "at once"}`);
	t.equal(told.shift(), "192.0.2.7 at once");
	t.same(told.sort(), ["192.0.2.7 4", "192.0.2.8 at once"]);
	t.equal(await sink.close(), undefined);
	const store = await opened(`${trial.state}/alerts.db`);
	const kept = store.alerts({});
	t.same(
		typeof kept === "string" ? kept : kept.map(({ entry }) => entry.id).sort(),
		trial
			.told()
			.map(({ event }) => event.id)
			.sort(),
		"the history has them by the same names",
	);
	store.close();
	t.same(trial.complaints, []);
});

t.test("what klaxon has folded itself counts as many", async (t) => {
	const trial = configure(t, SHORT);
	const sink = await open(t, trial);
	const fold = { count: 40, first: 1000, last: 2000 };
	await sink.deliver([encounter(), encounter("192.0.2.7", { fold })]);
	await sink.deliver([encounter()]);
	await sleep(OVER);
	await sink.deliver([encounter("192.0.2.8", { fold })]);
	t.same(
		trial.told().map(({ klaxon }) => klaxon.count),
		[undefined, 40, 41],
	);
	t.equal(sumOf(trial.told()), 82);
});

t.test("who stays tells folds when they are over", async (t) => {
	const trial = configure(t, SHORT, { stays: true });
	const sink = await open(t, trial);
	await sink.deliver([encounter(), encounter(), encounter()]);
	const began = Date.now();
	const keeper = setInterval(() => {}, 1000); // as a trap's socket does
	await until(() => trial.told().length > 1);
	clearInterval(keeper);
	t.same(
		trial.told().map(({ klaxon }) => klaxon.count),
		[undefined, 2],
	);
	t.ok(Date.now() - began < 3000);
});

t.test("rules: ignored, told each time, other ways", async (t) => {
	const trial = configureHook(
		t,
		`[[ignore]]\nsource = "198.51.100.0/24"
[[limit]]\nsource = "192.0.2.8"\nwindow = 0
[[route]]\nsource = "192.0.2.9"\nto = "hook"\n`,
	);
	const sink = await open(t, trial);
	const ips = ["198.51.100.1", "192.0.2.8", "192.0.2.8", "192.0.2.9"];
	const entries: Entry[] = [
		...ips.map((ip) => encounter(ip)),
		{ time: 1, level: "err", line: "klaxon: about itself" },
	];
	t.equal(await sink.deliver(entries), undefined);
	t.equal(await sink.close(), undefined);
	t.same(
		trial.told().map(({ source }) => source?.ip),
		["192.0.2.8", "192.0.2.8"],
	);
	t.equal(trial.ran(), "1\n1\n1\n", "the outbox was emptied at the end");
});

t.test("what a slow sink doesn't take waits for the next klaxon", async (t) => {
	const trial = configureHook(t);
	const code = `${trial.state}/../hook.sh.code`;
	writeFileSync(code, "1");
	const first = await open(t, trial);
	t.equal(await first.deliver([encounter()]), undefined, "it is kept");
	await first.close();
	t.match(trial.complaints, [
		/^sink 'hook' fails: .*; its alerts wait and are tried again$/,
	]);
	writeFileSync(code, "0");
	const second = await open(t, trial);
	await second.deliver([]);
	await second.close();
	t.equal(trial.ran(), "1\n1\n");
});

t.test("without a state directory all ways are tried at once", async (t) => {
	const trial = configureHook(t);
	rmSync(trial.state, { recursive: true });
	// the program's path leads through it
	const text = readFileSync(trial.file, "utf8");
	writeFileSync(trial.file, text.replaceAll("state/../", ""));
	const program = trial.state.replace(/state$/, "hook.sh");
	const script = readFileSync(program, "utf8").replaceAll("state/../", "");
	writeFileSync(program, script);
	const sink = await open(t, trial);
	t.equal(await sink.deliver([encounter(), encounter()]), undefined);
	t.equal(trial.told().length, 2, "nothing is folded");
	t.equal(readFileSync(`${program}.out`, "utf8"), "1\n1\n");
	writeFileSync(`${program}.code`, "1");
	t.match(
		await sink.deliver([encounter()]),
		/hook\.sh.*exit 1; it can't wait: no directory for .*state\/alerts\.db: make it/,
	);
	t.equal(trial.told().length, 3);
	t.equal(await sink.close(), undefined);
	t.same(trial.complaints, []);
});

t.test(
	"a database that fails meanwhile costs nothing but the folding",
	async (t) => {
		const trial = configureHook(t);
		const sink = await open(t, trial);
		await sink.deliver([encounter()]);
		await until(() => trial.ran() !== "");
		const lock = new DatabaseSync(`${trial.state}/alerts.db`);
		lock.exec("BEGIN IMMEDIATE");
		const began = Date.now();
		const entries = Array.from({ length: 10 }, () => encounter());
		t.equal(await sink.deliver(entries), undefined);
		const took = Date.now() - began;
		t.ok(took < 10_000, `not waited for with each: ${took} ms`);
		lock.exec("ROLLBACK");
		lock.close();
		t.equal(trial.told().length, 11);
		t.equal(trial.ran(), "1\n".repeat(11));
		t.equal(await sink.deliver([encounter()]), undefined);
		t.equal(trial.told().length, 11, "and it folds again");
	},
);

t.test("a sink that can't be opened: the others go on", async (t) => {
	const trial = configure(
		t,
		'[[sink]]\ntype = "syslog"\nname = "far"\nurl = "tls://127.0.0.1:1?ca=/none.pem"\n',
	);
	const { sink, errors } = await ownDelivery(trial.file, trial.world);
	t.same(errors, []);
	t.equal(await sink?.deliver([encounter()]), undefined);
	await sink?.close();
	t.equal(trial.told().length, 1);
	t.match(trial.complaints, [/^sink 'far' fails: .*\/none\.pem/]);
});

t.test("a configuration that can't be used", async (t) => {
	const trial = configure(t, "bogus = 1\n");
	const { sink, errors } = await ownDelivery(trial.file, trial.world);
	t.equal(sink, undefined);
	t.match(errors, [/tocsin\.toml:7:1: unknown key 'bogus'/]);
	t.match((await ownDelivery("/none.toml", trial.world)).errors, [
		/^can't read the configuration: .*\/none\.toml/,
	]);
});

t.test("property: klaxons that share a database lose no count", async (t) => {
	await fc.assert(
		fc.asyncProperty(
			fc.array(
				fc.record({
					klaxon: fc.nat(2),
					source: fc.nat(2),
					count: fc.option(fc.integer({ min: 1, max: 50 }), {
						nil: undefined,
					}),
				}),
				{ maxLength: 40 },
			),
			async (touches) => {
				const trial = configure(t, '[[limit]]\nwindow = "30ms"\nburst = 2\n');
				const klaxons = [
					await open(t, trial),
					await open(t, trial),
					await open(t, trial),
				];
				let sum = 0;
				for (const { klaxon, source, count } of touches) {
					const fold = count && { count, first: 1, last: 2 };
					const more = fold ? { fold } : {};
					const entry = encounter(`10.0.0.${source}`, more);
					if ((await klaxons[klaxon]?.deliver([entry])) !== undefined)
						return false;
					sum += count ?? 1;
					if (sum % 5 === 0) await sleep(10);
				}
				await sleep(40);
				await klaxons[0]?.deliver([encounter("10.0.0.9")]);
				for (const klaxon of klaxons) await klaxon.close();
				return sumOf(trial.told()) === sum + 1;
			},
		),
		{ numRuns: 15 },
	);
});
