import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t, { type Test } from "tap";
import { mailSink } from "../../src/delivery/mail.ts";
import { POISON, PROBE, SCAN } from "../alert/samples.ts";
import { type Mailbox, mailbox, mailTo } from "../delivery/mailbox.ts";
import { parseMime } from "../delivery/mime.ts";
import { entryOf, worldOf } from "../delivery/world.ts";
import { enterSandbox, makeCertificate, peer } from "./harness.ts";

enterSandbox(import.meta.url);

const { ca, cert, key } = await makeCertificate();

/** A real msmtp(1) as sendmail(8), by STARTTLS and with a password, to a server that wants both. */
async function msmtp(t: Test, password: string) {
	const box: Mailbox = await mailbox(t, {
		cert: readFileSync(cert),
		key: readFileSync(key),
		authOptional: false,
		onAuth: ({ username, password }, _, done) =>
			username === "ops" && password === "horse"
				? done(null, { user: "ops" })
				: done(new Error("who are you")),
	});
	const home = t.testdir();
	writeFileSync(
		join(home, ".msmtprc"),
		`defaults
host localhost
port ${box.port}
tls on
tls_starttls on
tls_trust_file ${ca}
auth on
user ops
password ${password}
account default
`,
		{ mode: 0o600 },
	);
	process.env.HOME = home;
	const path = peer("sendmail");
	const config = mailTo(0, {}, { server: { via: "sendmail", path } });
	return { box, path, sink: mailSink(config, worldOf()) };
}

t.test("a real msmtp delivers a mail of several alerts", async (t) => {
	const { box, sink } = await msmtp(t, "horse");
	const hostile = {
		...entryOf(POISON, "id-3"),
		line: "\r\n.\r\nBcc: evil@example.net <b>",
	};
	const entries = [entryOf(SCAN), entryOf(PROBE, "id-2"), hostile];
	t.equal(await sink.deliver(entries), undefined);
	t.equal(box.mails.length, 1);
	const { raw = "", from, to, secure } = box.mails[0] ?? {};
	t.equal(from, "tocsin@example.net");
	t.same(to, ["ops@example.net", "night@example.org"]);
	t.equal(secure, true);
	const { headers, names, parts } = parseMime(raw);
	t.equal(headers.subject, "[guard] 3 alerts: 1 scan, 1 probe, 1 poison");
	t.equal(headers["x-klaxon-kind"], "scan, probe, poison");
	t.notOk(names.includes("bcc"));
	const [text, html] = parts;
	const lines = text?.body.trimEnd().split("\r\n") ?? [];
	t.equal(lines.length, 3);
	t.ok(lines[0]?.endsWith(entries[0]?.line ?? "?"));
	t.ok(lines[2]?.endsWith(" ??.??Bcc: evil@example.net <b>"));
	t.match(html?.body, "Bcc: evil@example.net &lt;b&gt;");
});

t.test("what msmtp complains about is the reason", async (t) => {
	const { box, path, sink } = await msmtp(t, "battery");
	const why = await sink.deliver([entryOf(SCAN)]);
	// sysexits.h has 77 for permission denied
	t.ok(why?.startsWith(`${path}: exit 77: `), String(why));
	t.match(why, /authentication failed/);
	t.same(box.mails, []);
});
