import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { eventOf } from "./event.ts";
import type { Entry } from "./sink.ts";
import { timestamp } from "./time.ts";

/** An entry as a line for a person: its time and its text. */
export function plainEntry({ time, line }: Entry): string {
	return `${timestamp(time)} ${line}\n`;
}

/** An entry's alert as a line of ECS JSON; nothing for what is no alert. */
export function jsonEntry(entry: Entry, version: string): string {
	if (!entry.alert) return "";
	const named = { ...entry, id: entry.id ?? randomUUID() };
	return `${JSON.stringify(eventOf(named, { version, hostname: hostname() }))}\n`;
}
