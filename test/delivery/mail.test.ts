import { readFileSync } from "node:fs";
import t from "tap";
import { mailSink } from "../../src/delivery/mail.ts";
import { DROPS, PROBE, SCAN } from "../alert/samples.ts";
import { makeCertificate } from "../system/certificate.ts";
import { mailbox, mailTo } from "./mailbox.ts";
import { parseMime } from "./mime.ts";
import { entryOf, worldOf } from "./world.ts";

const ENTRIES = [entryOf(SCAN)];

const { ca, cert, key } = await makeCertificate();
const tls = { cert: readFileSync(cert), key: readFileSync(key) };
const PASSWORD = { from: "value", value: "correct horse" } as const;

t.test("one mail a batch, to all recipients", async (t) => {
	const { port, mails } = await mailbox(t);
	const sink = mailSink(mailTo(port), worldOf());
	t.equal(
		await sink.deliver([entryOf(SCAN), entryOf(PROBE, "id-2")]),
		undefined,
	);
	t.equal(await sink.deliver([]), undefined);
	t.equal(await sink.close(), undefined);
	t.equal(mails.length, 1);
	const { raw = "", ...envelope } = mails[0] ?? {};
	t.same(envelope, {
		from: "tocsin@example.net",
		to: ["ops@example.net", "night@example.org"],
		secure: false,
		client: "guard",
	});
	const { headers, names, parts } = parseMime(raw);
	t.same(names, [
		"auto-submitted",
		"x-klaxon-kind",
		"from",
		"to",
		"subject",
		"message-id",
		"date",
		"mime-version",
		"content-type",
	]);
	t.equal(headers.from, "Tocsin <tocsin@example.net>");
	t.equal(headers.to, "ops@example.net, Night <night@example.org>");
	t.equal(headers.subject, "[guard] 2 alerts: 1 scan, 1 probe");
	t.equal(headers["auto-submitted"], "auto-generated");
	t.equal(headers["x-klaxon-kind"], "scan, probe");
	t.equal(headers.date, "Sun, 22 Nov 2026 03:00:00 +0000");
	t.match(headers["message-id"], /^<id-1\.2\.[\da-f]{16}@guard>$/);
	t.same(
		parts.map(({ headers }) => headers["content-type"]),
		["text/plain; charset=utf-8", "text/html; charset=utf-8"],
	);
});

t.test(
	"a batch that comes again has the same Message-ID, another one another",
	async (t) => {
		const { port, mails } = await mailbox(t);
		const sink = mailSink(mailTo(port), worldOf());
		await sink.deliver(ENTRIES);
		await sink.deliver(ENTRIES);
		await sink.deliver([entryOf(SCAN, "id-9")]);
		const ids = mails.map(({ raw }) => parseMime(raw).headers["message-id"]);
		t.equal(ids[0], ids[1]);
		t.not(ids[0], ids[2]);
	},
);

t.test("a warning is important", async (t) => {
	const { port, mails } = await mailbox(t);
	await mailSink(mailTo(port), worldOf()).deliver([entryOf(DROPS)]);
	t.equal(parseMime(mails[0]?.raw ?? "").headers.importance, "high");
});

t.test(
	"templates of subject and text; there is no HTML part then",
	async (t) => {
		const { port, mails } = await mailbox(t);
		const subject = "{event.action} from {source.ip} \u00e9";
		const template = "Look: {lines}\nby {observer.hostname}\n";
		const config = mailTo(port, {}, { subject, template });
		await mailSink(config, worldOf()).deliver([entryOf(SCAN)]);
		const { headers, body } = parseMime(mails[0]?.raw ?? "");
		t.equal(headers.subject, "=?UTF-8?Q?scan_from_192=2E0=2E2=2E7_=C3=A9?=");
		t.equal(headers["content-type"], "text/plain; charset=utf-8");
		t.match(
			body,
			/^Look: ALERT: host 192\.0\.2\.7 scanning.*\r\nby guard\r\n$/,
		);
		const bad = mailSink(mailTo(port, {}, { subject: "{nope}" }), worldOf());
		t.match(await bad.deliver(ENTRIES), /unknown placeholder '\{nope\}'/);
	},
);

