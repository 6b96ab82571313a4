import { hostname, networkInterfaces } from "node:os";
import type { InterfaceTable } from "../capture/addresses.ts";
import { withoutPorts } from "../capture/devices.ts";
import type { Interface, Libpcap } from "../capture/handle.ts";
import { wantsInterface } from "../config/interfaces.ts";
import { createAgenda } from "../detect/agenda.ts";
import type { DhcpAsked } from "../detect/dhcpasked.ts";
import { createDhcpLure } from "../lure/dhcp.ts";
import { createDhcp6Lure } from "../lure/dhcp6.ts";
import type { LureInterface, LureWorld } from "../lure/lure.ts";
import { createPoisonLure } from "../lure/poison.ts";
import type { Question } from "../lure/question.ts";
import { createRaLure } from "../lure/ra.ts";
import { isLinkLocal } from "../wire/address6.ts";
import { createAgendaClock } from "./clock.ts";
import type { WatchOptions } from "./merge.ts";
import { createRandom } from "./random.ts";
import { createSending } from "./sending.ts";
import { createWpad } from "./wpad.ts";

/** ms for which what is known of the interfaces is good. */
const FRESH = 1000;

/** IPv4's words as a number and back: a network's last address is its broadcast address (RFC 919). */
function broadcastOf(address: string, netmask: string): string {
	const mask = netmask.split(".").map(Number);
	return address
		.split(".")
		.map((byte, i) => (Number(byte) & (mask[i] ?? 0)) | (~(mask[i] ?? 0) & 255))
		.join(".");
}

/** What is known of an interface that questions are sent from. */
export function lureInterface(
	{ name, mac }: Pick<Interface, "name" | "mac">,
	table: InterfaceTable,
): LureInterface {
	const infos = table[name] ?? [];
	return {
		name,
		mac,
		// a /31 or /32 has no broadcast address (RFC 3021)
		ipv4: infos.flatMap(({ family, address, netmask, cidr }) =>
			family === "IPv4" && !/\/3[12]$/.test(cidr ?? "")
				? [{ address, broadcast: broadcastOf(address, netmask) }]
				: [],
		),
		ipv6: infos.flatMap(({ family, address }) =>
			family === "IPv6" && isLinkLocal(address) ? [address] : [],
		),
	};
}

/** The interfaces that are up, wanted and no loopback, with their addresses. */
export function lureInterfaces(
	lib: Pick<Libpcap, "interfaces">,
	patterns: readonly string[],
	table: InterfaceTable = networkInterfaces(),
): LureInterface[] {
	const all = lib.interfaces();
	if (typeof all === "string") return [];
	const wanted = all.filter(
		({ name, isUp, isLoopback }) =>
			isUp && !isLoopback && wantsInterface(patterns, name),
	);
	return withoutPorts(wanted).map((one) => lureInterface(one, table));
}

/** What is to be told of what the lures do. */
export interface LuresWorld {
	/** A question for a name goes out. */
	asked(question: Question): void;
	/** A frame went out; no capture hears it. */
	sent?(name: string, frame: Uint8Array): void;
	/** An interface takes no frames. */
	complain?(sentence: string): void;
	/** Questions for DHCP servers, shared with their judge. */
	dhcpAsked?: DhcpAsked;
}

/** The lures of a watch or a probe. */
export interface Lures {
	poison: ReturnType<typeof createPoisonLure>;
	/** Those that ask for servers: DHCP, DHCPv6, routers. */
	dhcp: ReturnType<typeof createDhcpLure>;
	dhcp6: ReturnType<typeof createDhcp6Lure>;
	ra: ReturnType<typeof createRaLure>;
	/** Asks again and again: all that the options don't switch off. */
	start(): void;
	/** Resolves when nothing is left on the agenda: all was asked that is asked once. */
	settled(): Promise<void>;
	/** To be called when something was put on the agenda from without. */
	set(): void;
	stop(): void;
}

/** Looks once for all that ask within a second. */
export function lately<T>(look: () => T, now = Date.now): () => T {
	let at = Number.NEGATIVE_INFINITY;
	let seen: T;
	return () => {
		if (Math.abs(now() - at) < FRESH) return seen;
		at = now();
		seen = look();
		return seen;
	};
}

/** All lures on one agenda and one timer: nothing wakes this process between two cycles. */
export function createLures(
	options: WatchOptions,
	lib: Pick<Libpcap, "interfaces" | "send">,
	{ asked, sent, complain, dhcpAsked }: LuresWorld,
): Lures {
	const agenda = createAgenda();
	const clock = createAgendaClock(agenda);
	const world: LureWorld = {
		agenda,
		random: createRandom(),
		interfaces: lately(() => lureInterfaces(lib, options.interfaces)),
		send: createSending({ send: lib.send, sent, complain }),
	};
	const poison = createPoisonLure(options.poison, {
		...world,
		asked,
		hasWpad: createWpad(Date.now),
		hostname: hostname(),
	});
	const dhcp = createDhcpLure(options.dhcp, world, dhcpAsked);
	const dhcp6 = createDhcp6Lure(options.dhcp6, world);
	const ra = createRaLure(options.ra, world);
	const all = [
		[poison, options.poison],
		[dhcp, options.dhcp],
		[dhcp6, options.dhcp6],
		[ra, options.ra],
	] as const;
	return {
		poison,
		dhcp,
		dhcp6,
		ra,
		start() {
			for (const [lure, { every }] of all)
				if (every > 0) lure.start(Date.now());
			clock.set();
		},
		settled: clock.settled,
		set: clock.set,
		stop() {
			for (const [lure] of all) lure.stop();
			clock.stop();
		},
	};
}
