import type { Ident } from "./ident.ts";

export type Transport = "tcp" | "udp";

/** What the peer is known by. `ip` is missing when it reset before anything could name it. */
export interface Source {
	ip?: string;
	port?: number;
	/** Interface of a link-local IPv6 address, as the kernel names it. */
	zone?: string;
	/** Forward-confirmed PTR name. */
	name?: string;
}

/** How often a source came beyond the alerts already sent for it, first and last in ms since the epoch. */
export interface Fold {
	count: number;
	first: number;
	last: number;
}

/** An encounter with a trap: one connection or datagram, or a fold of many. */
export interface ConnectionAlert {
	kind: "connection";
	/** ms since the epoch */
	time: number;
	transport: Transport;
	/** The trap as the administrator calls it: `rexec`, `512`. */
	service: string;
	source: Source;
	destination: { ip?: string; port?: number };
	ident?: Ident;
	/** The first bytes the peer sent, already printable. */
	data?: string;
	fold?: Fold;
	/** Why the source is unknown or a fold spans many sources. */
	note?: string;
}

/** The only type that leaves a detector. tocsin's kinds join this union. */
export type Alert = ConnectionAlert;
