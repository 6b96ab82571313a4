import { readFileSync, type Stats, statSync } from "node:fs";
import { printable } from "../alert/printable.ts";
import type { Asked } from "../handover/ask.ts";
import { bareAsk } from "../handover/bareask.ts";
import { MAX_ALERTS, MAX_REQUEST, SOCKET } from "../handover/protocol.ts";
import type { Entry, Sink } from "./sink.ts";

/** ms that tocsin has to take a request; longer than that klaxon rather delivers itself. */
const ANSWER_MS = 1000;

/** How often that again, where more processes than these wait for a turn: tocsin then waits as well, and to do its work costs us ten times more. */
const MORE_ANSWERS = 20;
const CROWD = 16;

/** Characters of what tocsin says against it. */
const MAX_REASON = 200;

/** Bytes around the alerts of a request, and between two. */
const HEAD = '{"alerts":[';
const TAIL = "]}";

/** The kernel makes one at each reading: to load node:crypto takes longer than a whole start may. */
const UUID = "/proc/sys/kernel/random/uuid";

/** useradd(8), login.defs(5): people. Those of systemd's DynamicUser= and nobody are above. */
const PEOPLE = { first: 1000, last: 61_183 };

const isPerson = (uid: number) => uid >= PEOPLE.first && uid <= PEOPLE.last;

/**
 * Where a configuration's text says that tocsin's socket is, found without reading TOML: a line
 * `socket = "..."` before the first table. Undefined where it is no path that stands there as it is meant.
 */
export function socketIn(text: string): string | undefined {
	const top = text.split(/^\s*\[/m, 1)[0] ?? "";
	const [, value] = /^[ \t]*socket[ \t]*=[ \t]*(.*)$/m.exec(top) ?? [];
	if (value === undefined) return SOCKET;
	const [, basic, literal] =
		/^(?:"([^"\\]*)"|'([^']*)')[ \t\r]*(?:#.*)?$/.exec(value) ?? [];
	const path = basic ?? literal;
	return path?.startsWith("/") ? path : undefined;
}

/** `socketIn` of a file; the usual place where it isn't for us to read, as one with secrets is; undefined where it is none. */
export function socketOf(file: string): string | undefined {
	try {
		return socketIn(readFileSync(file, "utf8"));
	} catch (error) {
		const isForOthers = (error as NodeJS.ErrnoException).code === "EACCES";
		return isForOthers ? SOCKET : undefined;
	}
}

/**
 * Why nothing is handed over at a path: no socket, or a person's, who might swallow alerts. tocsin's own
 * belongs to root, a system user, nobody (which is also what a user that our namespace doesn't know looks
 * like: PrivateUsers= of systemd) or a DynamicUser=; to us when somebody tries both out.
 */
function objection(path: string, own: number | undefined): string | undefined {
	let found: Stats | undefined;
	try {
		found = statSync(path);
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		return code === "ENOENT" ? "no tocsin runs here" : `no way there: ${code}`;
	}
	if (!found.isSocket()) return "not a socket";
	return isPerson(found.uid) && found.uid !== own
		? `belongs to user ${found.uid}, who is no service`
		: undefined;
}

/** Alerts as they are handed over, in as few requests as their limits allow. */
export function requestsOf(entries: readonly Entry[]): string[] {
	const requests: string[] = [];
	let items: string[] = [];
	let size = 0;
	const flush = () => {
		if (items.length > 0) requests.push(`${HEAD}${items.join()}${TAIL}\n`);
		items = [];
		size = HEAD.length + TAIL.length;
	};
	flush();
	for (const { alert, id } of entries) {
		if (!alert) continue;
		const item = JSON.stringify({ id, alert });
		const bytes = Buffer.byteLength(item) + 1;
		if (size + bytes > MAX_REQUEST || items.length === MAX_ALERTS) flush();
		items.push(item);
		size += bytes;
	}
	flush();
	return requests;
}

/** Whether many processes want a processor now: proc_loadavg(5), the fourth field. */
function isCrowded(): boolean {
	try {
		const [, runnable] =
			/ (\d+)\//.exec(readFileSync("/proc/loadavg", "latin1")) ?? [];
		return Number(runnable) > CROWD;
	} catch {
		return false;
	}
}

async function demand(path: string, request: string): Promise<Asked> {
	let [waits, crowded] = [0, isCrowded()];
	const isPatient = () => {
		const was = crowded;
		crowded = isCrowded();
		return (was || crowded) && ++waits <= MORE_ANSWERS;
	};
	const line = bareAsk(path, request, ANSWER_MS, isPatient);
	if (!line) {
		const { ask } = await import("../handover/ask.ts");
		return ask(path, JSON.parse(request), ANSWER_MS);
	}
	try {
		return { answer: JSON.parse((await line) ?? "null") };
	} catch {
		return { why: "the answer is no JSON" };
	}
}

/** What an answer says against a request; undefined when its alerts were taken. */
function refusal(asked: Asked): string | undefined {
	if ("why" in asked) return asked.why;
	const { taken, error } = Object(asked.answer);
	if (Number.isInteger(taken)) return undefined;
	return typeof error === "string" ? printable(error, MAX_REASON) : "no answer";
}

/** Names an entry, so that it is the same alert wherever it ends up. */
function name(entry: Entry): void {
	try {
		entry.id ??= readFileSync(UUID, "latin1").trim();
	} catch {
		// without a name it may be told twice
	}
}

/**
 * klaxon's way to a running tocsin, whose socket is at `path`: it has them in its history and outbox when it
 * answers. The reason where there is none, or it doesn't take them: the same entries, now with ids, are
 * then klaxon's own to deliver. What is no alert is not handed over.
 */
export function handoverSink(
	path: string,
	own: number | undefined = process.getuid?.(),
): Sink {
	return {
		async deliver(entries) {
			const why = objection(path, own);
			if (why !== undefined) return `${path}: ${why}`;
			entries.forEach(name);
			for (const request of requestsOf(entries)) {
				const refused = refusal(await demand(path, request));
				if (refused !== undefined) return `${path}: ${refused}`;
			}
			return undefined;
		},
		close: async () => undefined,
	};
}
