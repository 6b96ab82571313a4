import { createSocket } from "node:dgram";
import { once } from "node:events";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { waitFor } from "../system/harness.ts";

const STARTED = "/tmp/started";

/** What a super-server started: its arguments, and its whole environment. */
export interface Start {
	pid: number;
	args: string;
	env: Record<string, string>;
}

export interface Stub {
	path: string;
	/** Waits until this many have been started. */
	starts(wanted: number): Promise<Start[]>;
	/** Ends them all, and with them their hold on the ports. Stop the super-server first. */
	stop(): Promise<void>;
}

/** Stands in for klaxon: notes how it was started, and stays, as klaxon does in wait mode. */
export function makeStub(): Stub {
	const path = "/tmp/klaxon";
	const script = `#!/bin/sh
environment=$(tr '\\0' '\\t' </proc/$$/environ)
echo "$$	$*	$environment" >>${STARTED}
exec sleep 60
`;
	writeFileSync(path, script);
	chmodSync(path, 0o755);
	writeFileSync(STARTED, "");
	chmodSync(STARTED, 0o666); // the super-server runs it as nobody
	const lines = () => readFileSync(STARTED, "utf8").split("\n").slice(0, -1);
	return {
		path,
		starts: async (wanted) => {
			await waitFor(
				() => `${wanted} starts: ${lines().join("; ")}`,
				() => lines().length >= wanted,
			);
			return lines().map(parseStart);
		},
		stop: async () => {
			const pids = lines().map((line) => parseStart(line).pid);
			for (const pid of pids) if (isAlive(pid)) process.kill(pid, "SIGKILL");
			await waitFor("the stubs to end", () => !pids.some(isAlive));
		},
	};
}

function isAlive(pid: number): boolean {
	try {
		return process.kill(pid, 0);
	} catch {
		return false;
	}
}

function parseStart(line: string): Start {
	const [pid, args = "", ...environment] = line.split("\t");
	const pairs = environment
		.filter((pair) => pair !== "")
		.map((pair) => [pair.replace(/=.*/, ""), pair.replace(/^[^=]*=/, "")]);
	return { pid: Number(pid), args, env: Object.fromEntries(pairs) };
}

/** Comes to a trap the way its protocol is used. */
export async function poke(
	protocol: string,
	port: number,
	address: string,
): Promise<void> {
	if (protocol.startsWith("udp")) {
		const socket = createSocket(address.includes(":") ? "udp6" : "udp4");
		await new Promise((done) => socket.send("x", port, address, done));
		socket.close();
		return;
	}
	const socket = connect(port, address).on("error", () => {});
	await once(socket, "connect");
	socket.destroy();
}
