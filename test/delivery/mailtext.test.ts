import fc from "fast-check";
import t from "tap";
import type { Alert } from "../../src/alert/alert.ts";
import { mailSink } from "../../src/delivery/mail.ts";
import { htmlOf, subjectOf, textOf } from "../../src/delivery/mailtext.ts";
import type { Entry } from "../../src/delivery/sink.ts";
import { fitted, headline } from "../../src/delivery/summary.ts";
import { compileTemplate, type Template } from "../../src/delivery/template.ts";
import {
	anyAlert,
	DROPS,
	OFFER,
	POISON,
	PROBE,
	SCAN,
	SWEEP,
	TIME,
} from "../alert/samples.ts";
import { mailbox, mailTo } from "./mailbox.ts";
import { parseMime } from "./mime.ts";
import "./servers.ts"; // sets TZ
import { entryOf, TELLER, worldOf } from "./world.ts";

const line = (text: string): Entry => ({
	time: TIME,
	level: "notice",
	line: text,
});

t.test("a headline: who did what, or how many of what", async (t) => {
	const of = (...alerts: Alert[]) =>
		headline(
			alerts.map((alert) => entryOf(alert)),
			"guard",
		);
	t.equal(of(SCAN), "[guard] 192.0.2.7 scanning 96 ports of 192.0.2.1");
	t.equal(of(PROBE), "[guard] 192.0.2.7 probing port telnet of 192.0.2.1");
	t.equal(of(SWEEP), "[guard] 192.0.2.7 sweeping 12 hosts");
	t.equal(
		of(OFFER),
		"[guard] 192.0.2.66 is a DHCP server that nobody listed: offer",
	);
	t.equal(of(DROPS), "[guard] sensor drops: 1234 packets were lost on eth0");
	t.equal(
		of(SCAN, PROBE, PROBE, POISON),
		"[guard] 4 alerts: 1 scan, 2 probe, 1 poison",
	);
	const connection: Alert = {
		kind: "connection",
		time: TIME,
		transport: "tcp",
		service: "rexec",
		source: { ip: "2001:db8::7", port: 40312 },
		destination: { ip: "2001:db8::1", port: 512 },
	};
	t.equal(of(connection), "[guard] 2001:db8::7 accessing port rexec");
	t.equal(headline([line("x".repeat(500))], "guard").length, 120);
});

t.test("a subject is one line that no reader decodes", async (t) => {
	t.equal(
		subjectOf([line("a =?utf-8?b?DQpCY2M6IHg=?= kind=x")], TELLER),
		"[guard] a = ?utf-8?b?DQpCY2M6IHg= ?=",
	);
	const blank = compileTemplate(" {klaxon.data}") as Template;
	t.equal(subjectOf([line("a")], TELLER, blank), "[guard] a");
	const template = compileTemplate("{lines}\t=?x?q?{message}") as Template;
	t.equal(
		subjectOf([line("a\r\nBcc: x"), line("=?b")], TELLER, template),
		"a??Bcc: x; = ?b =?x?q?a??Bcc: x",
	);
});

t.test("the text part has the lines with their times", async (t) => {
	t.equal(
		textOf([line("a"), line("b")], TELLER),
		"2026-11-22T02:00:00.000+00:00 a\n2026-11-22T02:00:00.000+00:00 b\n",
	);
});

