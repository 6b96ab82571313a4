import { levelOf } from "../alert/level.ts";
import { TITLES } from "../alert/title.ts";
import type { DesktopSink } from "../config/sinktypes.ts";
import type { Teller } from "./event.ts";
import type { Entry, Sink } from "./sink.ts";
import { compileTemplate, render, type Template } from "./template.ts";
import { type WallWorld, wallOut } from "./wall.ts";

/** Popups of one batch; nobody reads more at once. */
const MAX_POPUPS = 10;
/** Characters: a notification shows a few lines. */
const MAX_BODY = 1000;

/** What a desktop shows; `body` is plain text, without markup. */
export interface Popup {
	summary: string;
	body: string;
	urgency: "normal" | "critical";
}

export interface DesktopWorld {
	teller: Teller;
	/** Tells the agents (`tocsin notify`) of these users, everybody's where there are none; how many heard it. */
	broadcast(users: readonly string[], message: { popup: Popup }): number;
	wall?: WallWorld;
}

/** An entry as a popup. */
export function popupOf(entry: Entry, body: string, hostname: string): Popup {
	const { alert } = entry;
	const title = alert ? TITLES[alert.kind] : "Notice";
	const isUrgent = alert && levelOf(alert) === "warning";
	return {
		summary: `${title} (${hostname})`,
		body: body.slice(0, MAX_BODY),
		urgency: isUrgent ? "critical" : "normal",
	};
}

const textOf = (
	entry: Entry,
	template: Template | undefined,
	teller: Teller,
) => (template ? render(template, [entry], teller) : entry.line);

/**
 * Popups on the desktops of who is logged in, through the agents of their sessions, and wall(1) for terminals.
 * Nobody logged in is no failure: there is nobody to tell.
 */
export function desktopSink(config: DesktopSink, world: DesktopWorld): Sink {
	const { popup, wall, users } = config;
	const { teller, broadcast } = world;
	const template =
		config.template === undefined
			? undefined
			: compileTemplate(config.template);
	const terminals = wallOut(users, world.wall);

	function popUp(entries: Entry[], texts: string[]): void {
		for (const [i, entry] of entries.slice(0, MAX_POPUPS).entries())
			broadcast(users, {
				popup: popupOf(entry, texts[i] ?? "", teller.hostname),
			});
		const left = entries.length - MAX_POPUPS;
		const rest: Popup = {
			summary: `${left} more alerts (${teller.hostname})`,
			body: texts.at(-1)?.slice(0, MAX_BODY) ?? "",
			urgency: "normal",
		};
		if (left > 0) broadcast(users, { popup: rest });
	}

	return {
		async deliver(entries) {
			if (typeof template === "string") return `desktop: ${template}`;
			const texts = entries.map((entry) => textOf(entry, template, teller));
			if (popup) popUp(entries, texts);
			return wall ? await terminals(texts) : undefined;
		},
		close: async () => undefined,
	};
}
