import type { WebhookSink } from "../config/sinktypes.ts";
import { type Message, messageOf } from "./presets.ts";
import { said } from "./redact.ts";
import { type Answer, request } from "./request.ts";
import type { Entry, Sink } from "./sink.ts";
import { compileTemplate, plain, type Template } from "./template.ts";
import { trustIn } from "./trust.ts";
import type { World } from "./world.ts";

/** ms that a server may put us off by `Retry-After`. */
const MAX_WAIT = 3_600_000;

/** The secrets of a sink, read once; a string says what is wrong with one. */
interface Access {
	url: string;
	token: string | undefined;
	template: Template | undefined;
}

function accessOf(config: WebhookSink, world: World): Access | string {
	const url = world.secret(config.url);
	if ("error" in url) return url.error;
	const { protocol } = URL.canParse(url.value)
		? new URL(url.value)
		: { protocol: "" };
	if (protocol !== "http:" && protocol !== "https:")
		return "bad URL: give it as https://HOST[:PORT]/PATH";
	const token = config.token && world.secret(config.token);
	if (token && "error" in token) return token.error;
	const template =
		config.template === undefined
			? undefined
			: compileTemplate(config.template);
	if (typeof template === "string") return template;
	return { url: url.value, token: token?.value, template };
}

/** The time of a `Retry-After`, in seconds or as a date; undefined where there is none. */
function laterOf({ retryAfter }: Answer, now: number): number | undefined {
	if (retryAfter === undefined) return undefined;
	const time = /^\d+$/.test(retryAfter)
		? now + Number(retryAfter) * 1000
		: Date.parse(retryAfter);
	return Number.isNaN(time) ? undefined : Math.min(time, now + MAX_WAIT);
}

const isExpected = ({ status }: WebhookSink, answer: Answer) =>
	status.length > 0
		? status.includes(answer.status)
		: answer.status >= 200 && answer.status < 300;

/** Why an answer isn't the expected one, and what may help. */
function refusal({ status, text }: Answer, secrets: readonly string[]): string {
	const isMoved = status >= 300 && status < 400;
	const remedy = isMoved
		? "; redirects are not followed: give the URL it leads to"
		: "";
	const quote = said(text, secrets);
	return `answered ${status}${quote === "" ? "" : `: ${quote}`}${remedy}`;
}

function headersOf(
	{ headers }: WebhookSink,
	{ token }: Access,
	type: string | undefined,
): Record<string, string> {
	const names = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
	const ours: [string, string | undefined][] = [
		["User-Agent", "tocsin"],
		["Content-Type", type],
		["Authorization", token && `Bearer ${token}`],
	];
	const missing = ours.filter(
		(field): field is [string, string] =>
			field[1] !== undefined && !names.has(field[0].toLowerCase()),
	);
	return { ...Object.fromEntries(missing), ...headers };
}

/**
 * An HTTP request a batch. Its URL is a secret: a reason shows scheme and host. A server that says `Retry-After`
 * is left alone until then.
 */
export function webhookSink(config: WebhookSink, world: World): Sink {
	const access = accessOf(config, world);
	const trust = trustIn(config.ca);
	const hasBody = config.method !== "GET";
	let until = 0;

	async function ask(
		{ url, type, body }: Message,
		access: Access,
	): Promise<Answer | string> {
		const target = new URL(url);
		const isTls = target.protocol === "https:";
		const secureContext = isTls ? await trust() : undefined;
		if (typeof secureContext === "string") return secureContext;
		return request({
			url: target,
			method: config.method,
			headers: headersOf(config, access, hasBody ? type : undefined),
			body: hasBody ? body : undefined,
			timeout: config.timeout,
			secureContext,
		});
	}

	async function send(
		entries: readonly Entry[],
		access: Access,
	): Promise<string | undefined> {
		const { url, token, template } = access;
		const { teller, now } = world;
		const batch = { entries, teller, template };
		const message = messageOf(config, url, batch, now());
		const answer = await ask(message, access);
		if (typeof answer === "string") return answer;
		if (isExpected(config, answer)) return undefined;
		until = laterOf(answer, now()) ?? 0;
		const { pathname, search } = new URL(url);
		const secrets = [pathname, search, token ?? ""];
		return refusal(answer, [...secrets, ...Object.values(config.headers)]);
	}

	return {
		async deliver(entries) {
			if (entries.length === 0) return undefined;
			if (typeof access === "string")
				return `webhook ${config.name}: ${access}`;
			const { origin } = new URL(access.url);
			const wait = Math.ceil((until - world.now()) / 1000);
			if (wait > 0) return `${origin}: asked us to wait ${wait} s more`;
			const why = await send(entries, access).catch((error: Error) =>
				plain(error.message),
			);
			return why && `${origin}: ${why}`;
		},
		close: async () => undefined,
	};
}
