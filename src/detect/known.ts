import { KNOWN_SERVERS } from "./params.ts";

export type ServerKind = "dhcp" | "dhcp6" | "ra";

/** A DHCP server or router that was heard and is taken for a rightful one. */
export interface KnownServer {
	kind: ServerKind;
	/** Where: the interface's name ("" where there is none) and 802.1Q id (-1 without). */
	interface: string;
	vlan: number;
	ip: string;
	mac?: string | undefined;
	/** Option 54, or the DUID in lower-case hexadecimal. */
	id?: string | undefined;
	/** What it tells its clients, as text: `dns`, `router`, `wpad`. */
	facts: Record<string, string>;
	/** When it was heard first, ms since the epoch. */
	first: number;
}

/** The servers that are taken for rightful ones, in the order they were learned; bounded. */
export interface Known {
	at(kind: ServerKind, name: string, vlan: number): readonly KnownServer[];
	/** False when there is no room. */
	learn(server: KnownServer): boolean;
	/** Changes what a known one tells its clients. */
	update(server: KnownServer, facts: Record<string, string>): void;
	/** Forgets all, and knows these instead. */
	reset(servers: readonly KnownServer[]): void;
	all(): readonly KnownServer[];
}

/** `changed` is called after each change: what is known is to be kept. */
export function createKnown(
	initial: readonly KnownServer[],
	changed: () => void,
): Known {
	let servers = initial.slice(0, KNOWN_SERVERS);
	return {
		at: (kind, name, vlan) =>
			servers.filter(
				(server) =>
					server.kind === kind &&
					server.interface === name &&
					server.vlan === vlan,
			),
		learn(server) {
			if (servers.length >= KNOWN_SERVERS) return false;
			servers.push(server);
			changed();
			return true;
		},
		update(server, facts) {
			server.facts = facts;
			changed();
		},
		reset(others) {
			servers = others.slice(0, KNOWN_SERVERS);
		},
		all: () => servers,
	};
}
