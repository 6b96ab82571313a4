import { setTimeout as sleep } from "node:timers/promises";
import type { JournalSink } from "../config/sinktypes.ts";
import type { UnixDatagrams } from "../runtime/unixdgram.ts";
import type { Teller } from "./event.ts";
import { FACILITIES, LEVELS } from "./priority.ts";
import type { Entry, Sender, Sink } from "./sink.ts";
import { compileTemplate, render } from "./template.ts";
import { variables } from "./variables.ts";

/** Where journald listens: https://systemd.io/JOURNAL_NATIVE_PROTOCOL/ */
export const JOURNAL = "/run/systemd/journal/socket";
/** ms between two attempts while journald's queue is full, and for all of them. */
const PAUSE_MS = 20;
const PATIENCE_MS = 2000;

export interface JournalWorld {
	sender: Sender;
	teller: Teller;
	/** A socket that isn't journald's. */
	path?: string;
	/** By default Linux's; loaded at the first alert. */
	open?: (path: string) => UnixDatagrams;
}

const REMEDIES: Record<string, string> = {
	ENOENT: "no journal here: journald isn't running",
	ECONNREFUSED: "nobody listens: journald isn't running",
	EAGAIN: "journald does not read",
	EACCES: "permission denied",
};

/** A field as the protocol has it: a value with newlines stands behind its length, 64 bits, least byte first. */
function field(name: string, value: string): Buffer {
	if (!value.includes("\n")) return Buffer.from(`${name}=${value}\n`);
	const bytes = Buffer.from(value);
	const length = Buffer.alloc(8);
	length.writeBigUInt64LE(BigInt(bytes.length));
	return Buffer.concat([
		Buffer.from(`${name}\n`),
		length,
		bytes,
		Buffer.from("\n"),
	]);
}

/** An entry as a datagram: what syslog would have, and its facts (`KLAXON_KIND`). */
export function journalEntry(
	entry: Entry,
	message: string,
	sender: Sender,
	teller: Teller,
): Buffer {
	const fields: [string, string][] = [
		["MESSAGE", message],
		["PRIORITY", String(LEVELS.indexOf(entry.level))],
		["SYSLOG_FACILITY", String(FACILITIES.indexOf(sender.facility))],
		["SYSLOG_IDENTIFIER", sender.tag],
		["SYSLOG_PID", String(sender.pid)],
		// It would be the message once more.
		...variables(entry, teller).filter(([name]) => name !== "KLAXON_LINE"),
	];
	return Buffer.concat(fields.map(([name, value]) => field(name, value)));
}

async function openLinux(path: string): Promise<UnixDatagrams> {
	const { unixDatagrams } = await import("../runtime/unixdgram.ts");
	return unixDatagrams(path);
}

/** Sends one, patiently while the queue is full; the error's name. */
async function insist(way: UnixDatagrams, bytes: Buffer, until: number) {
	let why = way.send(bytes);
	// ENOBUFS: the kernel is short of memory for it just now.
	while ((why === "EAGAIN" || why === "ENOBUFS") && performance.now() < until) {
		await sleep(PAUSE_MS);
		why = way.send(bytes);
	}
	return why;
}

/** systemd's journal, by its native protocol: each alert with fields to look it up by, `journalctl KLAXON_KIND=scan`. */
export function journalSink(config: JournalSink, world: JournalWorld): Sink {
	const { sender, teller, path = JOURNAL, open = openLinux } = world;
	const template =
		config.template === undefined
			? undefined
			: compileTemplate(config.template);
	let way: UnixDatagrams | undefined;

	async function send(entries: Entry[]): Promise<string | undefined> {
		way ??= await open(path);
		const until = performance.now() + PATIENCE_MS;
		for (const entry of entries) {
			const text =
				typeof template === "object"
					? render(template, [entry], teller)
					: entry.line;
			const bytes = journalEntry(entry, text, sender, teller);
			const why = await insist(way, bytes, until);
			if (why !== undefined) return REMEDIES[why] ?? why;
		}
		return undefined;
	}

	return {
		async deliver(entries) {
			if (typeof template === "string") return `journal: ${template}`;
			try {
				const why = await send(entries);
				return why && `${path}: ${why}`;
			} catch (error) {
				return `journal: ${(error as Error).message}`; // no koffi
			}
		},
		async close() {
			way?.close();
			way = undefined;
			return undefined;
		},
	};
}
