import { hostname } from "node:os";
import * as z from "zod/mini";
import { told, typed } from "./meaning.ts";
import { type Complain, reading } from "./reading.ts";
import { secretOf, secretShape } from "./secretkeys.ts";
import {
	batchOf,
	batchShape,
	batchText,
	commonShape,
	template,
	templateShape,
	type Unnamed,
	type When,
} from "./sinkkeys.ts";
import type { Batch, MailSink, MailVia } from "./sinktypes.ts";
import { absolute } from "./values.ts";

const BATCH: Batch = { gather: 30_000, every: 300_000, max: 500 };
const SENDMAIL = "/usr/sbin/sendmail";
const MAX_RECIPIENTS = 100;

/** Submission is RFC 6409's 587, with TLS from the first byte RFC 8314's 465, relay RFC 5321's 25. */
const SCHEMES = {
	smtp: { port: 587, security: "starttls" },
	smtps: { port: 465, security: "tls" },
	"smtp+plain": { port: 25, security: "none" },
} as const;

/** RFC 5321 section 4.1.2's Dot-string, no `-` in front: sendmail(8) would take it for an option. */
const LOCAL = /^(?!-)[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*$/;
const DOMAIN =
	/^(?:[A-Za-z\d_](?:[\w-]*[\w])?)(?:\.[A-Za-z\d_](?:[\w-]*[\w])?)*$/;
/** RFC 5321 section 4.5.3.1.3, less the angle brackets. */
const MAX_ADDRESS = 254;
/** A display name without what RFC 5322 section 3.2.3 calls specials, or in quotes without any inside. */
const NAMED =
	/^(?:[\w !#$%&'*+/=?^`{|}~.-]{1,100}|"[^"\\<>@]{1,100}") <([^<>]+)>$/;

/** Whether a text is `ops@example.net` or `Ops <ops@example.net>`: printable ASCII, nothing quoted. */
export function isAddress(text: string): boolean {
	if (!/^[ -~]+$/.test(text)) return false;
	const address = NAMED.exec(text)?.[1] ?? text;
	const [local = "", domain = "", ...rest] = address.split("@");
	return (
		rest.length === 0 &&
		address.length <= MAX_ADDRESS &&
		LOCAL.test(local) &&
		DOMAIN.test(domain)
	);
}

const addresses = typed(
	"address or list",
	reading((value, complain): string[] => {
		const items: unknown[] = Array.isArray(value) ? value : [value];
		if (items.length === 0 || items.length > MAX_RECIPIENTS)
			complain(`give 1 to ${MAX_RECIPIENTS} addresses`);
		return items.flatMap((item, i) => {
			if (typeof item === "string" && isAddress(item)) return [item];
			complain(
				`bad address '${item}': give one as ops@example.net or Ops <ops@example.net>`,
				Array.isArray(value) ? [i] : [],
			);
			return [];
		});
	}),
);

const address = typed(
	"address",
	z.pipe(
		z.string(),
		reading((text: string, complain): string => {
			if (!isAddress(text))
				complain(
					`bad address '${text}': give one as tocsin@example.net or Tocsin <tocsin@example.net>`,
				);
			return text;
		}),
	),
);

type Server = Pick<
	Extract<MailVia, { via: "smtp" }>,
	"host" | "port" | "security"
>;

/** A mail server's URL. What stands before an `@` is not quoted: it may be a password. */
function readServer(text: string, complain: Complain): Server {
	const [, scheme, v6, name, digits] =
		/^(smtps?|smtp\+plain):\/\/(?:\[([\da-fA-F:.]+)\]|([\w.-]+))(?::(\d{1,5}))?\/?$/.exec(
			text,
		) ?? [];
	const host = v6 ?? name;
	const { port, security } = SCHEMES[scheme as keyof typeof SCHEMES] ?? {};
	const number = Number(digits ?? port);
	if (host !== undefined && security && number >= 1 && number <= 65_535)
		return { host, port: number, security };
	complain(
		text.includes("@")
			? "a mail server's URL has no user in it: give 'user' and 'password_file'"
			: `bad mail server '${text}': give smtp://HOST[:587] (STARTTLS is demanded), smtps://HOST[:465] or smtp+plain://HOST[:25]`,
	);
	return z.NEVER;
}

const line = z
	.string()
	.check(z.regex(/^\P{Cc}{1,500}$/u, "one line, at most 500 characters"));

const table = (when: When) =>
	z.strictObject({
		type: z.literal("mail"),
		...commonShape(when),
		to: told(addresses, 'who gets it: `"ops@example.net"` or a list'),
		from: told(
			z.optional(address),
			"who sends it",
			"`tocsin@` and this machine's name",
		),
		server: told(
			z.optional(typed("URL", z.pipe(z.string(), reading(readServer)))),
			"`smtp://HOST[:587]` demands STARTTLS, `smtps://HOST[:465]` is TLS from the first byte, `smtp+plain://HOST[:25]` is in the clear",
			"sendmail",
		),
		sendmail: told(
			z.optional(absolute()),
			"a sendmail(8), in place of a server",
			`\`${SENDMAIL}\``,
		),
		user: told(
			z.optional(
				z.string().check(z.regex(/^[ -~]{1,200}$/, "printable ASCII")),
			),
			"to log in with; demands a password",
		),
		...secretShape(
			"password",
			"its password; only in a configuration that others can't read",
		),
		ca: told(
			z.optional(absolute()),
			"a PEM file of who signs the server",
			"the system's",
		),
		subject: told(
			z.optional(z.pipe(line, template())),
			"a template of one line",
			"what happened, and how often",
		),
		...templateShape("of the text; there is no HTML part then"),
		...batchShape(batchText(BATCH)),
	});

type MailTable = z.infer<ReturnType<typeof table>>;

/** To this machine a password may go in the clear. */
const isLocal = (host: string) =>
	host === "localhost" || host === "::1" || /^127\.[\d.]+$/.test(host);

function viaOf(value: MailTable, complain: Complain): MailVia {
	const { server, sendmail, user, ca } = value;
	const password = secretOf(value, "password", complain);
	if (server && sendmail !== undefined)
		complain("'server' and 'sendmail': give one of them", ["sendmail"]);
	if (!server) {
		for (const key of ["user", "ca"] as const)
			if (value[key] !== undefined)
				complain(`'${key}' is for a server: give 'server'`, [key]);
		if (password && user === undefined)
			complain("a password needs a 'user' and a 'server'");
		return { via: "sendmail", path: sendmail ?? SENDMAIL };
	}
	if (user !== undefined && !password)
		complain("'user' needs a password: give 'password_file'", ["user"]);
	if (password && user === undefined) complain("a password needs a 'user'");
	if (password && server.security === "none" && !isLocal(server.host))
		complain(
			"smtp+plain:// would send the password in the clear: use smtp:// or smtps://",
			["server"],
		);
	if (ca !== undefined && server.security === "none")
		complain("'ca' is for smtp:// and smtps://", ["ca"]);
	return { via: "smtp", ...server, user, password, ca };
}

/** A `[[sink]]` of type mail. */
export const mailSchema = (when: When, host = hostname()) =>
	z.pipe(
		table(when),
		reading((value: MailTable, complain): Unnamed<MailSink> => {
			const { type, name, when, limit, to, from, subject } = value;
			return {
				type,
				name,
				when,
				limit,
				batch: batchOf(value.batch, BATCH),
				to,
				from: from ?? `tocsin@${host}`,
				server: viaOf(value, complain),
				subject,
				template: value.template,
			};
		}),
	);
