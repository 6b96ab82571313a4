import type { Popup } from "../delivery/desktop.ts";

/** Characters of what is shown. */
const MAX_SUMMARY = 200;
const MAX_BODY = 1000;

/** Programs that put a notification on the session's bus; the first one there is taken. */
export const BUSCTL = "/usr/bin/busctl";
export const NOTIFY_SEND = "/usr/bin/notify-send";

/** "Desktop Notifications Specification", section "Urgency Levels". */
const URGENCIES = { normal: "1", critical: "2" };
const ICON = "security-medium"; // "Icon Naming Specification"
/** The notification daemon decides how long it stays. */
const EXPIRES = "-1";

/** What a line of the socket says: a popup, a refusal, or neither. */
export type Heard = { popup: Popup } | { error: string } | undefined;

/** Shown as it is: printable, and no longer than a notification should be. */
const plain = (value: unknown, max: number): string =>
	(typeof value === "string" ? value : "")
		.replace(/[^ -~\n]/g, "?")
		.slice(0, max);

const oneLine = (text: string) => text.replaceAll("\n", " ");

/** Reads a line from the socket; whoever listens there, nothing of it is believed. */
export function parseHeard(line: string): Heard {
	let said: unknown;
	try {
		said = JSON.parse(line);
	} catch {
		return undefined;
	}
	const { popup, error } = Object(said) as Record<string, unknown>;
	if (error !== undefined) return { error: oneLine(plain(error, MAX_SUMMARY)) };
	if (typeof popup !== "object" || popup === null) return undefined;
	const { summary, body, urgency } = popup as Record<string, unknown>;
	return {
		popup: {
			summary: oneLine(plain(summary, MAX_SUMMARY)) || "tocsin",
			body: plain(body, MAX_BODY),
			urgency: urgency === "critical" ? "critical" : "normal",
		},
	};
}

/** The specification's section "Markup": a body is a piece of XML, a summary isn't. */
const inert = (body: string) =>
	body.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** The arguments by which busctl(1) calls Notify of org.freedesktop.Notifications. */
export const busctlArguments = (popup: Popup): string[] => [
	...["--user", "--quiet", "call", "--"],
	"org.freedesktop.Notifications",
	"/org/freedesktop/Notifications",
	...["org.freedesktop.Notifications", "Notify", "susssasa{sv}i"],
	...["tocsin", "0", ICON], // the program, what it replaces, the icon
	popup.summary,
	inert(popup.body),
	"0", // actions
	...["2", "urgency", "y", URGENCIES[popup.urgency]],
	...["category", "s", "network"],
	EXPIRES,
];

/** The arguments for notify-send(1), which also reads backslashes in a body. */
export const notifySendArguments = (popup: Popup): string[] => [
	"--app-name=tocsin",
	`--icon=${ICON}`,
	"--category=network",
	`--urgency=${popup.urgency}`,
	"--",
	popup.summary,
	inert(popup.body).replaceAll("\\", "\\\\"),
];
