import type { Agenda } from "../detect/agenda.ts";

/** An interface that questions can be sent from. */
export interface LureInterface {
	name: string;
	/** Undefined where the link has none: nothing is sent there. */
	mac: string | undefined;
	/** Addresses of IPv4, each with its network's broadcast address. */
	ipv4: { address: string; broadcast: string }[];
	/** Link-local addresses of IPv6. */
	ipv6: string[];
}

/** What a lure needs of the world. */
export interface LureWorld {
	agenda: Agenda;
	/** An integer from 0 to below `n`; unpredictable in a live watch. */
	random(n: number): number;
	/** Those that are up now, loopback left out. */
	interfaces(): LureInterface[];
	/** Sends an Ethernet frame. */
	send(name: string, frame: Uint8Array): void;
}

/** Something that asks again and again until it is stopped. */
export interface Lure {
	/** Begins at `now`, ms since the epoch. */
	start(now: number): void;
	/** Asks once, at `now`, without beginning anything. */
	once(now: number): void;
	stop(): void;
}
