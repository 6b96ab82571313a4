import * as z from "zod/mini";
import type { NameProtocol } from "../alert/alert.ts";
import { formatAddress, parseAddress } from "./cidr.ts";
import { badMac, parseMac } from "./mac.ts";
import { told, typed } from "./meaning.ts";
import { type Complain, reading } from "./reading.ts";

export const NAME_PROTOCOLS = ["llmnr", "nbns", "mdns"] as const;

/** Seconds between two cycles on average: FACTS 2 (30 to 90 s), FACTS 3 (about 300 s). */
const POISON_EVERY = 60;
const DHCP_EVERY = 300;

/** The `[poison]` table: questions for names that don't exist. */
export interface PoisonConfig {
	/** ms between two cycles on average, each half to one and a half of it; 0: never. */
	every: number;
	protocols: NameProtocol[];
	/** Names that nobody has: whoever answers anybody's question for one is told. Lower case. */
	names: string[];
	/** How invented names begin, besides those made of letters alone: as the site's hosts are called. */
	prefixes: string[];
	/** Asks for `wpad` as well, where DNS has none. */
	wpad: boolean;
}

/** A DHCP server that may be there: addresses as `formatAddress` prints them, MACs in lower case with colons. */
export interface DhcpServer {
	ip: string;
	mac?: string | undefined;
	/** Option 54, where it isn't the server's address. */
	id?: string | undefined;
}

export interface DhcpConfig {
	/** ms between two rounds of questions on average; 0: never. */
	every: number;
	/** Undefined: the first that is heard is learned. */
	servers?: DhcpServer[] | undefined;
	/** Addresses of relay agents. */
	relays: string[];
}

export interface Dhcp6Server {
	/** In lower case, hexadecimal, without separators. */
	duid?: string | undefined;
	mac?: string | undefined;
}

export interface Dhcp6Config {
	every: number;
	servers?: Dhcp6Server[] | undefined;
}

/** A router that may be there: by its link-local address, its MAC address, or both. */
export interface Router {
	ip?: string | undefined;
	mac?: string | undefined;
}

export interface RaConfig {
	every: number;
	routers?: Router[] | undefined;
}

export interface LureConfig {
	poison: PoisonConfig;
	dhcp: DhcpConfig;
	dhcp6: Dhcp6Config;
	ra: RaConfig;
}

/** RFC 8415 section 11.1: a type of two bytes and at most 128 more. */
const DUID = /^(?:[\da-f]{2}[:-]?){3,130}$/i;

/** A name that one label holds and NetBIOS takes (RFC 1001 section 14: 15 characters). */
const LABEL = /^[a-z\d](?:[a-z\d-]{0,13}[a-z\d])?$/i;
/** What a name of 15 may begin with and still have room for an invented rest. */
const PREFIX = /^[a-z\d][a-z\d-]{0,9}$/i;

const text = <T>(
	type: string,
	read: (value: string, complain: Complain) => T,
) => typed(type, z.pipe(z.string(), reading(read)));

const address = text("address", (value, complain): string => {
	const words = parseAddress(value);
	if (words) return formatAddress(words);
	complain(`bad address '${value}': give one as 192.0.2.1 or fe80::1`);
	return z.NEVER;
});

const mac = text("MAC address", (value, complain): string => {
	const found = parseMac(value);
	if (found !== undefined) return found;
	complain(badMac(value));
	return z.NEVER;
});

const duid = text("DUID", (value, complain): string => {
	if (DUID.test(value)) return value.toLowerCase().replace(/[:-]/g, "");
	complain(`bad DUID '${value}': give its bytes in hexadecimal`);
	return z.NEVER;
});

const matching = (pattern: RegExp, remedy: string) =>
	text("name", (value, complain): string => {
		if (!pattern.test(value)) complain(`bad name '${value}': ${remedy}`);
		return value.toLowerCase();
	});

/** A cycle takes a few seconds: a shorter time would never end. */
const every = (fallback: number, meaning: string) =>
	told(
		z.prefault(
			typed(
				"seconds",
				z.pipe(
					z.number(),
					reading((seconds: number, complain): number => {
						if (seconds !== 0 && !(seconds >= 10 && seconds <= 86_400))
							complain(
								`bad 'every' ${seconds}: seconds, 10 to 86400, or 0 for never`,
							);
						return seconds * 1000;
					}),
				),
			),
			fallback,
		),
		`${meaning}; \`0\`: never`,
	);

const poison = () =>
	z.strictObject({
		every: every(POISON_EVERY, "between two cycles of questions, about"),
		// Without any nothing would be asked, and all look well.
		protocols: told(
			z._default(
				z
					.array(z.enum(NAME_PROTOCOLS))
					.check(
						z.minLength(1, "name at least one protocol, or let 'every' be 0"),
					),
				() => [...NAME_PROTOCOLS],
			),
			"how is asked",
		),
		names: told(
			z._default(
				z.array(matching(LABEL, "letters, digits and -, at most 15")),
				() => [],
			),
			"names nobody has: whoever answers for one, to whomever, is told",
		),
		prefixes: told(
			z._default(
				z.array(matching(PREFIX, "letters, digits and -, at most 10")),
				() => [],
			),
			"how invented names begin: like your hosts'",
			"letters alone",
		),
		wpad: told(
			z._default(z.boolean(), true),
			"asks for `wpad` where DNS has none",
		),
	});

const server = () =>
	z.strictObject({
		ip: told(address, "its address"),
		mac: told(z.optional(mac), "its MAC address", "any"),
		id: told(
			z.optional(address),
			"option 54, where it isn't its address",
			"its address",
		),
	});

const dhcp = () =>
	z.strictObject({
		every: every(DHCP_EVERY, "between two questions, about"),
		servers: told(
			z.optional(z.array(server())),
			"who may answer",
			"the first that is heard",
		),
		relays: told(
			z._default(z.array(address), () => []),
			"addresses of relay agents",
		),
	});

const server6 = () =>
	z
		.strictObject({
			duid: told(z.optional(duid), "its DUID in hexadecimal", "any"),
			mac: told(z.optional(mac), "its MAC address", "any"),
		})
		.check(
			z.refine(({ duid, mac }) => duid !== undefined || mac !== undefined, {
				message: "a DHCPv6 server needs a duid or a mac",
			}),
		);

const dhcp6 = () =>
	z.strictObject({
		every: every(DHCP_EVERY, "between two questions, about"),
		servers: told(
			z.optional(z.array(server6())),
			"who may answer",
			"the first that is heard",
		),
	});

/** `"fe80::1"`, or a MAC address. */
const router = text("router", (value, complain): Router => {
	const found = parseMac(value);
	if (found !== undefined) return { mac: found };
	const words = parseAddress(value);
	if (words) return { ip: formatAddress(words) };
	complain(`bad router '${value}': give its address (fe80::1) or its MAC`);
	return z.NEVER;
});

const ra = () =>
	z.strictObject({
		every: every(DHCP_EVERY, "between two questions, about"),
		routers: told(
			z.optional(z.array(router)),
			"who may advertise: link-local addresses or MAC addresses",
			"the first that is heard",
		),
	});

/** The tables of what tocsin asks for, by their names in the file. */
export const lureSchemas = () => ({
	poison: told(z.prefault(poison(), {}), "questions for invented names"),
	dhcp: told(z.prefault(dhcp(), {}), "questions for DHCP servers"),
	dhcp6: told(z.prefault(dhcp6(), {}), "questions for DHCPv6 servers"),
	ra: told(z.prefault(ra(), {}), "questions for IPv6 routers"),
});
