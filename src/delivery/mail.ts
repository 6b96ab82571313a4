import { createHash } from "node:crypto";
import type { SendMailOptions } from "nodemailer";
import type { MailSink } from "../config/sinktypes.ts";
import { htmlOf, subjectOf, textOf } from "./mailtext.ts";
import type { Entry, Sink } from "./sink.ts";
import { MAIL_LIMITS, type MailLimits, type Post } from "./smtp.ts";
import { isUrgent, kindsOf } from "./summary.ts";
import { compileTemplate, plain, type Template } from "./template.ts";
import { trustIn } from "./trust.ts";
import type { World } from "./world.ts";

/** Characters of a text from which base64 is the safer size: quoted-printable may need three for one. */
const LONG_TEXT = 100_000;

interface Templates {
	subject?: Template;
	text?: Template;
}

/** The templates of a sink, or what is wrong with one. */
function templatesOf({ subject, template }: MailSink): Templates | string {
	const templates: Templates = {};
	for (const [key, text] of [
		["subject", subject],
		["text", template],
	] as const) {
		if (text === undefined) continue;
		const compiled = compileTemplate(text);
		if (typeof compiled === "string") return compiled;
		templates[key] = compiled;
	}
	return templates;
}

/** The same for the same batch, so that a mailbox can tell what came twice. */
function messageId(entries: readonly Entry[], name: string, hostname: string) {
	const words = entries.map(({ id, time, line }) => id ?? `${time} ${line}`);
	const key = createHash("sha256").update([name, ...words].join("\n"));
	const id = (entries[0]?.id ?? "").replace(/[^\w-]/g, "") || "batch";
	const host = plain(hostname).replace(/[^\w.-]/g, "-");
	return `<${id}.${entries.length}.${key.digest("hex").slice(0, 16)}@${host}>`;
}

/** A batch as one mail. */
export function mailOf(
	config: Pick<MailSink, "name" | "from" | "to">,
	templates: Templates,
	entries: readonly Entry[],
	{ teller, now }: Pick<World, "teller" | "now">,
): SendMailOptions {
	const text = textOf(entries, teller, templates.text);
	return {
		from: config.from,
		to: config.to,
		subject: subjectOf(entries, teller, templates.subject),
		messageId: messageId(entries, config.name, teller.hostname),
		date: new Date(now()),
		headers: {
			"Auto-Submitted": "auto-generated", // RFC 3834 section 5
			"X-Klaxon-Kind": kindsOf(entries).join(", "),
			...(isUrgent(entries) ? { Importance: "high" } : {}), // RFC 2156 section 2.4
		},
		text,
		...(templates.text ? {} : { html: htmlOf(entries, teller) }),
		textEncoding: text.length > LONG_TEXT ? "base64" : "quoted-printable",
		disableFileAccess: true,
		disableUrlAccess: true,
	};
}

/** nodemailer is loaded for the first mail; the files and secrets are read now. */
function carrier(
	{ server }: MailSink,
	world: World,
	limits: MailLimits,
): [where: string, post: () => Promise<Post | string>] {
	if (server.via === "sendmail")
		return [
			server.path,
			async () => {
				const { sendmailPost } = await import("./sendmail.ts");
				return sendmailPost(server.path, limits.whole);
			},
		];
	const { host, port, security } = server;
	const scheme = { starttls: "smtp", tls: "smtps", none: "smtp+plain" };
	const place = host.includes(":") ? `[${host}]` : host;
	const secret = server.password && world.secret(server.password);
	const trust = trustIn(server.ca);
	return [
		`${scheme[security]}://${place}:${port}`,
		async () => {
			if (secret && "error" in secret) return secret.error;
			const { smtpPost } = await import("./smtp.ts");
			const { hostname } = world.teller;
			return smtpPost(server, secret?.value, trust, hostname, limits);
		},
	];
}

/**
 * Mail by an SMTP server or sendmail(8), one a batch to all recipients. Taken when at least one of them was; those
 * the server refused are complained about, each until it is accepted again.
 */
export function mailSink(
	config: MailSink,
	world: World,
	limits: MailLimits = MAIL_LIMITS,
): Sink {
	const templates = templatesOf(config);
	const [where, load] = carrier(config, world, limits);
	const refused = new Set<string>();
	let post: Post | undefined;

	function complain(refusals: [address: string, why: string][]): void {
		for (const [address, why] of refusals)
			if (!refused.has(address))
				world.complain(`${where}: ${plain(address)} was refused: ${why}`);
		refused.clear();
		for (const [address] of refusals) refused.add(address);
	}

	async function send(entries: readonly Entry[]): Promise<string | undefined> {
		if (typeof templates === "string") return templates;
		const loaded = post ?? (await load());
		if (typeof loaded === "string") return loaded;
		post = loaded;
		const posted = await loaded(mailOf(config, templates, entries, world));
		if (typeof posted === "string") return posted;
		complain(posted.refused);
		return undefined;
	}

	return {
		async deliver(entries) {
			if (entries.length === 0) return undefined;
			const why = await send(entries).catch((error: Error) =>
				plain(error.message),
			);
			return why && `${where}: ${why}`;
		},
		close: async () => undefined,
	};
}
