/** What the tests of silence share: two neighbours, a watch of either scope, and proof that neither rang. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Test } from "tap";
import {
	addHost,
	type Host,
	home,
	must,
	type Program,
	start,
} from "./harness.ts";
import { startTocsin, type Told } from "./tocsin.ts";

/** ms in which an alert would come: the longest any waits, and a margin. */
const SETTLED = 1_000;

/** What a script on a host may use: `ask` connects, says something and reads to the end. */
const TOOLS = `
const net = require("node:net"), dgram = require("node:dgram");
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const HOME = ${JSON.stringify([home.ipv4, home.ipv6])};
const ask = (port, host, then = (s) => s.end("hello")) => new Promise((done) => {
	const s = net.connect(port, host, () => then(s));
	s.on("data", () => {}).on("error", () => {}).on("close", done);
});
const open = (version, port = 0) => new Promise((done) => {
	const s = dgram.createSocket({ type: "udp" + version, reuseAddr: true });
	s.on("error", () => {}).bind(port, () => done(s));
});
`;
const programOf = (script: string) => [
	"-e",
	`${TOOLS}(async () => {${script}})()`,
];

/** Runs a script on a host, or on ourselves, to its end. */
export const runOn = (host: Host | undefined, script: string) =>
	must(process.execPath, programOf(script), { at: host, timeout: 40_000 });

/** Starts a script that says "ready" and stays. */
export const startOn = (
	host: Host | undefined,
	script: string,
): Promise<Program> =>
	start(
		process.execPath,
		programOf(script),
		(_, output) => output.includes("ready"),
		{ at: host },
	);

/** A service of ours over both IP versions that answers and closes. */
export async function serve(port: number): Promise<Server> {
	const server = createServer((socket) => {
		socket.on("error", () => {});
		socket.once("data", () => socket.end("bye"));
	}).unref();
	server.listen(port, "::");
	await once(server, "listening");
	return server;
}

/** A UDP port of ours that takes what comes and never answers. */
export async function takeSilently(port: number): Promise<void> {
	const socket = createSocket({ type: "udp6" }).unref();
	socket.bind(port);
	await once(socket, "listening");
}

export interface Silence {
	alice: Host;
	bob: Host;
	/** A test whose traffic makes no alert; `but` are those that it should. */
	silent(
		name: string,
		traffic: (t: Test) => Promise<unknown>,
		but?: (told: Told) => boolean,
	): void;
}

/** To be called in the sandbox. */
export async function listenForAlarms(t: Test): Promise<Silence> {
	const [alice, bob] = [await addHost("alice"), await addHost("bob")];
	const watches = {
		host: await startTocsin(),
		segment: await startTocsin(["-s"]),
	};
	return {
		alice,
		bob,
		silent(name, traffic, but) {
			t.test(name, async (t) => {
				const scopes = Object.entries(watches);
				const before = scopes.map(([, watch]) => watch.alarms().length);
				await traffic(t);
				await sleep(SETTLED);
				for (const [i, [scope, watch]] of scopes.entries()) {
					const alarms = watch.alarms().slice(before[i]);
					const wrong = alarms.filter((told) => !but?.(told));
					t.equal(wrong.length < alarms.length, but !== undefined);
					t.same(
						wrong.map(({ message }) => message),
						[],
						`${scope} scope`,
					);
				}
			});
		},
	};
}
