/** What the tests of klaxon's own delivery share: a configuration with a file as its sink, and encounters. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Test } from "tap";
import type { ConnectionAlert } from "../../src/alert/alert.ts";
import { alertLine } from "../../src/alert/render.ts";
import type { OwnWorld } from "../../src/delivery/byself.ts";
import type { Entry } from "../../src/delivery/sink.ts";
import { folder } from "./stores.ts";

export interface OwnTrial {
	/** The configuration, and what it names. */
	file: string;
	state: string;
	socket: string;
	log: string;
	world: OwnWorld;
	complaints: string[];
	/** What the file sink got: ECS objects. */
	told(): Told[];
}

/** As much of an event as is looked at. */
export interface Told {
	event: { id: string };
	source?: { ip: string };
	klaxon: { count?: number };
}

/** The encounters that events stand for. */
export const sumOf = (told: readonly Told[]): number =>
	told.reduce((sum, { klaxon }) => sum + (klaxon.count ?? 1), 0);

/** Writes a configuration with `more` behind its file sink. */
export function configure(
	t: Test,
	more = "",
	change: Partial<OwnWorld> = {},
): OwnTrial {
	const base = folder(t);
	const [state, log] = [`${base}/state`, `${base}/log.json`];
	const [file, socket] = [`${base}/tocsin.toml`, `${base}/sock`];
	mkdirSync(state);
	writeFileSync(
		file,
		`state = "${state}"\nsocket = "${socket}"\n[[sink]]\ntype = "file"\nname = "log"\npath = "${log}"\n${more}`,
	);
	const complaints: string[] = [];
	return {
		...{ file, state, socket, log, complaints },
		world: {
			sender: { facility: "auth", tag: "klaxon", pid: 1 },
			version: "2.0.0",
			stays: false,
			complain: (sentence) => complaints.push(sentence),
			...change,
		},
		told() {
			if (!existsSync(log)) return [];
			const lines = readFileSync(log, "utf8").split("\n").slice(0, -1);
			return lines.map((line) => JSON.parse(line));
		},
	};
}

/** An encounter with a trap, now. */
export function encounter(
	ip = "192.0.2.7",
	more: Partial<ConnectionAlert> = {},
): Entry {
	const alert: ConnectionAlert = {
		kind: "connection",
		time: Date.now(),
		transport: "tcp",
		service: "rexec",
		source: { ip, port: 40_312 },
		destination: { ip: "192.0.2.1", port: 512 },
		...more,
	};
	return {
		time: alert.time,
		level: "notice",
		line: alertLine(alert),
		alert,
	};
}

/** Waits until something is so, 5 s at most. */
export async function until(fits: () => unknown): Promise<void> {
	const end = Date.now() + 5000;
	while (!fits() && Date.now() < end) await sleep(10);
}
