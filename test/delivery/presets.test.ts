import t from "tap";
import { filledUrl } from "../../src/delivery/presets.ts";
import { DROPS, PROBE, SCAN, SWEEP } from "../alert/samples.ts";
import { bodyOf, line, message, NOW, URLS } from "./messages.ts";
import { entryOf, TELLER } from "./world.ts";

const FEW = [line("a"), line("b <c> & `d`")];
const MANY = Array.from({ length: 500 }, () => line("&".repeat(1024)));
/** What a peer could try: mentions, links, markup, ends of blocks and strings. */
const HOSTILE = line(
	'<!channel> <@U1> <https://evil.example|x> @everyone ``` *b* [x](http://evil.example) "}],{"a":1 \\ $(id) {source.ip} <at>x</at>',
);

t.test("slack: the lines in a code block, escaped", async (t) => {
	t.same(bodyOf("slack", FEW), {
		text: "guard: 2 alerts: 2 message\n```\na\nb &lt;c&gt; &amp; `\u200bd`\u200b\n```",
		unfurl_links: false,
		unfurl_media: false,
		link_names: false,
	});
	t.equal(
		bodyOf("slack", FEW, { template: "*{count}* <!here>: {message} {lines}" })
			.text,
		"*2* <!here>: a a\nb &lt;c&gt; &amp; `\u200bd`\u200b",
	);
	const { text } = bodyOf("slack", [HOSTILE]);
	t.equal(text.split("```").length, 3);
	t.notMatch(text, /[<>]/);
});

