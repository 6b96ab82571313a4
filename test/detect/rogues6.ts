/** Drives the judges of DHCPv6 and router advertisements with frames. */
import type { RogueAlert } from "../../src/alert/alert.ts";
import type { Dhcp6Config, RaConfig } from "../../src/config/lures.ts";
import { createAgenda } from "../../src/detect/agenda.ts";
import { createDhcp6Judge } from "../../src/detect/dhcp6.ts";
import { createFragments } from "../../src/detect/fragments.ts";
import { createKnown, type Known } from "../../src/detect/known.ts";
import { createRaJudge } from "../../src/detect/ra.ts";
import { createRepeats } from "../../src/detect/repeats.ts";
import { decode } from "../../src/wire/link.ts";
import { createPacket, Kind } from "../../src/wire/packet.ts";
import {
	ethernet,
	fragment6,
	ICMP6,
	IP6,
	ipv6,
	UDP,
	udp,
} from "../wire/frames.ts";
import { START } from "./drive.ts";

export const GOOD = { mac: "02:00:00:00:00:02", from: "fe80::2" };
export const EVIL = { mac: "02:00:00:00:00:66", from: "fe80::66" };
export const CLIENT = "fe80::c";

export interface From {
	mac: string;
	from: string;
	to?: string;
	ttl?: number;
	vlan?: number;
	sport?: number;
	dport?: number;
}

/** An Ethernet frame with an IPv6 packet. */
export function frame(
	{ mac, from, to = CLIENT, ttl = 64, vlan }: From,
	next: number,
	payload: Buffer,
): Buffer {
	const tags = vlan === undefined ? [] : [[0x8100, vlan] as const];
	const packet = ipv6({ from, to, ttl, next }, payload);
	return ethernet(IP6, packet, { from: mac, tags });
}

/** What a server answers a client, from port 547 to 546. */
export const answer = (from: From, message: Buffer): Buffer =>
	frame(from, UDP, udp(from.sport ?? 547, from.dport ?? 546, message));

/** A router advertisement to all, hop limit 255. */
export const advertise = (from: From, message: Buffer): Buffer =>
	frame({ to: "ff02::1", ttl: 255, ...from }, ICMP6, message);

/** The first fragment of an IPv6 packet, with its first 64 bytes. */
export const firstFragment = (
	from: From,
	next: number,
	payload: Buffer,
): Buffer =>
	frame(from, 44, fragment6(next, 0, true, 7, payload.subarray(0, 64)));

export interface Rogues {
	alerts: RogueAlert[];
	known: Known;
	/** Judges a frame, `ms` after `START`. */
	see(ms: number, frame: Buffer): void;
	finish(ms: number): void;
}

/** Both judges; alerts are repeated as in a watch. */
export function createRogues(
	config: {
		servers?: Dhcp6Config["servers"];
		routers?: RaConfig["routers"];
	} = {},
): Rogues {
	const alerts: RogueAlert[] = [];
	const known = createKnown([], () => {});
	const agenda = createAgenda();
	const repeats = createRepeats(agenda, (a) => alerts.push(a as RogueAlert));
	const world = {
		agenda,
		names: { interface: () => "eth0", service: () => undefined },
		known,
		ring: repeats.ring,
	};
	const dhcp6 = createDhcp6Judge({ every: 0, servers: config.servers }, world);
	const ra = createRaJudge({ every: 0, routers: config.routers }, world);
	const packet = createPacket();
	const fragments = createFragments();
	return {
		alerts,
		known,
		see(ms, frame) {
			agenda.advance(START + ms);
			decode(frame, 0, frame.length, frame.length, 1, packet);
			if (packet.kind === Kind.Fragment)
				if (fragments.put(packet, frame, 1, START + ms) !== "whole") return;
			dhcp6(packet, frame, START + ms);
			ra(packet, frame, START + ms);
		},
		finish: (ms) => repeats.finish(START + ms),
	};
}

/** Who is told of, and for what. */
export const charges = ({ alerts }: Rogues): string[] =>
	alerts.map(({ technique, source, fold }) =>
		[technique, source.mac, ...(fold ? [`x${fold.count}`] : [])].join(" "),
	);
