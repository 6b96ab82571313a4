import { existsSync } from "node:fs";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { runCommand } from "../delivery/child.ts";
import type { Popup } from "../delivery/desktop.ts";
import { EX_NOPERM, EX_OK, EX_UNAVAILABLE } from "../delivery/exit.ts";
import { words } from "../delivery/words.ts";
import { createLines } from "../handover/lines.ts";
import { MAX_REQUEST } from "../handover/protocol.ts";
import {
	BUSCTL,
	busctlArguments,
	NOTIFY_SEND,
	notifySendArguments,
	parseHeard,
} from "./popup.ts";

/** ms between two popups, at least: nobody reads faster. */
const PACE_MS = 1000;
/** ms for a notification daemon, which the bus may have to start, to take one. */
const SHOW_MS = 10_000;
/** ms until a daemon that isn't there is looked for again: doubled up to the second. */
const RETRY_MS = 1000;
const MAX_RETRY_MS = 30_000;

export interface NotifyWorld {
	/** Resolves when somebody wants us to leave. */
	stopped: Promise<void>;
	/** Tells a sentence on standard error, which systemd keeps. */
	complain(sentence: string): void;
	/** Shows a popup; a reason where it can't. By default on the session's bus. */
	show?: (popup: Popup) => Promise<string | undefined>;
	/** ms between two popups. */
	paceMs?: number;
}

/** What leads to the session's bus. */
const BUS = ["DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "HOME", "DISPLAY"];

/** Shows popups by whichever program is there; undefined where there is none. */
export function notifier(
	busctl = BUSCTL,
	notifySend = NOTIFY_SEND,
): NotifyWorld["show"] {
	const program = [busctl, notifySend].find((path) => existsSync(path));
	if (program === undefined) return undefined;
	const argumentsOf =
		program === busctl ? busctlArguments : notifySendArguments;
	const env: Record<string, string> = { PATH: "/usr/bin:/bin", LANG: "C" };
	for (const name of BUS) {
		const value = process.env[name];
		if (value !== undefined) env[name] = value;
	}
	return (popup) =>
		runCommand({
			program,
			args: argumentsOf(popup),
			env,
			input: "",
			timeout: SHOW_MS,
		});
}

/** Shows the first popup at once; what comes within `ms` of one is counted, and told as one. */
export function createPace(
	show: (popup: Popup) => Promise<unknown>,
	ms: number,
): (popup: Popup) => void {
	let held: Popup | undefined;
	let count = 0;
	let isBusy = false;
	async function run(popup: Popup): Promise<void> {
		isBusy = true;
		await Promise.all([show(popup), sleep(ms)]);
		isBusy = false;
		if (!held) return;
		const next =
			count === 1 ? held : { ...held, summary: `${count} more alerts` };
		held = undefined;
		count = 0;
		run(next);
	}
	return (popup) => {
		if (!isBusy) {
			run(popup);
			return;
		}
		count++;
		// An urgent one is shown rather than what came later.
		if (held?.urgency !== "critical" || popup.urgency === "critical")
			held = popup;
	};
}

/** How a connection ended. */
type End =
	| { end: "refused"; why: string }
	| { end: "lost"; why: string; wasOpen: boolean };

/** Subscribes, and hands on each popup until the connection ends. */
function listen(
	path: string,
	signal: AbortSignal,
	onPopup: (popup: Popup) => void,
): Promise<End> {
	return new Promise((resolve) => {
		const socket = connect({ path, signal });
		const lines = createLines(MAX_REQUEST);
		let wasOpen = false;
		let why = "it closed the connection";
		const leave = (said: string) => {
			why = said;
			socket.destroy();
		};
		socket.on("connect", () => {
			wasOpen = true;
			socket.write('{"subscribe":"desktop"}\n');
		});
		socket.on("error", (error) => {
			why = words(error);
		});
		socket.on("close", () => resolve({ end: "lost", why, wasOpen }));
		socket.on("data", (chunk) => {
			const complete = lines.push(chunk);
			if (!complete) leave("a line is too long");
			for (const line of complete ?? []) {
				const heard = parseHeard(line);
				if (!heard) continue;
				if ("popup" in heard) onPopup(heard.popup);
				else {
					resolve({ end: "refused", why: heard.error });
					leave(heard.error);
				}
			}
		});
	});
}

/** Listens again and again until it is stopped or refused. */
async function serve(
	path: string,
	signal: AbortSignal,
	onPopup: (popup: Popup) => void,
	onLoss: (sentence: string) => void,
): Promise<string | undefined> {
	for (let retry = RETRY_MS; ; ) {
		const ended = await listen(path, signal, onPopup);
		if (signal.aborted) return undefined;
		if (ended.end === "refused") return `${path}: ${ended.why}`;
		onLoss(
			`${path}: ${ended.why}: waiting for a tocsin that has a desktop sink`,
		);
		await sleep(retry, undefined, { signal }).catch(() => {}); // stopped
		if (signal.aborted) return undefined;
		retry = ended.wasOpen ? RETRY_MS : Math.min(retry * 2, MAX_RETRY_MS);
	}
}

/**
 * `tocsin notify`, run in a person's session: shows on its desktop what the daemon at `path` tells, until it is
 * stopped. A daemon that isn't there is waited for. The exit code.
 */
export async function runNotify(
	path: string,
	world: NotifyWorld,
): Promise<number> {
	const { stopped, complain, show = notifier() } = world;
	if (!show) {
		complain(
			`no ${BUSCTL} and no ${NOTIFY_SEND}: install systemd or libnotify-bin`,
		);
		return EX_UNAVAILABLE;
	}
	let complaint: string | undefined;
	const once = (sentence: string | undefined) => {
		if (sentence !== undefined && sentence !== complaint) complain(sentence);
		complaint = sentence;
	};
	const pace = createPace(async (popup) => {
		const why = await show(popup);
		once(why && `can't show a popup: ${why}`);
	}, world.paceMs ?? PACE_MS);
	const stop = new AbortController();
	stopped.then(() => stop.abort());
	const refusal = await serve(path, stop.signal, pace, once);
	if (refusal === undefined) return EX_OK;
	complain(refusal);
	return EX_NOPERM;
}
