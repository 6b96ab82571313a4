import type { Alert } from "../alert/alert.ts";
import { levelOf } from "../alert/level.ts";
import { accused } from "../alert/sources.ts";
import {
	type Cidr,
	contains,
	parseAddress,
	type Words,
} from "../config/cidr.ts";
import { wantsInterface } from "../config/interfaces.ts";
import { hasPort } from "../config/portset.ts";
import type { Hours, Rule } from "../config/rules.ts";

/** What rules can look at. A fact that an alert doesn't have fits no condition: a rule never widens. */
export interface Facts {
	kind: string;
	severity: string;
	technique: string | undefined;
	protocol: string | undefined;
	interface: string | undefined;
	mac: string | undefined;
	/** The one that is accused; undefined for decoys and for spoofed ones. */
	source: Words | undefined;
	/** All of them; undefined where the alert names only some. */
	destinations: readonly Words[] | undefined;
	ports: readonly number[] | undefined;
}

const wordsOf = (ip: string | undefined): Words | undefined =>
	ip === undefined ? undefined : parseAddress(ip);

/** Addresses as words; undefined when one of them is none, or none is there. */
function allWords(ips: readonly (string | undefined)[]): Words[] | undefined {
	const all = ips.flatMap((ip) => {
		const words = wordsOf(ip);
		return words ? [words] : [];
	});
	return all.length > 0 && all.length === ips.length ? all : undefined;
}

/** What was tried: all hosts and ports, where the alert names all of them. */
function targetsOf(alert: Alert): Pick<Facts, "destinations" | "ports"> {
	switch (alert.kind) {
		case "sensor":
			return { destinations: undefined, ports: undefined };
		case "scan": {
			const { ports, portCount, destination, technique } = alert;
			const isWhole = ports.length === portCount && technique !== "ip-proto";
			return {
				destinations: allWords([destination.ip]),
				ports: isWhole ? ports : undefined,
			};
		}
		case "sweep": {
			const { hosts, hostCount, port } = alert;
			return {
				destinations: hosts.length === hostCount ? allWords(hosts) : undefined,
				ports: port === undefined ? undefined : [port],
			};
		}
		default: {
			const { destination } = alert;
			const port = "port" in destination ? destination.port : undefined;
			return {
				destinations: allWords([destination.ip]),
				ports: port === undefined ? undefined : [port],
			};
		}
	}
}

/** The facts of an alert. */
export function ruleFacts(alert: Alert): Facts {
	const base = {
		kind: alert.kind,
		severity: levelOf(alert),
		...targetsOf(alert),
	};
	if (alert.kind === "sensor")
		return {
			...base,
			technique: undefined,
			protocol: undefined,
			interface: alert.interface,
			mac: undefined,
			source: undefined,
		};
	if (alert.kind === "connection")
		return {
			...base,
			technique: alert.transport === "tcp" ? "connect" : "udp",
			protocol: alert.transport,
			interface: alert.source.zone,
			mac: undefined,
			source: wordsOf(alert.source.ip),
		};
	return {
		...base,
		technique: alert.technique,
		protocol: alert.carrier,
		interface: alert.interface,
		mac: alert.source.mac,
		source: wordsOf(accused(alert)),
	};
}

const isIn = (networks: readonly Cidr[], words: Words) =>
	networks.some((network) => contains(network, ...words));

const isOneOf = (list: readonly string[], value: string | undefined) =>
	value !== undefined && list.includes(value);

function isWithin({ from, to }: Hours, now: number): boolean {
	const date = new Date(now);
	const minute = date.getHours() * 60 + date.getMinutes();
	return from < to
		? minute >= from && minute < to
		: minute >= from || minute < to;
}

/** Whether all conditions of a rule hold. What tocsin says of itself fits only a rule that names its kind. */
export function fits(rule: Rule, facts: Facts, now: number): boolean {
	const { source, destination, port, mac } = rule;
	if (rule.until !== undefined && now >= rule.until) return false;
	if (facts.kind === "sensor" && !rule.kind?.includes("sensor")) return false;
	return (
		(!rule.kind || isOneOf(rule.kind, facts.kind)) &&
		(!rule.technique || isOneOf(rule.technique, facts.technique)) &&
		(!rule.severity || isOneOf(rule.severity, facts.severity)) &&
		(!rule.protocol || isOneOf(rule.protocol, facts.protocol)) &&
		(!mac || isOneOf(mac, facts.mac)) &&
		(!source || (facts.source !== undefined && isIn(source, facts.source))) &&
		(!destination ||
			!!facts.destinations?.every((words) => isIn(destination, words))) &&
		(!port || !!facts.ports?.every((each) => hasPort(port, each))) &&
		(!rule.interface ||
			(facts.interface !== undefined &&
				wantsInterface(rule.interface, facts.interface))) &&
		(!rule.hours || isWithin(rule.hours, now))
	);
}

/** Rules that ignore alerts, the first that fits, and how often each did. */
export interface Ignores {
	ignores(alert: Alert): boolean;
	/** How many alerts each rule has ignored, in the rules' order. */
	counts(): readonly number[];
}

/** Judges by the alerts' own time: a replay is the same each time, but for the hours of the day. */
export function createIgnores(rules: readonly Rule[]): Ignores {
	const counts = rules.map(() => 0);
	return {
		ignores(alert) {
			if (rules.length === 0) return false;
			const facts = ruleFacts(alert);
			const i = rules.findIndex((rule) => fits(rule, facts, alert.time));
			if (i < 0) return false;
			counts[i] = (counts[i] ?? 0) + 1;
			return true;
		},
		counts: () => counts,
	};
}

/** Rules that are named with their counts; a configuration may have hundreds. */
const NAMED = 5;

/** What a rule is called: by its place in the file, and by the administrator's reason. */
export const ruleName = ({ why }: Rule, i: number): string =>
	why === undefined ? `rule ${i + 1}` : `rule ${i + 1} (${why})`;

/** `; ignored 12 by rule 1 (backup), 3 by rule 4`: nothing where no rule has acted. */
export function ignoredText(
	rules: readonly Rule[],
	counts: readonly number[],
): string {
	const acted = rules.flatMap((rule, i) => {
		const count = counts[i] ?? 0;
		return count > 0 ? [`${count} by ${ruleName(rule, i)}`] : [];
	});
	if (acted.length === 0) return "";
	const more =
		acted.length > NAMED ? `, and by ${acted.length - NAMED} more` : "";
	return `; ignored ${acted.slice(0, NAMED).join(", ")}${more}`;
}
