/** What the tests of delivery share: a daemon with a configuration of its own, and klaxons that hand over to it. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import {
	chmodSync,
	existsSync,
	mkdirSync,
	readFileSync,
	writeFileSync,
} from "node:fs";
import { connect } from "node:net";
import { DatabaseSync } from "node:sqlite";
import type { ConnectionAlert } from "../../src/alert/alert.ts";
import { ask } from "../../src/handover/ask.ts";
import { type Program, type Result, run, start, waitFor } from "./harness.ts";
import { environment, TOCSIN, type Told } from "./tocsin.ts";

/** Where daemons keep their state, and where klaxons and people reach them. */
export const STATE = "/run/state";
export const SOCKET = "/run/trial/tocsin.sock";
/** A folder that everybody may write to: sinks run as the daemon's user. */
export const OUT = "/tmp/out";

/** ms that a daemon may take for a request, on a busy machine. */
const ANSWER_MS = 20_000;

/** A daemon in no need of a network: nothing is asked, and loopback alone is heard. */
const QUIET = `
state = "${STATE}"
socket = "${SOCKET}"
[poison]
every = 0
[dhcp]
every = 0
[dhcp6]
every = 0
[ra]
every = 0
[watch]
interfaces = ["lo"]
`;

/** Makes `OUT`, as `configure` and `script` do; not when this file is loaded, which is before there is a sandbox. */
export function makeOut(): void {
	mkdirSync(OUT, { recursive: true });
	chmodSync(OUT, 0o777);
}

/** Writes a configuration: the quiet daemon's, and `rest`. */
export function configure(path: string, rest: string): string {
	makeOut();
	writeFileSync(path, `${QUIET}${rest}`);
	return path;
}

/** Writes a program that a sink runs. */
export function script(path: string, body: string): string {
	makeOut();
	writeFileSync(path, `#!/bin/sh\n${body}`);
	chmodSync(path, 0o755);
	return path;
}

/** Runs tocsin to its end. */
export const tocsin = (...args: string[]): Promise<Result> =>
	run(TOCSIN, args, { env: environment });

/** What a running daemon says of itself; undefined where none answers. */
export async function statusOf(): Promise<Told | undefined> {
	const asked = await ask(SOCKET, { status: true }, 1000);
	return "answer" in asked ? asked.answer : undefined;
}

/** The same, of a daemon that is there. */
export const status = (): Promise<Told> =>
	waitFor("the daemon's status", statusOf);

/** What it says of one of its sinks. */
export async function sinkStatus(name: string): Promise<Told> {
	const { sinks } = await status();
	return sinks.find((sink: Told) => sink.name === name);
}

/** Starts `tocsin watch` with a configuration, and waits until its socket answers. */
export async function startDaemon(
	config: string,
	args: readonly string[] = [],
	env: NodeJS.ProcessEnv = {},
): Promise<Program> {
	const program = await start(
		TOCSIN,
		["watch", "-c", config, ...args],
		() => true,
		{ env: { ...environment, ...env } },
	);
	let hasEnded = false;
	program.ended.then(() => {
		hasEnded = true;
	});
	await waitFor(
		() => `a daemon that answers: ${program.output()}`,
		() => {
			if (hasEnded) throw new Error(`ended early: ${program.output()}`);
			return statusOf();
		},
		15_000,
	);
	return program;
}

/** The source of the `n`th alert: each has its own, so that nothing is folded. */
export const sourceOf = (n: number): string =>
	`10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`;

/** Its `event.id`. */
export const idOf = (n: number): string =>
	`00000000-0000-4000-8000-${n.toString(16).padStart(12, "0")}`;

/** Numbers from `first`, `count` of them. */
export const numbers = (first: number, count: number): number[] =>
	Array.from({ length: count }, (_, i) => first + i);

const alertOf = (ip: string): ConnectionAlert => ({
	kind: "connection",
	time: Date.now(),
	transport: "tcp",
	service: "telnet",
	source: { ip, port: 40_312 },
	destination: { ip: "192.0.2.1", port: 23 },
});

