import type { Preset, WebhookSink } from "../config/sinktypes.ts";
import { alertmanager } from "./alertmanager.ts";
import { discord, ntfy, slack, type Told, teams } from "./chat.ts";
import { eventOf } from "./event.ts";
import { compileTemplate, type Escape, render } from "./template.ts";

/** A request's URL, its body and what that is. */
export interface Message {
	url: string;
	type: string;
	body: string;
}

/** Where Alertmanager takes alerts; a URL may name it or the server alone. */
const ALERTS_PATH = "/api/v2/alerts";

function alertsUrl(text: string): string {
	const url = new URL(text);
	const path = url.pathname.replace(/\/+$/, "");
	url.pathname = path.endsWith(ALERTS_PATH) ? path : path + ALERTS_PATH;
	return url.href;
}

/** ntfy takes JSON at its root, and the topic in it. */
function ntfyUrl(text: string): { url: string; topic: string } {
	const url = new URL(text);
	const parts = url.pathname.replace(/\/+$/, "").split("/");
	const topic = decodeURIComponent(parts.pop() ?? "");
	url.pathname = `${parts.join("/")}/`;
	return { url: url.href, topic };
}

/** Makes a fact inert in a body of this type: in a string of JSON, in a form, else it is text. */
function escapeFor(type: string): Escape {
	if (/\bjson\b/i.test(type))
		return (fact) => JSON.stringify(fact).slice(1, -1);
	if (/x-www-form-urlencoded/i.test(type)) return encodeURIComponent;
	if (/\b(html|xml)\b/i.test(type))
		return (fact) => fact.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
	return (fact) => fact;
}

const JSON_TYPE = "application/json";

/** The alert's ECS object, of several a list; or the template, escaped for the type the headers name. */
function generic(batch: Told, url: string, type = JSON_TYPE): Message {
	const { entries, teller, template } = batch;
	if (template)
		return {
			url,
			type,
			body: render(template, entries, teller, escapeFor(type)),
		};
	const events = entries.map((entry) => eventOf(entry, teller));
	const body = JSON.stringify(events.length === 1 ? events[0] : events);
	return { url, type, body };
}

/** Facts in a URL's query, percent-encoded; elsewhere they could lead to another server or path. */
export function filledUrl(text: string, { entries, teller }: Told): string {
	const at = text.indexOf("?");
	if (at < 0) return text;
	const query = compileTemplate(text.slice(at));
	return typeof query === "string"
		? text
		: text.slice(0, at) + render(query, entries, teller, encodeURIComponent);
}

/** `Content-Type` of the configured headers. */
function typeOf(headers: WebhookSink["headers"]): string | undefined {
	const name = Object.keys(headers).find((key) => /^content-type$/i.test(key));
	return name === undefined ? undefined : headers[name];
}

const CHATS: Partial<Record<Preset, (batch: Told) => object>> = {
	slack,
	discord,
	teams,
};

/** What a batch is to a server of this kind; facts are inert in it. `now` is in ms since the epoch. */
export function messageOf(
	{ preset, headers }: Pick<WebhookSink, "preset" | "headers">,
	url: string,
	batch: Told,
	now: number,
): Message {
	const json = (body: object, to = url): Message => ({
		url: to,
		type: JSON_TYPE,
		body: JSON.stringify(body),
	});
	const chat = CHATS[preset];
	if (chat) return json(chat(batch));
	if (preset === "alertmanager")
		return json(alertmanager(batch, now), alertsUrl(url));
	if (preset === "ntfy") {
		const { url: root, topic } = ntfyUrl(url);
		return json(ntfy(batch, topic), root);
	}
	return generic(batch, filledUrl(url, batch), typeOf(headers));
}
