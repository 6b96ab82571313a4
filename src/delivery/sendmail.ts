import { createTransport } from "nodemailer";
import { runCommand } from "./child.ts";
import type { Post } from "./smtp.ts";

/** A sendmail(8) finds its helpers and its user's configuration; nothing else of ours goes on to it. */
function environment(): Record<string, string> {
	const { HOME, TZ } = process.env;
	return {
		PATH: "/usr/sbin:/usr/bin:/sbin:/bin",
		...(HOME === undefined ? {} : { HOME }),
		...(TZ === undefined ? {} : { TZ }),
	};
}

/** Hands mails to a sendmail(8), which queues or delivers them; exit code 0 means it has them. */
export function sendmailPost(path: string, ms: number): Post {
	// nodemailer's own sendmail transport can't be ended, and doesn't say what the program complained about
	const composer = createTransport({
		streamTransport: true,
		buffer: true,
		newline: "unix",
	});
	return async (mail) => {
		const { envelope, message } = await composer.sendMail(mail);
		const from = envelope.from || "";
		const to = [envelope.to].flat();
		// sendmail would take it for an option
		const odd = [from, ...to].find((address) => !/^[^-\s]/.test(address));
		if (odd !== undefined) return `bad address '${odd}'`;
		const why = await runCommand({
			program: path,
			args: ["-i", "-f", from, ...to],
			env: environment(),
			input: String(message), // encoded, so ASCII
			timeout: ms,
		});
		// whoever tells it names the program
		return why?.replace(`${path}: `, "") ?? { refused: [] };
	};
}
