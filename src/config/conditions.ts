import * as z from "zod/mini";
import { type Cidr, parseCidr } from "./cidr.ts";
import { patternError } from "./interfaces.ts";
import { badMac, parseMac } from "./mac.ts";
import { told, typed } from "./meaning.ts";
import { addPorts } from "./portlist.ts";
import { emptySets, type PortSet, union } from "./portset.ts";
import { type Complain, reading } from "./reading.ts";

/** Kinds, carriers and levels as alerts have them (src/alert/alert.ts, src/alert/level.ts). */
export const KINDS = [
	"connection",
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

/** What an alert must be for a rule to act: all conditions that are there must hold. */
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
	typed(
		`one or a list of ${known.map((word) => `\`${word}\``).join(", ")}`,
		oneOrMore((item, complain) => {
			if (known.includes(item as string)) return item as string;
			complain(`unknown ${what} '${item}': one of ${known.join(", ")}`);
			return undefined;
		}),
	);

const networks = typed(
	"network or list",
	oneOrMore((item, complain): Cidr | undefined => {
		const network = typeof item === "string" ? parseCidr(item) : "";
		if (typeof network !== "string") return network;
		complain(network || `bad network '${item}': give it as a string`);
		return undefined;
	}),
);

const matching = (pattern: RegExp, remedy: string) =>
	oneOrMore((item, complain) => {
		if (typeof item === "string" && pattern.test(item)) return item;
		complain(`bad value '${item}': ${remedy}`);
		return undefined;
	});

const macs = typed(
	"MAC address or list",
	oneOrMore((item, complain) => {
		const mac = typeof item === "string" ? parseMac(item) : undefined;
		if (mac === undefined) complain(badMac(item));
		return mac;
	}),
);

const interfaces = typed(
	"pattern or list",
	oneOrMore((item, complain) => {
		const error =
			typeof item === "string" ? patternError(item) : `bad interface '${item}'`;
		if (error) complain(error);
		return error ? undefined : (item as string);
	}),
);

/** Of TCP and UDP alike: which of them is the rule's `protocol`. */
const ports = (services: string | undefined) =>
	typed(
		"port or list",
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
		}),
	);

const hours = typed(
	"hours",
	z.pipe(
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
	),
);

/** TOML's dates and times are objects with the text that they were written as. */
const until = typed(
	"date",
	reading((value, complain): number => {
		const ms = value instanceof Date ? value.getTime() : Number.NaN;
		if (Number.isNaN(ms))
			complain(
				`bad date '${value}': give a date as 2027-01-31 or 2027-01-31T18:00:00+01:00, without quotes`,
			);
		return ms;
	}),
);

/** The conditions of a rule and what is said of it, as keys of its table. */
export const conditions = (services?: string) => ({
	source: told(
		z.optional(networks),
		"networks or addresses of who is accused; decoys and spoofed sources fit none",
		"any",
	),
	destination: told(
		z.optional(networks),
		"networks or addresses that hold all that was tried",
		"any",
	),
	port: told(
		z.optional(ports(services)),
		"ports, ranges or service names that hold all that was tried",
		"any",
	),
	protocol: told(z.optional(words("protocol", PROTOCOLS)), "carriers", "any"),
	kind: told(
		z.optional(words("kind", KINDS)),
		"kinds of alerts; `sensor`, tocsin itself, fits only where it is named",
		"any but `sensor`",
	),
	technique: told(
		z.optional(
			typed(
				"name or list",
				matching(/^[a-z\d-]{1,20}$/, "a technique as alerts name it"),
			),
		),
		"techniques as alerts name them: `syn`, `null`, `arp`",
		"any",
	),
	severity: told(z.optional(words("severity", SEVERITIES)), "levels", "any"),
	interface: told(
		z.optional(interfaces),
		"names with `*` and `?`, and `!` in front to exclude",
		"any",
	),
	mac: told(z.optional(macs), "MAC addresses of the source", "any"),
	hours: told(
		z.optional(hours),
		"of this machine's day, over midnight too: `22:00-06:00`",
		"any",
	),
	until: told(
		z.optional(until),
		"a date without quotes; from then on the rule is void",
	),
	why: told(
		z.optional(
			z
				.string()
				.check(z.regex(WHY, `printable ASCII, at most ${MAX_WHY} characters`)),
		),
		"your reason: shown wherever the rule acted",
	),
});

/** Made once for all that has conditions: it is a large schema. */
export type Conditions = ReturnType<typeof conditions>;
