import type { Alert } from "../alert/alert.ts";
import type { LureConfig } from "../config/lures.ts";
import type { Question } from "../lure/question.ts";
import { Kind, type Packet } from "../wire/packet.ts";
import type { Agenda } from "./agenda.ts";
import { createDhcpJudge } from "./dhcp.ts";
import { createDhcp6Judge } from "./dhcp6.ts";
import type { DhcpAsked } from "./dhcpasked.ts";
import type { Known } from "./known.ts";
import { createPoison, type PoisonWorld } from "./poison.ts";
import { createRaJudge } from "./ra.ts";
import { createRepeats } from "./repeats.ts";
import type { Names } from "./report.ts";

/** IANA's ports that answers come from; capture/filter.ts lets all of them pass. */
const DHCP_SERVER = 67;
const DHCP6_SERVER = 547;
/** Its clients listen there to whoever sends from wherever. */
const DHCP6_CLIENT = 546;
const NBNS = 137;
const MDNS = 5353;
const LLMNR = 5355;
/** RFC 4861 section 4.2. */
const ROUTER_ADVERTISEMENT = 134;

/** Whether a packet may be an answer to a lure, or a server's word to anybody: its payload is looked at. */
export function isAnswer({ kind, sport, dport }: Packet): boolean {
	if (kind === Kind.Icmp6) return sport === ROUTER_ADVERTISEMENT;
	if (kind !== Kind.Udp) return false;
	return (
		sport === MDNS ||
		sport === LLMNR ||
		sport === NBNS ||
		sport === DHCP_SERVER ||
		sport === DHCP6_SERVER ||
		dport === DHCP6_CLIENT
	);
}

export interface AnswersOptions {
	lures: LureConfig;
	known: Known;
	names: Names;
	/** DHCP questions of ours, shared with the lure. */
	dhcpAsked?: DhcpAsked | undefined;
	/** What the judge of names wants asked or spared; left out where nobody asks. */
	lure?: Pick<PoisonWorld, "confirm" | "exists">;
	emit(alert: Alert): void;
}

/** Judges what servers, routers and those who pretend to be one say. */
export interface Answers {
	/** A packet that `isAnswer`, from ourselves or another; true when nobody else need look at it. */
	packet(
		p: Packet,
		bytes: Uint8Array,
		now: number,
		isSourceOurs: boolean,
	): boolean;
	/** A question went out. */
	asked(question: Question): void;
	finish(now: number): void;
}

export function createAnswers(
	{ lures, known, names, dhcpAsked, lure, emit }: AnswersOptions,
	agenda: Agenda,
): Answers {
	const repeats = createRepeats(agenda, emit);
	const world = { agenda, names, known, ring: repeats.ring };
	const poison = createPoison({
		...world,
		...lure,
		canaries: lures.poison.names,
	});
	const dhcp = createDhcpJudge(lures.dhcp, world, dhcpAsked);
	const dhcp6 = createDhcp6Judge(lures.dhcp6, world);
	const ra = createRaJudge(lures.ra, world);
	const { servers } = lures.dhcp;
	const { servers: servers6 } = lures.dhcp6;
	const { routers } = lures.ra;

	return {
		packet(p, bytes, now, isSourceOurs) {
			// what this host serves itself needs no place in a list
			const isRight = (list: unknown) => isSourceOurs && list !== undefined;
			if (p.kind === Kind.Icmp6) return isRight(routers) || ra(p, bytes, now);
			if (p.sport === DHCP_SERVER)
				return isRight(servers) || dhcp(p, bytes, now);
			if (p.sport === DHCP6_SERVER || p.dport === DHCP6_CLIENT)
				return isRight(servers6) || dhcp6(p, bytes, now);
			if (!isSourceOurs) poison.packet(p, bytes, now);
			return false;
		},
		asked: poison.asked,
		finish: repeats.finish,
	};
}
