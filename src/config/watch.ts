import * as z from "zod/mini";
import type { Transport } from "../alert/alert.ts";
import { type Cidr, parseCidr } from "./cidr.ts";
import { patternError } from "./interfaces.ts";
import { told, typed } from "./meaning.ts";
import { addPorts } from "./portlist.ts";
import { DEFAULT_TCP, DEFAULT_UDP } from "./ports.ts";
import { emptySets, type PortSet, type PortSets, portsOf } from "./portset.ts";
import { type Complain, reading } from "./reading.ts";
import { absolute, sizeOf, userName } from "./values.ts";

/** Carriers that can be judged: `icmp` is both versions of it, `ip` any other IP protocol. */
export const PROTOCOLS = ["tcp", "udp", "icmp", "sctp", "ip", "arp"] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/** `host`: what is sent to our own addresses. `segment`: all that passes by. */
export type Scope = "host" | "segment";

export { USER } from "./values.ts";

/** A file that the largest packet (64 KiB, with its headers) doesn't fit in is of no use. */
const MIN_EVIDENCE = 100_000;
const EVIDENCE_SIZE = "10MB";

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
	typed(
		"port or list",
		reading((value, complain): PortSet => {
			const sets = emptySets();
			addAll(sets, value, [transport], services, complain);
			return sets[transport];
		}),
	);

const isTable = (value: unknown): value is object =>
	typeof value === "object" && value !== null && !Array.isArray(value);

/** Ports for both transports, or a table with a list for each. */
const except = (services: string | undefined) =>
	typed(
		"port, list or table",
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
		}),
	);

const cidr = typed(
	"network",
	z.pipe(
		z.string(),
		reading((text: string, complain): Cidr => {
			const network = parseCidr(text);
			if (typeof network !== "string") return network;
			complain(network);
			return z.NEVER;
		}),
	),
);

const pattern = typed(
	"pattern",
	z.pipe(
		z.string(),
		reading((text: string, complain): string => {
			const error = patternError(text);
			if (error) complain(error);
			return text;
		}),
	),
);

const size = sizeOf(MIN_EVIDENCE, "evidence needs at least 100kB");

/** The `[watch]` table's keys as they stand in the file; `services` is the text of a services(5) file. */
const table = (services?: string) =>
	z.strictObject({
		interfaces: told(
			z._default(z.array(pattern), () => []),
			"names with `*` and `?`, and `!` in front to exclude",
			"all that are up",
		),
		scope: told(
			z._default(z.enum(["host", "segment"]), "host"),
			"`segment`: what is for others, too (promiscuous)",
		),
		tcp: told(
			z._default(ports("tcp", services), () => portsOf(DEFAULT_TCP)),
			"watched ports: numbers, ranges, names of services(5), `all`",
			"ports nobody should use",
		),
		udp: told(
			z._default(ports("udp", services), () => portsOf(DEFAULT_UDP)),
			"the same for UDP",
			"ports nobody should use",
		),
		except: told(
			z._default(except(services), emptySets),
			"ports that are not watched; wins. For one transport: `{ udp = [53] }`",
			"none",
		),
		// A watch without any would be deaf and look well.
		protocols: told(
			z._default(
				z
					.array(z.enum(PROTOCOLS))
					.check(z.minLength(1, "name at least one protocol")),
				() => [...PROTOCOLS],
			),
			"what is judged",
		),
		to: told(
			z._default(z.array(cidr), () => []),
			"judge only what goes to these networks",
			"all in scope",
		),
		home: told(
			z._default(z.array(cidr), () => []),
			"networks that count as ours",
			"those of the interfaces",
		),
		ip_options: told(
			z._default(z.boolean(), false),
			"IP options ring by themselves",
		),
		evidence: told(
			z.optional(absolute()),
			"a pcapng file for the packets behind the alerts",
			"none",
		),
		evidence_size: told(
			z.prefault(size, EVIDENCE_SIZE),
			"at which it begins anew; at least 100kB",
		),
		user: told(z._default(userName(), "nobody"), "who the watch becomes"),
	});

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