t.test("STARTTLS, and TLS from the first byte, with a password", async (t) => {
	for (const security of ["starttls", "tls"] as const) {
		const { port, mails } = await mailbox(t, {
			...tls,
			secure: security === "tls",
			authOptional: false,
			onAuth: ({ username, password }, _, done) =>
				username === "ops" && password === PASSWORD.value
					? done(null, { user: "ops" })
					: done(new Error(`no ${password}`)),
		});
		const login = { security, host: "localhost", user: "ops", ca };
		const right = mailTo(port, { ...login, password: PASSWORD });
		t.equal(await mailSink(right, worldOf()).deliver(ENTRIES), undefined);
		t.equal(mails[0]?.secure, true);
		const wrong = { from: "value", value: "battery staple" } as const;
		const why = await mailSink(
			mailTo(port, { ...login, password: wrong }),
			worldOf(),
		).deliver(ENTRIES);
		const scheme = security === "tls" ? "smtps" : "smtp";
		t.equal(
			why,
			`${scheme}://localhost:${port}: Invalid login: 535 no ***; check 'user' and the password`,
		);
		const untold = mailTo(port, { security, host: "localhost", ca });
		t.match(await mailSink(untold, worldOf()).deliver(ENTRIES), /530/);
		t.equal(mails.length, 1);
	}
});

t.test("whoever isn't the server gets nothing", async (t) => {
	const box = await mailbox(t, tls);
	for (const host of ["127.0.0.1", "localhost"]) {
		const config = mailTo(box.port, { security: "starttls", host });
		t.match(
			await mailSink(config, worldOf()).deliver(ENTRIES),
			/self-signed certificate; check the server's URL and 'ca'$/,
		);
	}
	const other = await makeCertificate(["DNS:other.example"]);
	const imposter = await mailbox(t, {
		cert: readFileSync(other.cert),
		key: readFileSync(other.key),
	});
	const config = mailTo(imposter.port, {
		security: "starttls",
		host: "localhost",
		ca: other.ca,
	});
	t.match(
		await mailSink(config, worldOf()).deliver(ENTRIES),
		/localhost\. is not in the cert's altnames/,
	);
	t.same([...box.mails, ...imposter.mails], []);
});

t.test(
	"a server without STARTTLS gets no mail where it is demanded",
	async (t) => {
		const { port, mails } = await mailbox(t);
		const config = mailTo(port, { security: "starttls", ca });
		t.match(await mailSink(config, worldOf()).deliver(ENTRIES), /STARTTLS/);
		t.same(mails, []);
	},
);

t.test("files and secrets that can't be read are named", async (t) => {
	const noCa = mailTo(1, { security: "tls", ca: "/nonexistent.pem" });
	t.equal(
		await mailSink(noCa, worldOf()).deliver(ENTRIES),
		"smtps://127.0.0.1:1: /nonexistent.pem: no such file or directory",
	);
	const password = { from: "file", path: "/nonexistent" } as const;
	const noSecret = mailTo(1, { user: "ops", password });
	t.equal(
		await mailSink(noSecret, worldOf()).deliver(ENTRIES),
		"smtp+plain://127.0.0.1:1: can't read /nonexistent: ENOENT",
	);
});

t.test(
	"recipients that are refused while others aren't are complained about once",
	async (t) => {
		const { port, mails } = await mailbox(t, {
			onRcptTo: ({ address }, _, done) =>
				done(address.startsWith("night") ? new Error("unknown here") : null),
		});
		const world = worldOf();
		const sink = mailSink(mailTo(port), world);
		t.equal(await sink.deliver(ENTRIES), undefined);
		t.equal(await sink.deliver(ENTRIES), undefined);
		t.equal(mails.length, 2);
		t.same(world.complaints, [
			`smtp+plain://127.0.0.1:${port}: night@example.org was refused: Recipient command failed: 550 unknown here`,
		]);
	},
);
