import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { jsonLine } from "../alert/json.ts";
import type { Entry } from "./sink.ts";
import { timestamp } from "./time.ts";

/** An entry as a line for a person: its time and its text. */
export function plainEntry({ time, line }: Entry): string {
	return `${timestamp(time)} ${line}\n`;
}

/** An entry's alert as a line of ECS JSON; nothing for what is no alert. */
export function jsonEntry({ alert, id }: Entry, version: string): string {
	if (!alert) return "";
	const observer = {
		product: alert.kind === "connection" ? "klaxon" : "tocsin",
		version,
		hostname: hostname(),
	} as const;
	return `${jsonLine(alert, observer, id ?? randomUUID())}\n`;
}
