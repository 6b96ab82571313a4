import * as z from "zod/mini";
import type { Popup } from "../delivery/desktop.ts";
import { MAX_ALERTS } from "./protocol.ts";
import {
	asReceived,
	isCurrent,
	type Received,
	receivedSchema,
} from "./received.ts";

/** What a client wants. */
export type Request =
	| { want: "handover"; alerts: Received[] }
	| { want: "status" }
	| { want: "subscribe" }
	| { want: "popup"; popup: Popup; users: string[] };

const status = z.strictObject({ status: z.literal(true) });
const subscribe = z.strictObject({ subscribe: z.literal("desktop") });
const handover = z.strictObject({
	alerts: z
		.array(receivedSchema)
		.check(z.minLength(1), z.maxLength(MAX_ALERTS)),
});

/** Longer ones are cut where they are shown. */
const popup = z.strictObject({
	popup: z.strictObject({
		summary: z.string(),
		body: z.string(),
		urgency: z.enum(["normal", "critical"]),
	}),
	users: z.array(z.string()),
});

const UNKNOWN =
	'ask {"alerts":[...]}, {"status":true} or {"subscribe":"desktop"}';

function parsed(line: string): unknown {
	try {
		return JSON.parse(line);
	} catch {
		return undefined;
	}
}

/** Where the first thing wrong with an alert stands; what it is may be anything, so it isn't repeated. */
function complaint({ issues }: z.core.$ZodError): string {
	const path = issues[0]?.path.join(".") ?? "";
	return `bad ${path.replace(/[^\w.]/g, "?").slice(0, 80)}`;
}

function readAlerts(value: object, now: number): Request | string {
	const read = handover.safeParse(value);
	if (!read.success) return complaint(read.error);
	const alerts = read.data.alerts.map(asReceived);
	const alien = alerts.findIndex((each) => !isCurrent(each, now));
	return alien < 0
		? { want: "handover", alerts }
		: `bad alerts.${alien}.alert.time: not of the last day`;
}

/** Reads a line that somebody sent at `now` (ms since the epoch); a sentence where it is no request. */
export function parseRequest(line: string, now: number): Request | string {
	const value = parsed(line);
	if (typeof value !== "object" || value === null) return UNKNOWN;
	if (Object.hasOwn(value, "alerts")) return readAlerts(value, now);
	if (status.safeParse(value).success) return { want: "status" };
	if (subscribe.safeParse(value).success) return { want: "subscribe" };
	const shown = popup.safeParse(value);
	return shown.success ? { want: "popup", ...shown.data } : UNKNOWN;
}
