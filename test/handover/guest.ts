/** What the tests of the socket share: one that listens, and clients. */
import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Test } from "tap";
import {
	type Control,
	type ControlWorld,
	openControl,
} from "../../src/handover/server.ts";
import { TIME } from "./samples.ts";

/** A directory of short name that is removed at the end: a socket's path has at most 107 bytes. */
export function scratch(t: Test): string {
	const path = mkdtempSync("/tmp/handover-");
	t.teardown(() => rmSync(path, { recursive: true }));
	return path;
}

/** Everybody may everything, and nothing is done. */
export const worldAt = (
	path: string,
	change: Partial<ControlWorld> = {},
): ControlWorld => ({
	path,
	now: () => TIME,
	allowed: { handover: () => true, subscribe: () => true },
	onAlerts: () => undefined,
	status: () => ({ fine: true }),
	onPopup: () => 2,
	...change,
});

/** Opens a socket, and closes it at the end of the test. */
export async function open(
	t: Test,
	change: Partial<ControlWorld> = {},
): Promise<Control & { path: string }> {
	const path = change.path ?? `${scratch(t)}/sock`;
	const control = await openControl(worldAt(path, change));
	if (typeof control === "string") throw new Error(control);
	t.teardown(() => control.close());
	return { ...control, path };
}

export interface Guest {
	socket: Socket;
	say(text: string | Buffer): void;
	/** What came so far. */
	text(): string;
	/** The objects that came, once there are `count`, or the connection is closed. */
	answers(count?: number): Promise<unknown[]>;
	closed(): boolean;
}

/** Connects to a socket, patiently or not. */
export function visit(t: Test, path: string): Guest {
	let text = "";
	let closed = false;
	const socket = connect(path);
	t.teardown(() => socket.destroy());
	socket.on("data", (chunk) => {
		text += chunk;
	});
	socket.on("error", () => {});
	socket.on("close", () => {
		closed = true;
	});
	return {
		socket,
		say: (said) => void socket.write(said),
		text: () => text,
		async answers(count = 1) {
			const all = () => text.split("\n").slice(0, -1);
			while (!closed && all().length < count) await sleep(5);
			return all().map((line) => JSON.parse(line));
		},
		closed: () => closed,
	};
}

/** A request. */
export const line = (value: unknown) => `${JSON.stringify(value)}\n`;
