import { once } from "node:events";
import { chmodSync, existsSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import t, { type Test } from "tap";
import { configuredSinks } from "../../src/delivery/bytocsin.ts";
import type { Sink } from "../../src/delivery/sink.ts";
import type { Received } from "../../src/handover/received.ts";
import { openControl } from "../../src/handover/server.ts";
import { worldAt } from "../handover/guest.ts";
import { configure, encounter, type OwnTrial, until } from "./ownways.ts";

/** A tocsin at the socket that a configuration names. */
async function tocsin(t: Test, { socket }: OwnTrial, why?: string) {
	const taken: Received[] = [];
	const control = await openControl(
		worldAt(socket, {
			now: Date.now,
			onAlerts(alerts) {
				if (why === undefined) taken.push(...alerts);
				return why;
			},
		}),
	);
	if (typeof control === "string") throw new Error(control);
	t.teardown(() => control.close());
	return { taken, close: control.close };
}

/** klaxon's only configured way, without a word against the configuration. */
async function open(t: Test, { file, world }: OwnTrial): Promise<Sink> {
	const { sinks, errors } = await configuredSinks(file, world);
	const [sink] = sinks;
	if (!sink || errors.length > 0) throw new Error(errors.join());
	t.teardown(() => sink.close());
	return sink;
}

t.test("a running tocsin takes them, and nothing else is opened", async (t) => {
	const trial = configure(t);
	const { taken } = await tocsin(t, trial);
	const sink = await open(t, trial);
	const entries = [encounter(), encounter()];
	t.equal(await sink.deliver(entries), undefined);
	t.same(
		taken.map(({ id, alert }) => ({ id, alert })),
		entries.map(({ id, alert }) => ({ id, alert })),
	);
	t.equal(await sink.close(), undefined);
	t.same(readdirSync(trial.state), []);
	t.notOk(existsSync(trial.log));
});

t.test("one that refuses: klaxon itself, by the same name", async (t) => {
	const trial = configure(t);
	await tocsin(t, trial, "no");
	const sink = await open(t, trial);
	const entry = encounter();
	t.equal(await sink.deliver([entry]), undefined);
	t.same(
		trial.told().map(({ event }) => event.id),
		[entry.id],
	);
});

t.test("one that comes and goes", async (t) => {
	const trial = configure(t, "", { stays: true });
	const sink = await open(t, trial);
	t.equal(await sink.deliver([encounter("10.0.0.1")]), undefined);
	const { taken, close } = await tocsin(t, trial);
	await until(() => existsSync(trial.socket));
	t.equal(await sink.deliver([encounter("10.0.0.2")]), undefined);
	await close();
	t.equal(await sink.deliver([encounter("10.0.0.3")]), undefined);
	t.same(
		taken.map(({ alert }) => alert.source.ip),
		["10.0.0.2"],
	);
	t.same(
		trial.told().map(({ source }) => source?.ip),
		["10.0.0.1", "10.0.0.3"],
	);
});

t.test("one that hangs costs a second, and the next alert none", async (t) => {
	const trial = configure(t);
	const server = createServer(() => {}).listen(trial.socket);
	await once(server, "listening");
	t.teardown(() => server.close());
	const sink = await open(t, trial);
	const began = Date.now();
	t.equal(await sink.deliver([encounter("10.0.0.1")]), undefined);
	const first = Date.now() - began;
	t.equal(await sink.deliver([encounter("10.0.0.2")]), undefined);
	t.equal(trial.told().length, 2);
	t.ok(first >= 990 && first < 5000, `${first} ms`);
	t.ok(Date.now() - began - first < 900);
});

t.test("who stays opens its own ways while it may", async (t) => {
	const trial = configure(t, "", { stays: true });
	const { close } = await tocsin(t, trial);
	const sink = await open(t, trial);
	t.ok(existsSync(trial.log), "the file, as root may");
	rmSync(trial.file);
	await close();
	t.equal(await sink.deliver([encounter()]), undefined);
	t.equal(trial.told().length, 1);
});

t.test("what is wrong with the configuration", async (t) => {
	const trial = configure(t, "bogus = 1\n");
	const wrong = /tocsin\.toml:7:1: unknown key 'bogus'/;
	const alone = await configuredSinks(trial.file, trial.world);
	t.match(alone.errors, [wrong]);
	t.equal(
		await alone.sinks[0]?.deliver([encounter()]),
		undefined,
		"told already",
	);
	const { taken, close } = await tocsin(t, trial);
	const sink = await open(t, trial);
	t.equal(await sink.deliver([encounter()]), undefined);
	t.equal(taken.length, 1, "tocsin has read a better one");
	await close();
	t.match(await sink.deliver([encounter()]), wrong, "told as the reason");
	const none = await configuredSinks("/none.toml", trial.world);
	t.match(none.errors, [/^can't read the configuration: .*\/none\.toml/]);
});

if (process.getuid?.() !== 0)
	t.test("a file that isn't for us to read: the usual place", async (t) => {
		const trial = configure(t);
		chmodSync(trial.file, 0);
		const { errors } = await configuredSinks(trial.file, trial.world);
		t.match(errors, [/^can't read the configuration: EACCES/]);
	});
