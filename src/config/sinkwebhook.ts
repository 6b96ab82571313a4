import * as z from "zod/mini";
import { compileTemplate } from "../delivery/template.ts";
import { duration } from "./duration.ts";
import { told, typed } from "./meaning.ts";
import { type Complain, reading } from "./reading.ts";
import type { Secret } from "./secret.ts";
import { secretOf, secretShape } from "./secretkeys.ts";
import {
	batchOf,
	batchShape,
	batchText,
	commonShape,
	SINGLY,
	templateShape,
	type Unnamed,
	type When,
} from "./sinkkeys.ts";
import {
	type Batch,
	PRESETS,
	type Preset,
	type WebhookSink,
} from "./sinktypes.ts";
import { absolute, whole } from "./values.ts";

const CHAT: Batch = { gather: 1000, every: 1000, max: 20 };
/** Alertmanager groups by itself. */
const ALERTS: Batch = { gather: 1000, every: 0, max: 200 };

const BATCHES: Record<Preset, Batch> = {
	generic: SINGLY,
	slack: CHAT,
	teams: CHAT,
	discord: CHAT,
	ntfy: CHAT,
	alertmanager: ALERTS,
};

/** A token of RFC 9110 section 5.6.2. */
const FIELD_NAME = /^[!#$%&'*+.^_`|~\dA-Za-z-]{1,100}$/;
/** RFC 9110 section 5.5 without the bytes that it calls obsolete. */
const FIELD_VALUE = /^[\t -~]{0,2000}$/;
const MAX_HEADERS = 50;

/** Of the connection, not of the message (RFC 9110 section 7.6.1), or ours to say. */
const RESERVED = new Set([
	"connection",
	"content-length",
	"expect",
	"host",
	"keep-alive",
	"proxy-connection",
	"te",
	"trailer",
	"transfer-encoding",
	"upgrade",
]);

/** What is wrong with a webhook's URL, or undefined. It is not quoted: that of a chat is a secret. */
export function webUrlError(text: string): string | undefined {
	const url = URL.canParse(text) ? new URL(text) : undefined;
	if (!url || !/^https?:\/\/[^\s\p{Cc}]+$/iu.test(text))
		return "bad URL: give it as https://HOST[:PORT]/PATH";
	return url.username === "" && url.password === ""
		? undefined
		: "a user and a password in the URL are not sent: give 'token_file', or 'headers'";
}

function checkHeader(name: string, value: string, complain: Complain): void {
	if (!FIELD_NAME.test(name))
		complain(`bad header '${name}': a name is letters, digits and -`, [name]);
	else if (RESERVED.has(name.toLowerCase()))
		complain(`header '${name}': is not for a configuration to set`, [name]);
	// the value may be a secret
	if (!FIELD_VALUE.test(value))
		complain(
			`header '${name}': its value is printable ASCII on one line, at most 2000 characters`,
			[name],
		);
}

const headers = typed(
	"table",
	z.pipe(
		z.record(z.string(), z.string()),
		reading((fields: Record<string, string>, complain) => {
			const names = Object.keys(fields);
			if (names.length > MAX_HEADERS)
				complain(`at most ${MAX_HEADERS} headers can be set`);
			for (const [name, value] of Object.entries(fields))
				checkHeader(name, value, complain);
			return fields;
		}),
	),
);

const table = (when: When) =>
	z.strictObject({
		type: z.literal("webhook"),
		...commonShape(when),
		preset: told(
			z._default(z.enum(PRESETS), "generic"),
			"what the body is made for; `generic` is the alert's ECS object",
		),
		...secretShape(
			"url",
			"where to; with placeholders behind its `?`; that of slack, teams or discord is a secret, as a password is",
		),
		method: told(z._default(z.enum(["POST", "PUT", "GET"]), "POST"), "of HTTP"),
		headers: told(
			z._default(headers, () => ({})),
			'more of them: `{ X-Origin = "tocsin" }`',
			"none",
		),
		...secretShape("token", "sent as `Authorization: Bearer`; a secret"),
		status: told(
			typed(
				"number or list",
				z.optional(
					z.union(
						[whole(200, 599), z.array(whole(200, 599))],
						"give status codes, 200 to 599",
					),
				),
			),
			"what the server answers when it has taken it",
			"200 to 299",
		),
		timeout: told(
			z.prefault(duration(1000, 60_000), "10s"),
			"for a request and its answer",
		),
		ca: told(
			z.optional(absolute()),
			"a PEM file of who signs the server",
			"the system's",
		),
		...templateShape(
			"of the body, or with a preset of the text in it; values are escaped for what it is",
		),
		...batchShape(
			`generic ${batchText(SINGLY)}; alertmanager ${batchText(ALERTS)}; the others ${batchText(CHAT)}`,
		),
	});

type WebhookTable = z.infer<ReturnType<typeof table>>;

function urlOf(value: WebhookTable, complain: Complain): Secret {
	const url = secretOf(value, "url", complain);
	if (!url) {
		complain(
			"a webhook needs 'url', 'url_file', 'url_env' or 'url_credential'",
		);
		return z.NEVER;
	}
	if (url.from !== "value") return url;
	const at = url.value.indexOf("?");
	const query = at < 0 ? [] : compileTemplate(url.value.slice(at));
	const error =
		webUrlError(url.value) ?? (typeof query === "string" ? query : undefined);
	if (error) complain(error, ["url"]);
	return url;
}

function tokenOf(value: WebhookTable, complain: Complain): Secret | undefined {
	const token = secretOf(value, "token", complain);
	const names = Object.keys(value.headers);
	const twice = names.find((name) => name.toLowerCase() === "authorization");
	if (token && twice !== undefined)
		complain(`a token and header '${twice}': give one of them`, [
			"headers",
			twice,
		]);
	// RFC 6750 section 2.1 allows less, some servers' tokens have more
	if (token?.from === "value" && !/^[!-~]*$/.test(token.value))
		complain("bad 'token': printable ASCII without blanks", ["token"]);
	return token;
}

/** A `[[sink]]` of type webhook. */
export const webhookSchema = (when: When) =>
	z.pipe(
		table(when),
		reading((value: WebhookTable, complain): Unnamed<WebhookSink> => {
			const { type, name, when, limit, preset, method, headers } = value;
			const { timeout, ca, template } = value;
			return {
				type,
				name,
				when,
				limit,
				batch: batchOf(value.batch, BATCHES[preset]),
				preset,
				url: urlOf(value, complain),
				method,
				headers,
				token: tokenOf(value, complain),
				status: [value.status ?? []].flat(),
				timeout,
				ca,
				template,
			};
		}),
	);
