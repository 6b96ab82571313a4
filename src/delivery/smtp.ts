import { connect, isIP, type Socket } from "node:net";
import { createTransport, type SendMailOptions } from "nodemailer";
import type { MailVia } from "../config/sinktypes.ts";
import { said } from "./redact.ts";
import type { trustIn } from "./trust.ts";
import { within, words } from "./words.ts";

type Smtp = Extract<MailVia, { via: "smtp" }>;

/** ms: to connect and greet, without a word from the server, for a mail as a whole. */
export interface MailLimits {
	connect: number;
	idle: number;
	whole: number;
}

/** RFC 5321 section 4.5.3.2 has minutes; what waits in the outbox comes again. */
export const MAIL_LIMITS: MailLimits = {
	connect: 10_000,
	idle: 20_000,
	whole: 45_000,
};

/** Whom a mail was refused for though others got it, with the server's words; or why nobody got it. */
export type Posted = { refused: [address: string, why: string][] } | string;
/** Sends one mail; ends by itself. */
export type Post = (mail: SendMailOptions) => Promise<Posted>;

/** Bytes of a server's reply: nodemailer's own megabyte is for nobody's good. */
const MAX_REPLY = 64 * 1024;
/** ms that one of several addresses may take before the next is tried as well. */
const ADDRESS_MS = 2500;

/** What nodemailer's errors carry. */
interface SmtpError extends Error {
	code?: string;
	originalCode?: string;
	responseCode?: number;
	response?: string;
	recipient?: string;
}

const REMEDIES: Record<string, string> = {
	EAUTH: "check 'user' and the password",
	ETLS: "check the server's URL and 'ca'",
};

function reasonOf(error: SmtpError, secrets: readonly string[]): string {
	const { originalCode, code = "", responseCode, response } = error;
	// nodemailer quotes some answers twice
	const message = error.message
		.replace(`. response=${response}`, "")
		.replace(/^Timeout$/, "timed out waiting for the server");
	const isSystem = originalCode !== undefined || /^E[A-Z]+$/.test(code);
	const system = words({ ...error, code: originalCode ?? code, message });
	const known = isSystem && responseCode === undefined && system !== message;
	const why = known && code !== "ETIMEDOUT" ? system : said(message, secrets);
	const isTls = /CERT|SSL|TLS/.test(originalCode ?? code);
	const remedy = REMEDIES[isTls ? "ETLS" : code];
	return remedy === undefined ? why : `${why}; ${remedy}`;
}

/** nodemailer would ask DNS past /etc/hosts and remember the answer: a name is the system's to look up. */
function opened(server: Smtp, ms: number): Promise<Socket> {
	const { host, port } = server;
	const socket = connect({
		host,
		port,
		autoSelectFamily: true,
		autoSelectFamilyAttemptTimeout: ADDRESS_MS,
	});
	const up = new Promise<Socket>((resolve, reject) => {
		socket.once("connect", () => resolve(socket));
		socket.on("error", reject); // once it is up, nodemailer listens as well
	});
	return within(ms, up, () => {
		socket.destroy();
		throw new Error("timed out connecting");
	});
}

/** Sends by an SMTP server, a connection a mail; a password is sent where the server takes one. */
export function smtpPost(
	server: Smtp,
	password: string | undefined,
	trust: ReturnType<typeof trustIn>,
	hostname: string,
	limits: MailLimits,
): Post {
	const { host, port, security, user } = server;
	const login = user !== undefined && password !== undefined;
	const secrets = login
		? [password, Buffer.from(`\0${user}\0${password}`).toString("base64")]
		: [];
	const names = isIP(host) ? {} : { servername: host };
	const refusals = (errors: SmtpError[] = []) =>
		errors.map(({ recipient = "", message }): [string, string] => [
			recipient,
			said(message, secrets),
		]);
	return async (mail) => {
		const secureContext = security === "none" ? undefined : await trust();
		if (typeof secureContext === "string") return secureContext;
		const options = {
			host,
			port,
			name: hostname,
			secure: security === "tls",
			requireTLS: security === "starttls",
			ignoreTLS: security === "none",
			...(login ? { auth: { user, pass: password } } : {}),
			connectionTimeout: limits.connect,
			greetingTimeout: limits.connect,
			socketTimeout: limits.idle,
			maxResponseSize: MAX_REPLY,
			tls: { ...names, rejectUnauthorized: true, secureContext },
			getSocket: (
				_: unknown,
				done: (error: Error | null, found?: object) => void,
			) => {
				opened(server, limits.connect).then(
					(connection) => done(null, { connection }),
					(error) => done(error),
				);
			},
		};
		const signal = AbortSignal.timeout(limits.whole);
		try {
			const sent = await createTransport(options as object).sendMail({
				...mail,
				signal,
			} as SendMailOptions);
			return { refused: refusals(sent.rejectedErrors) };
		} catch (error) {
			return signal.aborted
				? `timed out after ${limits.whole / 1000} s`
				: reasonOf(error as SmtpError, secrets);
		}
	};
}