/** Hands alerts over as a klaxon does, each from a source of its own unless `source` says otherwise; why they were not taken. */
export async function handOver(
	all: readonly number[],
	source?: string,
): Promise<string | undefined> {
	const alerts = all.map((n) => ({
		id: idOf(n),
		alert: alertOf(source ?? sourceOf(n)),
	}));
	const asked = await ask(SOCKET, { alerts }, ANSWER_MS);
	if ("why" in asked) return asked.why;
	const { taken, error } = asked.answer as Told;
	return taken === all.length ? undefined : (error ?? "no answer");
}

/** Knocks at a port nobody listens at, from an address of 127.0.0.0/8: a probe of its own source. */
export const probe = (source: string, port = 23): Promise<void> =>
	new Promise((resolve) => {
		const socket = connect({ host: "127.0.0.1", port, localAddress: source });
		socket.on("error", () => resolve());
	});

/** A syslog server by UDP: a daemon's main syslog. */
export interface Ear {
	url: string;
	/** All messages so far. */
	lines: readonly string[];
	/** The messages that hold a text. */
	heard(text: string): string[];
	/** Waits for a message that holds a text. */
	hear(text: string, ms?: number): Promise<string>;
}

export async function listen(t: {
	teardown(run: () => void): void;
}): Promise<Ear> {
	const socket = createSocket("udp4");
	const lines: string[] = [];
	socket.on("message", (message) => lines.push(message.toString()));
	socket.bind(0, "127.0.0.1");
	await once(socket, "listening");
	t.teardown(() => socket.close());
	const heard = (text: string) => lines.filter((line) => line.includes(text));
	return {
		url: `udp://127.0.0.1:${socket.address().port}`,
		lines,
		heard,
		hear: (text, ms) =>
			waitFor(
				() => `'${text}' in ${lines.join("\n")}`,
				() => heard(text)[0],
				ms,
			),
	};
}

/** The ids in a text of ECS objects, those of this test's own alerts, in order. */
export const idsIn = (text: string): string[] =>
	[...text.matchAll(/"id":"(00000000-[\da-f-]{27})"/g)].map(
		([, id = ""]) => id,
	);

/** Alerts of the history, ECS objects; of `kind` alone. */
export async function historyOf(kind?: string): Promise<Told[]> {
	const only = kind === undefined ? [] : ["--kind", kind];
	const { code, stdout, stderr } = await run(
		TOCSIN,
		["alerts", "--json", "--state", STATE, ...only],
		{ env: environment, timeout: 60_000 },
	);
	if (code !== 0) throw new Error(stderr);
	return stdout
		.split("\n")
		.slice(0, -1)
		.map((line) => JSON.parse(line));
}

/** What `PRAGMA integrity_check` says of the database. */
export function integrity(): unknown {
	const db = new DatabaseSync(`${STATE}/alerts.db`);
	const answer = db.prepare("PRAGMA integrity_check").get();
	db.close();
	return answer?.integrity_check;
}

/** Where a file sink of this name writes. */
export const pathOf = (name: string): string => `${OUT}/${name}.json`;

/** A sink that is a file. */
export const fileSink = (name: string, more = "") => `
[[sink]]
type = "file"
name = "${name}"
path = "${pathOf(name)}"
size = 0
${more}
`;

/** The encounters in a file of ECS objects; none where there is no file. */
export function encountersIn(path: string): Told[] {
	if (!existsSync(path)) return [];
	const lines = readFileSync(path, "utf8").split("\n").slice(0, -1);
	return lines
		.map((line) => JSON.parse(line))
		.filter(({ event }) => event.action === "connection");
}

/** The ids in a file sink's file. */
export const filed = (name: string): string[] =>
	existsSync(pathOf(name)) ? idsIn(readFileSync(pathOf(name), "utf8")) : [];

export const isFiled = (name: string, all: readonly number[]) =>
	waitFor(
		() => `${all.length} in ${name}, not ${filed(name).length}`,
		() => filed(name).length >= all.length,
	);
