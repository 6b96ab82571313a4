import type { Preset } from "../../src/config/sinktypes.ts";
import { messageOf } from "../../src/delivery/presets.ts";
import type { Entry } from "../../src/delivery/sink.ts";
import { compileTemplate } from "../../src/delivery/template.ts";
import { TIME } from "../alert/samples.ts";
import { TELLER } from "./world.ts";

export const NOW = TIME + 60_000;
export const URLS: Record<Preset, string> = {
	generic: "https://example.net/in",
	slack: "https://hooks.slack.com/services/T0/B0/x",
	teams: "https://example.logic.azure.com/workflows/1?sig=x",
	discord: "https://discord.com/api/webhooks/1/x",
	ntfy: "https://ntfy.example.net/base/alerts?x=1",
	alertmanager: "http://127.0.0.1:9093",
};

interface Settings {
	template?: string;
	headers?: Record<string, string>;
	url?: string;
}

export function message(
	preset: Preset,
	entries: Entry[],
	{ template, headers = {}, url = URLS[preset] }: Settings = {},
) {
	const compiled =
		template === undefined ? undefined : compileTemplate(template);
	if (typeof compiled === "string") throw new Error(compiled);
	const batch = { entries, teller: TELLER, template: compiled };
	return messageOf({ preset, headers }, url, batch, NOW);
}

export const bodyOf = (...args: Parameters<typeof message>) =>
	JSON.parse(message(...args).body);

export const line = (text: string): Entry => ({
	time: TIME,
	level: "notice",
	line: text,
});
