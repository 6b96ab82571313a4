import * as z from "zod/mini";
import type { Transport } from "../alert/alert.ts";
import { type Cidr, parseCidr } from "./cidr.ts";
import { patternError } from "./interfaces.ts";
import { addPorts } from "./portlist.ts";
import { DEFAULT_TCP, DEFAULT_UDP } from "./ports.ts";
import { emptySets, type PortSet, type PortSets, portsOf } from "./portset.ts";
import { type Complain, reading } from "./reading.ts";
import { parseSize } from "./size.ts";

/** Carriers that can be judged: `icmp` is both versions of it, `ip` any other IP protocol. */
export const PROTOCOLS = ["tcp", "udp", "icmp", "sctp", "ip", "arp"] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/** `host`: what is sent to our own addresses. `segment`: all that passes by. */
export type Scope = "host" | "segment";

/** A user name as useradd(8) takes it. */
export const USER = /^\w[\w.-]*\$?$/;

/** A file that the largest packet (64 KiB, with its headers) doesn't fit in is of no use. */
const MIN_EVIDENCE = 100_000;
const EVIDENCE_BYTES = 10_000_000;

/** The `[watch]` table. */
export interface WatchConfig {
	/** Patterns for `wantsInterface`; empty: all that are up. */
	interfaces: string[];
	scope: Scope;
	/** Watched ports, exceptions not yet taken away. */
	tcp: PortSet;
	udp: PortSet;
	/** Wins over `tcp` and `udp`. */
	except: PortSets;
	protocols: Protocol[];
	/** Destinations that are judged; empty: all in scope. */
	to: Cidr[];
	/** Networks that count as ours; empty: what the interfaces have. */
	home: Cidr[];
	/** IP options ring by themselves. */
	ipOptions: boolean;
	/** A pcap file, absolute, for the packets behind the alerts; undefined: none. */
	evidence: string | undefined;
	/** Bytes the evidence may take. */
	evidenceSize: number;
	/** Who the watch becomes. */
	user: string;
}

/** Adds one item or a list of them. */
function addAll(
	sets: PortSets,
	value: unknown,
	transports: readonly Transport[],
	services: string | undefined,
	complain: Complain,
): void {
	const items: unknown[] = Array.isArray(value) ? value : [value];
	for (const [i, item] of items.entries()) {
		const error = addPorts(sets, item, transports, services);
		if (error) complain(error, [i]);
	}
}

const ports = (transport: Transport, services: string | undefined) =>
	reading((value, complain): PortSet => {
		const sets = emptySets();
		addAll(sets, value, [transport], services, complain);
		return sets[transport];
	});

const isTable = (value: unknown): value is object =>
	typeof value === "object" && value !== null && !Array.isArray(value);

/** Ports for both transports, or a table with a list for each. */
const except = (services: string | undefined) =>
	reading((value, complain): PortSets => {
		const sets = emptySets();
		if (!isTable(value)) {
			addAll(sets, value, ["tcp", "udp"], services, complain);
			return sets;
		}
		for (const [key, items] of Object.entries(value)) {
			if (key !== "tcp" && key !== "udp")
				complain(`unknown key '${key}': known are tcp, udp`, [key]);
			else
				addAll(sets, items, [key], services, (message, path = []) =>
					complain(message, [key, ...path]),
				);
		}
		return sets;
	});

const cidr = z.pipe(
	z.string(),
	reading((text: string, complain): Cidr => {
		const network = parseCidr(text);
		if (typeof network !== "string") return network;
		complain(network);
		return z.NEVER;
	}),
);

const pattern = z.pipe(
	z.string(),
	reading((text: string, complain): string => {
		const error = patternError(text);
		if (error) complain(error);
		return text;
	}),
);

const size = reading((value, complain): number => {
	const bytes = parseSize(value);
	if (typeof bytes === "number" && bytes >= MIN_EVIDENCE) return bytes;
	complain(
		typeof bytes === "string"
			? bytes
			: `bad size '${value}': evidence needs at least 100kB`,
	);
	return z.NEVER;
});

/** The `[watch]` table's keys as they stand in the file; `services` is the text of a services(5) file. */
const table = (services?: string) =>
	z.strictObject({
		interfaces: z._default(z.array(pattern), () => []),
		scope: z._default(z.enum(["host", "segment"]), "host"),
		tcp: z._default(ports("tcp", services), () => portsOf(DEFAULT_TCP)),
		udp: z._default(ports("udp", services), () => portsOf(DEFAULT_UDP)),
		except: z._default(except(services), emptySets),
		// A watch without any would be deaf and look well.
		protocols: z._default(
			z
				.array(z.enum(PROTOCOLS))
				.check(z.minLength(1, "name at least one protocol")),
			() => [...PROTOCOLS],
		),
		to: z._default(z.array(cidr), () => []),
		home: z._default(z.array(cidr), () => []),
		ip_options: z._default(z.boolean(), false),
		evidence: z.optional(
			z.string().check(z.regex(/^\//, "give an absolute path")),
		),
		evidence_size: z._default(size, EVIDENCE_BYTES),
		user: z._default(
			z.string().check(z.regex(USER, "give a user's name")),
			"nobody",
		),
	});

/** The table's keys, in the order of the schema. */
export const watchKeys = (): string[] => Object.keys(table().shape);

/** Reads a `[watch]` table. */
export const watchSchema = (services?: string) =>
	z.pipe(
		table(services),
		z.transform(
			({ ip_options, evidence, evidence_size, ...rest }): WatchConfig => ({
				...rest,
				ipOptions: ip_options,
				evidence,
				evidenceSize: evidence_size,
			}),
		),
	);
