import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import type { Test } from "tap";
import type { MailSink, MailVia } from "../../src/config/sinktypes.ts";

/** A mail as an SMTP server got it. */
export interface Got {
	raw: string;
	/** The envelope. */
	from: string;
	to: string[];
	secure: boolean;
	/** As the client calls itself. */
	client: string;
}

export interface Mailbox {
	port: number;
	mails: Got[];
}

/** Starts a real SMTP server that keeps what it gets. */
export async function mailbox(
	t: Test,
	options: SMTPServerOptions = {},
): Promise<Mailbox> {
	const mails: Got[] = [];
	const server = new SMTPServer({
		authOptional: true,
		disabledCommands: options.key ? [] : ["STARTTLS"],
		onData(stream, session, done) {
			const chunks: Buffer[] = [];
			stream.on("data", (chunk) => chunks.push(chunk));
			stream.on("end", () => {
				const raw = Buffer.concat(chunks).toString("latin1");
				const { mailFrom, rcptTo } = session.envelope;
				const to = rcptTo.map(({ address }) => address);
				const from = mailFrom === false ? "" : mailFrom.address;
				const { secure, hostNameAppearsAs: client } = session;
				mails.push({ raw, from, to, secure, client });
				done();
			});
		},
		...options,
	});
	server.on("error", () => {});
	const listening = server.listen(0, "127.0.0.1");
	await once(listening, "listening");
	t.teardown(() => new Promise<void>((done) => server.close(done)));
	return { port: (listening.address() as AddressInfo).port, mails };
}

/** A sink to such a server, in the clear unless `via` says otherwise. */
export const mailTo = (
	port: number,
	via: Partial<Extract<MailVia, { via: "smtp" }>> = {},
	more: Partial<MailSink> = {},
): MailSink => ({
	type: "mail",
	name: "mail",
	batch: { gather: 0, every: 0, max: 500 },
	from: "Tocsin <tocsin@example.net>",
	to: ["ops@example.net", "Night <night@example.org>"],
	server: { via: "smtp", host: "127.0.0.1", port, security: "none", ...via },
	...more,
});
