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
import type { Hours, Limit, Route, Rule } from "../config/rules.ts";

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

/** Rules of one kind, the first that fits, and how often each did. */
interface Block<R> {
	readonly rules: readonly R[];
	/** How many alerts each rule has acted upon, in the rules' order. */
	readonly counts: number[];
}

const blockOf = <R>(rules: readonly R[]): Block<R> => ({
	rules,
	counts: rules.map(() => 0),
});

/** The first rule that fits, counted. */
function judge<R extends Rule>(
	{ rules, counts }: Block<R>,
	facts: Facts,
	now: number,
): R | undefined {
	const i = rules.findIndex((rule) => fits(rule, facts, now));
	if (i < 0) return undefined;
	counts[i] = (counts[i] ?? 0) + 1;
	return rules[i];
}

/** All rules of a configuration. */
export interface RuleBlocks {
	ignore: readonly Rule[];
	limit: readonly Limit[];
	route: readonly Route[];
}

/** How often a rule has acted. */
export interface Acted {
	block: keyof RuleBlocks;
	/** Its place among the rules of its block, from 1. */
	n: number;
	why?: string | undefined;
	count: number;
}

export interface Rules {
	/** Whether an alert is not to be told at all. */
	ignores(alert: Alert): boolean;
	/** How an alert is folded; undefined: as all are. */
	limit(alert: Alert): Limit | undefined;
	/** Names of the sinks an alert goes to; undefined: all. */
	route(alert: Alert): readonly string[] | undefined;
	/** The rules that have acted, in their order. */
	acted(): Acted[];
}

/** Judges by the alerts' own time: a replay is the same each time, but for the hours of the day. */
export function createRules(config: RuleBlocks): Rules {
	const ignore = blockOf(config.ignore);
	const limit = blockOf(config.limit);
	const route = blockOf(config.route);
	let known: Alert | undefined;
	let facts: Facts | undefined;
	/** All blocks look at an alert, one after another: its addresses are read once. */
	function factsOf(alert: Alert): Facts {
		if (!facts || alert !== known) [known, facts] = [alert, ruleFacts(alert)];
		return facts;
	}
	const first = <R extends Rule>(block: Block<R>, alert: Alert) =>
		block.rules.length === 0
			? undefined
			: judge(block, factsOf(alert), alert.time);
	const actedIn = (block: keyof RuleBlocks, { rules, counts }: Block<Rule>) =>
		rules.flatMap(({ why }, i) => {
			const count = counts[i] ?? 0;
			return count > 0 ? [{ block, n: i + 1, why, count }] : [];
		});
	return {
		ignores: (alert) => first(ignore, alert) !== undefined,
		limit: (alert) => first(limit, alert),
		route: (alert) => first(route, alert)?.to,
		acted: () => [
			...actedIn("ignore", ignore),
			...actedIn("limit", limit),
			...actedIn("route", route),
		],
	};
}

/** Rules that are named with their counts; a configuration may have hundreds. */
const NAMED = 5;

/** What a rule is called: by its place in the file, and by the administrator's reason. */
export const ruleName = ({ why }: Pick<Rule, "why">, i: number): string =>
	why === undefined ? `rule ${i + 1}` : `rule ${i + 1} (${why})`;

/** `; ignored 12 by rule 1 (backup), 3 by rule 4`: nothing where no rule has ignored anything. */
export function ignoredText(all: readonly Acted[]): string {
	const acted = all.filter(({ block }) => block === "ignore");
	if (acted.length === 0) return "";
	const named = acted
		.slice(0, NAMED)
		.map((rule) => `${rule.count} by ${ruleName(rule, rule.n - 1)}`);
	const more =
		acted.length > NAMED ? `, and by ${acted.length - NAMED} more` : "";
	return `; ignored ${named.join(", ")}${more}`;
}