t.test(
	"discord: no mentions, no markup, at most 2,000 characters",
	async (t) => {
		t.same(bodyOf("discord", FEW), {
			content:
				"guard\\: 2 alerts\\: 2 message\n```\na\nb <c> & `\u200bd`\u200b\n```",
			allowed_mentions: { parse: [] },
			flags: 4,
		});
		t.equal(
			bodyOf("discord", [line("@here **x** [y](http://z) a_b-1.2")], {
				template: "**{message}**",
			}).content,
			"**\\@here \\*\\*x\\*\\* \\[y\\]\\(http\\:\\/\\/z\\) a\\_b-1.2**",
		);
		const { content } = bodyOf("discord", MANY);
		t.ok(content.length <= 2000);
		t.match(content, /\n\.\.\. and 499 more: tocsin alerts shows them\n```$/);
	},
);

t.test("teams: a card of text runs, which are no markup", async (t) => {
	const run = (text: string) => ({
		type: "RichTextBlock",
		inlines: [{ type: "TextRun", text, fontType: "Monospace", size: "Small" }],
	});
	t.same(bodyOf("teams", FEW), {
		type: "message",
		attachments: [
			{
				contentType: "application/vnd.microsoft.card.adaptive",
				content: {
					$schema: "http://adaptivecards.io/schemas/adaptive-card.json",
					type: "AdaptiveCard",
					version: "1.4",
					body: [
						run("guard: 2 alerts: 2 message"),
						run("a"),
						run("b <c> & `d`"),
					],
				},
			},
		],
	});
	const [{ content }] = bodyOf("teams", FEW, {
		template: "{count}:\n{lines}",
	}).attachments;
	t.same(content.body.slice(1), [run("2:"), run("a"), run("b <c> & `d`")]);
	t.ok(message("teams", MANY).body.length < 28_000);
	const quotes = Array.from({ length: 100 }, () => line('"'.repeat(1024)));
	t.ok(message("teams", quotes).body.length < 28_000);
});

t.test("ntfy: JSON to the root, with the topic", async (t) => {
	const { url } = message("ntfy", FEW);
	t.equal(url, "https://ntfy.example.net/base/?x=1");
	t.same(
		bodyOf("ntfy", [entryOf(SCAN)], { template: "{source.ip}\n{@timestamp}" }),
		{
			topic: "alerts",
			title: "[guard] 192.0.2.7 scanning 96 ports of 192.0.2.1",
			message: "192.0.2.7\n2026-11-22T02:00:00.000Z",
			priority: 3,
			tags: ["scan"],
		},
	);
	t.match(bodyOf("ntfy", [...FEW, entryOf(DROPS)]), {
		title: "[guard] 3 alerts: 2 message, 1 sensor",
		message: /^a\nb <c> & `d`\nALERT: sensor drops/,
		priority: 4,
		tags: ["message", "sensor"],
	});
	t.ok(bodyOf("ntfy", MANY).message.length <= 3800);
});

t.test("alertmanager: labels to group by, a line to read", async (t) => {
	const { url } = message("alertmanager", FEW);
	t.equal(url, "http://127.0.0.1:9093/api/v2/alerts");
	const prefixed = "https://example.net/am/api/v2/alerts/";
	t.equal(
		message("alertmanager", FEW, { url: prefixed }).url,
		"https://example.net/am/api/v2/alerts",
	);
	const entries = [
		entryOf(PROBE),
		entryOf(SWEEP),
		entryOf(DROPS),
		line("word"),
	];
	const [probe, sweep, drops, word] = bodyOf("alertmanager", entries);
	t.same(probe, {
		labels: {
			alertname: "probe",
			severity: "notice",
			instance: "guard",
			job: "tocsin",
			source: "192.0.2.7",
			destination: "192.0.2.1",
			technique: "syn",
			service: "telnet",
			interface: "eth0",
		},
		annotations: { summary: entries[0]?.line },
		startsAt: "2026-11-22T02:00:00.000Z",
	});
	t.equal(sweep.labels.destination, undefined);
	t.match(drops.labels, {
		alertname: "sensor",
		severity: "warning",
		interface: "eth0",
	});
	t.same(word.labels, {
		alertname: "message",
		severity: "notice",
		instance: "guard",
		job: "tocsin",
	});
	const template = "{event.action} by {source.ip}";
	const told = bodyOf("alertmanager", entries.slice(0, 2), { template });
	t.same(
		told.map(({ annotations }: { annotations: object }) => annotations),
		[{ summary: "probe by 192.0.2.7" }, { summary: "sweep by 192.0.2.7" }],
	);
});

t.test("alertmanager: no time that it would refuse", async (t) => {
	for (const [time, start] of [
		[NOW + 1000, "2026-11-22T02:01:00.000Z"],
		[-1e15, undefined],
		[Number.NaN, "1970-01-01T00:00:00.000Z"],
	] as const)
		t.equal(
			bodyOf("alertmanager", [{ ...line("a"), time }])[0].startsAt,
			start,
		);
});

t.test("generic: a template is escaped for its type", async (t) => {
	const entries = [line('a"b\\c&d=<e>'), line("f")];
	const body = (template: string, type?: string) =>
		message("generic", entries, {
			template,
			headers: type === undefined ? {} : { "content-TYPE": type },
		});
	t.same(body('{"text": "{lines}"}'), {
		url: URLS.generic,
		type: "application/json",
		body: '{"text": "a\\"b\\\\c&d=<e>\\nf"}',
	});
	t.equal(
		body("m={message}", "application/x-www-form-urlencoded; charset=utf-8")
			.body,
		"m=a%22b%5Cc%26d%3D%3Ce%3E",
	);
	t.equal(body("{message}", "text/plain").body, 'a"b\\c&d=<e>');
	t.equal(
		body("<p>{message}</p>", "text/html").body,
		"<p>a&#34;b\\c&#38;d=&#60;e&#62;</p>",
	);
});

t.test("facts get into a URL's query only", async (t) => {
	const batch = {
		entries: [entryOf(SCAN)],
		teller: TELLER,
		template: undefined,
	};
	t.equal(
		filledUrl("https://{source.ip}/{count}", batch),
		"https://{source.ip}/{count}",
	);
	t.equal(
		filledUrl("https://a/?{nope}={count}", batch),
		"https://a/?{nope}={count}",
	);
	t.equal(filledUrl("https://a/?n={count}&b", batch), "https://a/?n=1&b");
});
