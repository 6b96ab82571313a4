import * as z from "zod/mini";
import { iso } from "../alert/iso.ts";
import { printable } from "../alert/printable.ts";
import { span } from "../alert/span.ts";
import { EX_OK, EX_UNAVAILABLE } from "../delivery/exit.ts";
import { ask } from "../handover/ask.ts";

/** Characters of any text in a status. */
const MAX_TEXT = 300;

const count = z.number();
/** ms since the epoch */
const time = z.number();
const text = z.pipe(
	z.string(),
	z.transform((value: string) => printable(value, MAX_TEXT)),
);

const schema = z.object({
	version: text,
	since: time,
	/** Seconds. */
	uptime: z.number(),
	/** Nothing is heard, on any interface. */
	blind: z.boolean(),
	interfaces: z.array(
		z.object({ name: text, packets: count, drops: z.optional(count) }),
	),
	/** Of all interfaces there were; drops are what the kernel lost. */
	packets: count,
	drops: count,
	/** By kind. */
	alerts: z.record(text, count),
	/** Those that acted: the `n`th of its kind of block in the configuration, from 1, and how often. */
	rules: z.array(
		z.object({
			block: z.enum(["ignore", "limit", "route"]),
			n: count,
			why: z.optional(text),
			count,
		}),
	),
	sinks: z.array(
		z.object({
			name: text,
			type: text,
			/** What waits, and since when its oldest does. */
			queued: count,
			oldest: z.optional(time),
			failingSince: z.optional(time),
			/** As it was told, also when it works again. */
			lastError: z.optional(text),
			delivered: count,
			/** Given up. */
			dead: count,
		}),
	),
	history: z.optional(z.object({ alerts: count, bytes: count })),
	/** Desktop sessions that are connected. */
	desktops: count,
	/** Bytes resident. */
	memory: count,
});

/** How a running tocsin is. Counts are since its start. */
export type Status = z.infer<typeof schema>;

/** Bytes for a person. */
function size(bytes: number): string {
	const mega = bytes / 1e6;
	return mega < 10 ? `${mega.toFixed(1)} MB` : `${Math.round(mega)} MB`;
}

const lost = (drops: number | undefined) => (drops ? `, ${drops} lost` : "");

function sinkState(sink: Status["sinks"][number], now: number): string {
	const { delivered, queued, oldest, dead, failingSince, lastError } = sink;
	const waits =
		oldest === undefined ? "" : ` for ${span(now - oldest)} at most`;
	const error = lastError === undefined ? "" : `: ${lastError}`;
	return [
		`${delivered} delivered`,
		...(queued > 0 ? [`${queued} waiting${waits}`] : []),
		...(dead > 0 ? [`${dead} given up`] : []),
		...(failingSince === undefined
			? []
			: [`failing for ${span(now - failingSince)}${error}`]),
	].join(", ");
}

/** A line of the status: what it is about, and what about it. */
type Row = readonly [what: string, state: string];

function rows(status: Status, now: number): Row[] {
	const { interfaces, alerts, rules, sinks, history } = status;
	const kinds = Object.entries(alerts).map(([kind, n]) => `${n} ${kind}`);
	return [
		[
			"tocsin",
			`${status.version}, up ${span(status.uptime * 1000)} since ${iso(status.since)}, ${size(status.memory)}`,
		],
		[
			"packets",
			`${status.packets}${lost(status.drops)}${status.blind ? "; BLIND: no interface is heard" : ""}`,
		],
		...interfaces.map(
			({ name, packets, drops }): Row => [
				`  ${name}`,
				`${packets}${lost(drops)}`,
			],
		),
		["alerts", kinds.join(", ") || "none"],
		...rules.map(
			({ block, n, why, count }): Row => [
				`${block} ${n}`,
				`${count}${why === undefined ? "" : ` (${why})`}`,
			],
		),
		...sinks.map(
			(sink): Row => [`${sink.type} ${sink.name}`, sinkState(sink, now)],
		),
		...(history
			? [["history", `${history.alerts} alerts, ${size(history.bytes)}`] as Row]
			: []),
		["desktops", String(status.desktops)],
	];
}

/** A status for a person, a fact a line, its columns aligned. */
export function statusText(status: Status, now: number): string {
	const all = rows(status, now);
	const width = Math.max(...all.map(([what]) => what.length));
	return all
		.map(([what, state]) => `${what.padEnd(width)}  ${state}\n`)
		.join("");
}

/** Asks the tocsin whose socket is at `path` how it is, and writes that. The exit code. */
export async function runStatus(
	path: string,
	json: boolean,
	write: (text: string) => void,
	complain: (sentence: string) => void,
	now: () => number = Date.now,
): Promise<number> {
	const asked = await ask(path, { status: true });
	if ("why" in asked) {
		complain(asked.why);
		return EX_UNAVAILABLE;
	}
	const read = schema.safeParse(asked.answer);
	if (!read.success) {
		complain(`${path}: what answers is no tocsin of this version`);
		return EX_UNAVAILABLE;
	}
	write(json ? `${JSON.stringify(read.data)}\n` : statusText(read.data, now()));
	return EX_OK;
}
