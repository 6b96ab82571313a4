import * as z from "zod/mini";
import { type Cidr, parseCidr } from "./cidr.ts";
import { patternError } from "./interfaces.ts";
import { badMac, parseMac } from "./mac.ts";
import { addPorts } from "./portlist.ts";
import { emptySets, type PortSet, union } from "./portset.ts";
import { type Complain, reading } from "./reading.ts";

/** Kinds, carriers and levels as alerts have them (src/alert/alert.ts, src/alert/level.ts). */
const KINDS = [
	"probe",
	"scan",
	"sweep",
	"ping",
	"poison",
	"rogue-dhcp",
	"rogue-ra",
	"sensor",
] as const;
const PROTOCOLS = [
	"tcp",
	"udp",
	"sctp",
	"icmp",
	"ipv6-icmp",
	"ip",
	"arp",
] as const;
const SEVERITIES = ["info", "notice", "warning"] as const;

/** Minutes of a day from `from` to before `to`, over midnight where `to` is the earlier. */
export interface Hours {
	from: number;
	to: number;
}

/** What an alert must be to be ignored: all conditions that are there must hold. */
export interface Rule {
	source?: Cidr[] | undefined;
	destination?: Cidr[] | undefined;
	port?: PortSet | undefined;
	protocol?: readonly string[] | undefined;
	kind?: readonly string[] | undefined;
	technique?: readonly string[] | undefined;
	severity?: readonly string[] | undefined;
	/** Patterns as `wantsInterface` takes them. */
	interface?: readonly string[] | undefined;
	mac?: readonly string[] | undefined;
	/** This machine's local time. */
	hours?: Hours | undefined;
	/** ms since the epoch; from then on the rule is void. */
	until?: number | undefined;
	/** The administrator's reason. */
	why?: string | undefined;
}

const TIME = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$/;
const MAX_WHY = 200;
/** It stands in syslog lines. */
const WHY = new RegExp(`^[ -~]{0,${MAX_WHY}}$`);

/** One value or a list of at least one: an empty list would match nothing, which nobody means. */
function oneOrMore<T>(
	read: (item: unknown, complain: Complain) => T | undefined,
) {
	return reading((value, complain): T[] => {
		const items: unknown[] = Array.isArray(value) ? value : [value];
		if (items.length === 0)
			complain("an empty list matches nothing: leave it out");
		return items.flatMap((item, i) => {
			const path = Array.isArray(value) ? [i] : [];
			return read(item, (message) => complain(message, path)) ?? [];
		});
	});
}

const words = (what: string, known: readonly string[]) =>
	oneOrMore((item, complain) => {
		if (known.includes(item as string)) return item as string;
		complain(`unknown ${what} '${item}': one of ${known.join(", ")}`);
		return undefined;
	});

const networks = oneOrMore((item, complain): Cidr | undefined => {
	const network = typeof item === "string" ? parseCidr(item) : "";
	if (typeof network !== "string") return network;
	complain(network || `bad network '${item}': give it as a string`);
	return undefined;
});

const matching = (pattern: RegExp, remedy: string) =>
	oneOrMore((item, complain) => {
		if (typeof item === "string" && pattern.test(item)) return item;
		complain(`bad value '${item}': ${remedy}`);
		return undefined;
	});

const macs = oneOrMore((item, complain) => {
	const mac = typeof item === "string" ? parseMac(item) : undefined;
	if (mac === undefined) complain(badMac(item));
	return mac;
});

const interfaces = oneOrMore((item, complain) => {
	const error =
		typeof item === "string" ? patternError(item) : `bad interface '${item}'`;
	if (error) complain(error);
	return error ? undefined : (item as string);
});

/** Of TCP and UDP alike: which of them is the rule's `protocol`. */
const ports = (services: string | undefined) =>
	reading((value, complain): PortSet => {
		const sets = emptySets();
		const items: unknown[] = Array.isArray(value) ? value : [value];
		if (items.length === 0)
			complain("an empty list matches nothing: leave it out");
		for (const [i, item] of items.entries()) {
			const error = addPorts(sets, item, ["tcp", "udp"], services);
			if (error) complain(error, Array.isArray(value) ? [i] : []);
		}
		return union(sets.tcp, sets.udp);
	});

const hours = z.pipe(
	z.string(),
	reading((text: string, complain): Hours => {
		const [, h1, m1, h2, m2] = TIME.exec(text) ?? [];
		const [from, to] = [
			Number(h1) * 60 + Number(m1),
			Number(h2) * 60 + Number(m2),
		];
		if (h1 === undefined || from === to) {
			complain(`bad hours '${text}': give them as 22:00-06:00`);
			return z.NEVER;
		}
		return { from, to };
	}),
);

/** TOML's dates and times are objects with the text that they were written as. */
const until = reading((value, complain): number => {
	const ms = value instanceof Date ? value.getTime() : Number.NaN;
	if (Number.isNaN(ms))
		complain(
			`bad date '${value}': give a date as 2027-01-31 or 2027-01-31T18:00:00+01:00, without quotes`,
		);
	return ms;
});

const rule = (services?: string) =>
	z.strictObject({
		source: z.optional(networks),
		destination: z.optional(networks),
		port: z.optional(ports(services)),
		protocol: z.optional(words("protocol", PROTOCOLS)),
		kind: z.optional(words("kind", KINDS)),
		technique: z.optional(
			matching(/^[a-z\d-]{1,20}$/, "a technique as alerts name it"),
		),
		severity: z.optional(words("severity", SEVERITIES)),
		interface: z.optional(interfaces),
		mac: z.optional(macs),
		hours: z.optional(hours),
		until: z.optional(until),
		why: z.optional(
			z
				.string()
				.check(z.regex(WHY, `printable ASCII, at most ${MAX_WHY} characters`)),
		),
	});

/** What narrows a rule; `until`, `hours` and `why` alone would ignore everything. */
const CONDITIONS = [
	"source",
	"destination",
	"port",
	"protocol",
	"kind",
	"technique",
	"severity",
	"interface",
	"mac",
] as const;

/** An `[[ignore]]` table. A rule without a condition would ignore everything: it is an error. */
export const ignoreSchema = (services?: string) =>
	z.pipe(
		rule(services),
		reading((value: z.infer<ReturnType<typeof rule>>, complain): Rule => {
			if (!CONDITIONS.some((key) => value[key] !== undefined))
				complain(
					`this rule would ignore everything: name one of ${CONDITIONS.join(", ")}`,
				);
			return value;
		}),
	);

export const ruleKeys = (): string[] => Object.keys(rule().shape);
