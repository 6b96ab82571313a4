import type { Teller } from "./event.ts";
import type { Entry } from "./sink.ts";
import { countOf, fitted, headline, isUrgent, kindsOf } from "./summary.ts";
import { type Escape, plain, render, type Template } from "./template.ts";

/** A batch as it is told to a chat. */
export interface Told {
	entries: readonly Entry[];
	teller: Teller;
	/** In place of the lines. */
	template: Template | undefined;
}

/** Invisible, and no space: it breaks up what would be markup, and the text can still be read. */
const GAP = "\u200b";

const lines = ({ entries }: Told) => entries.map(({ line }) => plain(line));
const title = ({ entries, teller }: Told) =>
	plain(`${teller.hostname}: ${countOf(entries)}`);

/** In a code block nothing is markup but its end. */
const inBlock = (text: string) => text.replaceAll("`", `\`${GAP}`);

const block = (texts: readonly string[]) =>
	`\`\`\`\n${texts.join("\n")}\n\`\`\``;

const told = (batch: Told, inert: Escape, max: number): string | undefined =>
	batch.template &&
	render(batch.template, batch.entries, batch.teller, inert).slice(0, max);

/** Slack: "Formatting text for app surfaces"; links and mentions are `<...>` only. */
const entities = (text: string) =>
	text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** Slack cuts at 40,000 characters, and asks for no more than 4,000. */
const MAX_SLACK = 4000;

/** Characters that no escape of Slack's takes the meaning from, and URLs, which it makes links of. */
const inMrkdwn: Escape = (fact) =>
	entities(fact).replace(/[*_~`@]|:(?=\/\/)/g, `$&${GAP}`);

/** https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks */
export function slack(batch: Told): object {
	const room = MAX_SLACK - 200;
	const texts = lines(batch).map((line) => inBlock(entities(line)));
	const text =
		told(batch, inMrkdwn, MAX_SLACK) ??
		`${inMrkdwn(title(batch))}\n${block(fitted(texts, room))}`;
	return { text, unfurl_links: false, unfurl_media: false, link_names: false };
}

/** https://discord.com/developers/docs/resources/webhook#execute-webhook: 2,000 characters. */
const MAX_DISCORD = 2000;
/** https://discord.com/developers/docs/resources/message#message-object-message-flags: no previews of links. */
const SUPPRESS_EMBEDS = 4;

/** A backslash takes the meaning from any punctuation. */
const inMarkdown: Escape = (fact) =>
	fact.replace(/[^A-Za-z\d\s.,=+-]/g, "\\$&");

export function discord(batch: Told): object {
	const room = MAX_DISCORD - 200;
	const content =
		told(batch, inMarkdown, MAX_DISCORD) ??
		`${inMarkdown(title(batch))}\n${block(fitted(lines(batch).map(inBlock), room))}`;
	return { content, allowed_mentions: { parse: [] }, flags: SUPPRESS_EMBEDS };
}

/** Teams refuses messages beyond 28 kB. */
const MAX_TEAMS = 20_000;

/** A text run is never markup, other than a text block. */
const run = (text: string) => ({
	type: "RichTextBlock",
	inlines: [{ type: "TextRun", text, fontType: "Monospace", size: "Small" }],
});

/** An Adaptive Card for a webhook of Teams' Workflows, of the lines or of a template's lines. */
export function teams(batch: Told): object {
	const { entries, teller, template } = batch;
	const texts = template
		? render(template, entries, teller).split("\n")
		: lines(batch);
	const size = (text: string) => JSON.stringify(run(text)).length + 1;
	const body = fitted(texts, MAX_TEAMS, size).map(run);
	const content = {
		$schema: "http://adaptivecards.io/schemas/adaptive-card.json",
		type: "AdaptiveCard",
		version: "1.4",
		body: [run(title(batch)), ...body],
	};
	const contentType = "application/vnd.microsoft.card.adaptive";
	return { type: "message", attachments: [{ contentType, content }] };
}

/** Bytes of a message that is none of ntfy's attachments: its server's default is 4,096. */
const MAX_NTFY = 3800;
/** https://docs.ntfy.sh/publish/#message-priority */
const HIGH = 4;
const DEFAULT = 3;

/** https://docs.ntfy.sh/publish/#publish-as-json: plain text, which headers could not hold. */
export function ntfy(batch: Told, topic: string): object {
	const { entries, teller } = batch;
	return {
		topic,
		title: headline(entries, teller.hostname),
		message:
			told(batch, (fact) => fact, MAX_NTFY) ??
			fitted(lines(batch), MAX_NTFY).join("\n"),
		priority: isUrgent(entries) ? HIGH : DEFAULT,
		tags: kindsOf(entries),
	};
}
