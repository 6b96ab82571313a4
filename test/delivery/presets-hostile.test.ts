import fc from "fast-check";
import t from "tap";
import type { Alert } from "../../src/alert/alert.ts";
import type { Preset } from "../../src/config/sinktypes.ts";
import { PROBE, SCAN } from "../alert/samples.ts";
import { bodyOf, line, message, URLS } from "./messages.ts";
import { entryOf } from "./world.ts";

/** Texts a peer could send, made of what means something anywhere. */
const hostile = fc
	.array(
		fc.oneof(
			fc.constantFrom(
				...["```", "<!channel>", "<@U1>", "@everyone", "@here", "&lt;", "\r\n"],
				...[
					"\u001b[31m",
					'"',
					"\\",
					"{lines}",
					"{source.ip}",
					"]}",
					"http://",
					"%0d",
				],
			),
			fc.string({ maxLength: 20 }),
		),
	)
	.map((parts) => parts.join(""));

const shape = (value: unknown): unknown =>
	Array.isArray(value)
		? value.map(shape)
		: typeof value === "object" && value !== null
			? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, shape(v)]))
			: typeof value;

t.test("hostile texts change no body's structure", async () => {
	const innocent = (alert: Alert) =>
		entryOf({ ...alert, service: "x" } as Alert);
	fc.assert(
		fc.property(
			fc.constantFrom(...(Object.keys(URLS) as Preset[])),
			fc.boolean(),
			hostile,
			(preset, isTemplate, text) => {
				const entry = {
					...entryOf({ ...PROBE, service: text, note: text } as Alert),
					line: text,
				};
				const json = '{"text": "{message}{klaxon.service}"}';
				const template =
					preset === "generic" ? json : "{message}{klaxon.service}";
				const settings = isTemplate ? { template } : {};
				const plain = entryOf({ ...PROBE, service: "x", note: "x" });
				const [got, wanted] = [entry, plain].map((one) =>
					message(preset, [one, innocent(SCAN)], settings),
				);
				if (!got || !wanted || got.url !== wanted.url) return false;
				const [a, b] = [JSON.parse(got.body), JSON.parse(wanted.body)];
				return JSON.stringify(shape(a)) === JSON.stringify(shape(b));
			},
		),
	);
});

t.test("hostile texts are no markup in chats", async () => {
	fc.assert(
		fc.property(hostile, fc.boolean(), (text, isTemplate) => {
			const settings = isTemplate ? { template: "{lines}" } : {};
			const slack = bodyOf("slack", [line(text)], settings).text;
			const discord = bodyOf("discord", [line(text)], settings).content;
			const fences = isTemplate ? 1 : 3;
			const loose = discord.replace(/\\[!-/:-@[-`{-~]/g, "");
			return (
				/^(?:&(?:amp|lt|gt);|[\n\u200b -%'-;=?-~])*$/.test(slack) &&
				slack.split("```").length === fences &&
				discord.split("```").length === fences &&
				(!isTemplate || !/[*_~`|<>@#[\]():]/.test(loose))
			);
		}),
	);
});
