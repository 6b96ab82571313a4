import { TITLES } from "../alert/title.ts";
import type { Teller } from "./event.ts";
import type { Entry } from "./sink.ts";
import { factsOf } from "./template.ts";

/*
 * Common Event Format, "ArcSight Common Event Format (CEF) Implementation Standard", version 25 (2017):
 * CEF:0|vendor|product|version|event class|name|severity|extension
 */

/** The standard's "agent severity": 0-3 low, 4-6 medium, 7-8 high, 9-10 very high. */
const SEVERITIES: Record<string, number> = {
	emerg: 10,
	alert: 10,
	crit: 9,
	err: 8,
	warning: 7,
	notice: 5,
	info: 2,
	debug: 0,
};

/** "Character encoding": in the header a pipe and a backslash stand behind one; a line can't hold newlines. */
const header = (text: string) =>
	text.replace(/[^ -~]/g, " ").replace(/[\\|]/g, "\\$&");

/** In the extension an equals sign and a backslash do; newlines are spelt. */
const extension = (text: string) =>
	text
		.replace(/[\\=]/g, "\\$&")
		.replaceAll("\n", "\\n")
		.replace(/[^ -~]/g, "?");

/** Keys of the standard's dictionary and the ECS fields that fill them. */
const PLAIN = [
	["externalId", "event.id"],
	["dvchost", "observer.hostname"],
	["deviceInboundInterface", "observer.ingress.interface.name"],
	["spt", "source.port"],
	["shost", "source.domain"],
	["suser", "source.user.name"],
	["dpt", "destination.port"],
	["cnt", "klaxon.count"],
] as const;

/** Custom strings and numbers, each with the label that says what it is. */
const CUSTOM = [
	["cs1", "ports", "klaxon.ports"],
	["cs1", "protocols", "klaxon.protocols"],
	["cs2", "hosts", "klaxon.hosts"],
	["cs2", "names", "klaxon.names"],
	["cs3", "sources", "klaxon.sources"],
	["cs4", "tool", "klaxon.tool"],
	["cs5", "data", "klaxon.data"],
	["cs6", "note", "klaxon.note"],
	["cn1", "ports", "klaxon.portCount"],
	["cn1", "hosts", "klaxon.hostCount"],
	["cn2", "sources", "klaxon.sourceCount"],
] as const;

type Pair = [key: string, value: string];

/** `src` and `dst` hold IPv4 addresses alone; IPv6 has custom fields 2 and 3. */
function address(key: "src" | "dst", ip: string): Pair[] {
	if (!ip.includes(":")) return [[key, ip]];
	return key === "src"
		? [
				["c6a2", ip],
				["c6a2Label", "Source IPv6 Address"],
			]
		: [
				["c6a3", ip],
				["c6a3Label", "Destination IPv6 Address"],
			];
}

/** ms since the epoch, which the standard takes as a time. */
const millis = (iso: string) => (iso === "" ? "" : String(Date.parse(iso)));

function extensions(entry: Entry, fact: (path: string) => string): Pair[] {
	const pairs: Pair[] = [
		["rt", millis(fact("@timestamp"))],
		...PLAIN.map(([key, path]): Pair => [key, fact(path)]),
		...address("src", fact("source.ip")),
		...address("dst", fact("destination.ip")),
		["smac", fact("source.mac").replaceAll("-", ":")],
		["proto", fact("network.transport") || fact("network.type")],
		["start", millis(fact("klaxon.first"))],
		["end", millis(fact("klaxon.last"))],
		["msg", entry.line],
	];
	for (const [key, label, path] of CUSTOM) {
		const value = fact(path);
		if (value !== "") pairs.push([key, value], [`${key}Label`, label]);
	}
	return pairs.filter(([, value]) => value !== "");
}

/** An entry as one line of CEF, printable ASCII without its newline; `msg` is the line as syslog has it. */
export function cefLine(entry: Entry, teller: Teller): string {
	const { alert, level } = entry;
	const fact = factsOf([entry], teller);
	const kind = alert?.kind ?? "notice";
	const technique = fact("klaxon.technique");
	const head = [
		"klaxon",
		alert?.kind === "connection" ? "klaxon" : "tocsin",
		teller.version,
		technique ? `${kind}/${technique}` : kind,
		alert ? TITLES[alert.kind] : "Notice",
		String(SEVERITIES[level] ?? 5),
	].map(header);
	const tail = extensions(entry, fact).map(
		([key, value]) => `${key}=${extension(value)}`,
	);
	return `CEF:0|${head.join("|")}|${tail.join(" ")}`;
}
