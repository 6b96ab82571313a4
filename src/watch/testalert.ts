import { hostname } from "node:os";
import type { ProbeAlert } from "../alert/alert.ts";
import { printable } from "../alert/printable.ts";
import { openSink } from "../delivery/configured.ts";
import type { Popup } from "../delivery/desktop.ts";
import { eventId } from "../delivery/eventid.ts";
import { EX_OK } from "../delivery/exit.ts";
import type { Entry, Sink } from "../delivery/sink.ts";
import { type Asked, ask } from "../handover/ask.ts";
import { openMain, senderOf } from "./deliver.ts";
import { entryOf } from "./desk.ts";
import type { WatchOptions } from "./merge.ts";

/** Characters of what is said against it. */
const MAX_REASON = 200;

/** A sink failed: the command itself did what it should. */
const EX_FAILED = 1;

/** Addresses that nobody has: RFC 5737. */
const SOURCE = "192.0.2.1";
const DESTINATION = "198.51.100.1";

/** An alert like any other, marked as one that means nothing. */
export const testAlert = (time: number): ProbeAlert => ({
	kind: "probe",
	time,
	carrier: "tcp",
	technique: "syn",
	source: { ip: SOURCE, port: 40_312 },
	destination: { ip: DESTINATION, port: 23 },
	service: "telnet",
	note: "test-alert: nobody was here",
});

/** Gives an entry to a sink of its own; a reason why it failed. */
async function attempt(
	open: () => Promise<Sink> | Sink,
	entry: Entry,
): Promise<string | undefined> {
	try {
		const sink = await open();
		const why = await sink.deliver([entry]);
		return why ?? (await sink.close());
	} catch (error) {
		return (error as Error).message; // TLS files, for example
	}
}

/** How many sessions a running tocsin has told, or why none. */
function heardBy(asked: Asked): { told?: number; why?: string } {
	if ("why" in asked) return { why: asked.why };
	const { told, error } = Object(asked.answer);
	return typeof told === "number"
		? { told }
		: { why: printable(String(error ?? "no answer"), MAX_REASON) };
}

/**
 * Sends one marked alert through the syslog and every sink, whatever their `when` says, and writes what came
 * of it, a line each. Answers 1 when one failed.
 */
export async function runTestAlert(
	options: WatchOptions,
	version: string,
	write: (line: string) => void,
): Promise<number> {
	const said: string[] = [];
	const popups: Promise<Asked>[] = [];
	const world = {
		sender: senderOf(options),
		version,
		hostname: hostname(),
		complain(sentence: string) {
			said.push(sentence);
		},
		broadcast(users: readonly string[], message: { popup: Popup }) {
			popups.push(ask(options.socket, { ...message, users }));
			return 0;
		},
	};
	const now = Date.now();
	const entry = { ...entryOf(testAlert(now)), id: eventId(now) };
	const ways = [
		{ name: "main syslog", open: () => openMain(options, version) },
		...options.sinks.map((config) => ({
			name: `${config.name} (${config.type})`,
			open: () => openSink(config, world),
		})),
	];
	const outcomes = ways.map(async ({ name, open }) => {
		const begun = performance.now();
		const why = await attempt(open, entry);
		const seconds = ((performance.now() - begun) / 1000).toFixed(1);
		return { name, why, seconds };
	});
	let code = EX_OK;
	for (const outcome of outcomes) {
		const { name, why, seconds } = await outcome;
		write(
			why === undefined
				? `ok  ${name}: taken in ${seconds} s\n`
				: `NO  ${name}: ${why}\n`,
		);
		if (why !== undefined) code = EX_FAILED;
	}
	for (const asked of await Promise.all(popups)) {
		const { why, told } = heardBy(asked);
		write(
			why === undefined
				? `ok  popups: ${told} sessions have heard of it\n`
				: `NO  popups: ${why}\n`,
		);
		if (why !== undefined) code = EX_FAILED;
	}
	for (const sentence of said) write(`    ${sentence}\n`);
	return code;
}