t.test("the HTML part is a table and the lines", async (t) => {
	const html = htmlOf([entryOf(SCAN), line("<b>&\"'")], TELLER);
	t.match(html, "<p>guard: 2 alerts: 1 scan, 1 message</p>");
	const cells = [...html.matchAll(/<td[^>]*>([^<]*)<\/td>/g)].map(([, x]) => x);
	t.same(cells, [
		"2026-11-22 02:00:00+00:00",
		"192.0.2.7",
		"192.0.2.7 scanning 96 ports of 192.0.2.1",
		"scan",
		"134",
		"2026-11-22 02:00:00+00:00",
		"",
		"&lt;b&gt;&amp;&quot;&#39;",
		"message",
		"",
	]);
	t.match(html, /\n<div[^>]*>ALERT: host 192\.0\.2\.7 .*\n&lt;b&gt;&amp;/);
	t.notMatch(html, /<(script|img|a|link|iframe)\b|url\(|src=/);
});

t.test("beyond 100 rows the rest is counted", async (t) => {
	const rows = (entries: Entry[]) =>
		htmlOf(entries, TELLER).split("<tr>").length - 2;
	t.equal(rows(Array.from({ length: 100 }, () => line("a"))), 100);
	const many = Array.from({ length: 500 }, () => line("a"));
	t.equal(rows(many), 100);
	t.match(htmlOf(many, TELLER), "<p>and 400 more: the text part has them</p>");
	const wide = Array.from({ length: 500 }, () => line('"'.repeat(1024)));
	t.ok(htmlOf(wide, TELLER).length < 110_000);
});

t.test("what doesn't fit is counted", async (t) => {
	t.same(fitted(["aa", "bb"], 6), ["aa", "bb"]);
	t.same(fitted(["a".repeat(60), "b".repeat(60), "c"], 110), [
		"a".repeat(60),
		"... and 2 more: tocsin alerts shows them",
	]);
	t.same(fitted(["a".repeat(200)], 60), [`${"a".repeat(15)}...`]);
	fc.assert(
		fc.property(
			fc.array(fc.string({ maxLength: 99 }), { maxLength: 50 }),
			fc.integer({ min: 60, max: 2000 }),
			(texts, max) => fitted(texts, max).join("\n").length <= max,
		),
	);
});

t.test(
	"a mail of 500 alerts is at most a megabyte, whatever they hold",
	async (t) => {
		const { port, mails } = await mailbox(t);
		const sink = mailSink(mailTo(port), worldOf());
		for (const c of ["=", "&", '"', "a"]) {
			const entries = Array.from({ length: 500 }, () => line(c.repeat(1024)));
			t.equal(await sink.deliver(entries), undefined);
			const { raw = "" } = mails.pop() ?? {};
			t.ok(raw.length <= 1_000_000, `${c}: ${raw.length}`);
			const [text] = parseMime(raw).parts;
			t.equal(text?.body.split(c.repeat(1024)).length, 501);
		}
	},
);

const words = fc.constantFrom(
	...[
		"\r\n",
		"\r\n.\r\n",
		"\nBcc: x@y",
		"=?utf-8?q?=0D=0A?=",
		"--_NmP-",
		"<b>",
	],
	...[
		"<script>",
		"&#60;",
		'"',
		"'",
		"{source.ip}",
		"{lines}",
		"\u001b[31m",
		".",
	],
	...["From ", "%0d%0a", "$(id)", "\\", "\u00e9", "Content-Type: text/html"],
);
const hostile = fc.array(fc.oneof(words, fc.string()), { maxLength: 12 });

t.test(
	"hostile texts change neither the header's fields nor the parts",
	async (t) => {
		const { port, mails } = await mailbox(t);
		const template = "{message}\n{klaxon.service}\n{lines}";
		const subject = "{message} {klaxon.service}{source.domain}";
		const sinks = [
			mailSink(mailTo(port), worldOf()),
			mailSink(mailTo(port, {}, { template, subject }), worldOf()),
		];
		const shape = (raw: string) => {
			const { names, parts, headers } = parseMime(raw);
			const { subject = "", to } = headers;
			const isOne = !/[^ -~]/.test(subject) && subject.length < 1000;
			return JSON.stringify([
				names,
				parts.map(({ names }) => names),
				to,
				isOne,
			]);
		};
		for (const sink of sinks) {
			await sink.deliver([entryOf(PROBE)]);
			const wanted = shape(mails.pop()?.raw ?? "");
			await fc.assert(
				fc.asyncProperty(hostile, async (parts) => {
					const text = parts.join("");
					const source = { ...PROBE.source, name: text };
					const alert = { ...PROBE, source, service: text };
					const id = text.slice(0, 40);
					const entry = { ...entryOf(alert, id), line: text };
					if ((await sink.deliver([entry])) !== undefined) return false;
					return shape(mails.pop()?.raw ?? "") === wanted;
				}),
				{ numRuns: 40 },
			);
		}
		t.equal(mails.length, 0);
	},
);

t.test("hostile texts are no markup in HTML", async () => {
	const tags = (html: string) =>
		(html.match(/<[^>]*>/g) ?? []).join("").replace(/\d+/g, "");
	const wanted = tags(htmlOf([entryOf(PROBE)], TELLER));
	fc.assert(
		fc.property(anyAlert, hostile, (alert, parts) => {
			const entry = { ...entryOf(alert), time: TIME, line: parts.join("") };
			const html = htmlOf([entry], TELLER);
			return tags(html) === wanted && /^[\n -~]*$/.test(html);
		}),
	);
});
