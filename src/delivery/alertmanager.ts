import type { Alert } from "../alert/alert.ts";
import { iso } from "../alert/iso.ts";
import { accused } from "../alert/sources.ts";
import type { Told } from "./chat.ts";
import type { Entry } from "./sink.ts";
import { kindOf } from "./summary.ts";
import { plain, render } from "./template.ts";

function placesOf(alert: Alert | undefined) {
	if (!alert || alert.kind === "sensor") return {};
	const { source } = alert;
	return {
		source: alert.kind === "connection" ? source.ip : accused(alert),
		destination: "destination" in alert ? alert.destination.ip : undefined,
		technique: "technique" in alert ? alert.technique : undefined,
		service: "service" in alert ? alert.service : undefined,
	};
}

const interfaceOf = (alert: Alert | undefined) =>
	alert && "interface" in alert ? alert.interface : undefined;

/** What is the same each time the same thing happens: Alertmanager groups and silences by it. */
function labelsOf({ teller }: Told, entry: Entry): Record<string, string> {
	const { alert, level } = entry;
	const labels: Record<string, string | undefined> = {
		alertname: kindOf(entry),
		severity: level,
		instance: teller.hostname,
		job: alert?.kind === "connection" ? "klaxon" : "tocsin",
		...placesOf(alert),
		interface: interfaceOf(alert),
	};
	const known = Object.entries(labels).filter(
		(label): label is [string, string] => label[1] !== undefined,
	);
	return Object.fromEntries(known.map(([name, text]) => [name, plain(text)]));
}

/** RFC 3339 has years of four digits, and Alertmanager refuses what would end before it starts. */
function startOf({ time }: Entry, now: number): string | undefined {
	const start = iso(Math.min(time, now));
	return start && /^\d{4}-/.test(start) ? start : undefined;
}

/** A batch for `POST /api/v2/alerts`: Alertmanager resolves each after its `resolve_timeout`. */
export const alertmanager = (batch: Told, now: number): object[] =>
	batch.entries.map((entry) => ({
		labels: labelsOf(batch, entry),
		annotations: {
			summary: batch.template
				? render(batch.template, [entry], batch.teller)
				: plain(entry.line),
		},
		startsAt: startOf(entry, now),
	}));
