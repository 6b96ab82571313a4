import { parseAddress } from "../config/cidr.ts";
import type { Dhcp6Config } from "../config/lures.ts";
import { INFORMATION_REQUEST, SOLICIT } from "../wire/dhcp6.ts";
import {
	addressWanted,
	clientFqdn,
	clientId,
	elapsedTime,
	encodeDhcp6,
	type Option6,
	optionRequest,
	vendorClass,
} from "../wire/dhcp6question.ts";
import { macBytes, multicastMac, udpFrame } from "../wire/frame.ts";
import { type Ask, createCycle, shuffled } from "./cycle.ts";
import { inventHostname } from "./hostname.ts";
import type { Lure, LureInterface, LureWorld } from "./lure.ts";
import { inventMac } from "./mac.ts";

type Random = LureWorld["random"];

/** RFC 8415 sections 7.1 and 7.2: All_DHCP_Relay_Agents_and_Servers, and the ports. */
const SERVERS = parseAddress("ff02::1:2") ?? [0, 0, 0, 0];
const [CLIENT_PORT, SERVER_PORT] = [546, 547];
/** A question stays on its link. */
const HOP_LIMIT = 1;

/** DUID types: RFC 8415 sections 11.2 and 11.4, RFC 6355; Ethernet's hardware type. */
const [DUID_LLT, DUID_LL, DUID_UUID, ETHERNET] = [1, 3, 4, 1];
/** A DUID's time counts seconds from 2000 on (section 11.2); an installation is up to five years old. */
const DUID_EPOCH = 946_684_800;
const OLDEST = 5 * 365 * 86_400;

/** Options a client asks for, some of them, as its system likes: RFC 8415, 3646, 4704, 5908, 4833, 5970, 6334. */
const WANTED = [17, 21, 22, 23, 24, 31, 39, 41, 42, 56, 59, 64];
/** Those it must ask for: SOL_MAX_RT; information refresh time and INF_MAX_RT (RFC 8415 section 21.7). */
const SOLICIT_WANTED = [82];
const INFORMATION_WANTED = [32, 83];

/** pretender answers nobody but Windows: Microsoft's enterprise number and its class (FACTS 3). */
const MICROSOFT = 311;
const WINDOWS = "MSFT 5.0";

const bytes = (random: Random, count: number): number[] =>
	Array.from({ length: count }, () => random(256));

const u32 = (n: number): number[] => [
	n >>> 24,
	(n >>> 16) & 255,
	(n >>> 8) & 255,
	n & 255,
];

/** RFC 9562 section 5.4: a random UUID says its version and variant. */
const anyUuid = (random: Random): number[] =>
	bytes(random, 16).map((byte, i) =>
		i === 6 ? (byte & 15) | 0x40 : i === 8 ? (byte & 63) | 0x80 : byte,
	);

/** A client that nobody has met, by one of the three ways to name one. */
function anyDuid(random: Random, now: number): number[] {
	const installed = Math.floor(now / 1000) - DUID_EPOCH - random(OLDEST);
	switch (random(3)) {
		case 0:
			return [
				0,
				DUID_LLT,
				0,
				ETHERNET,
				...u32(installed),
				...inventMac(random),
			];
		case 1:
			return [0, DUID_LL, 0, ETHERNET, ...inventMac(random)];
		default:
			return [0, DUID_UUID, ...anyUuid(random)];
	}
}

function anyRequest(random: Random, must: readonly number[]): number[] {
	const some = shuffled(random, WANTED).slice(0, 3 + random(6));
	return shuffled(random, [...some, ...must]);
}

/** Options of both questions; an exchange begins with them: no time has passed (RFC 8415 section 21.9). */
const common = (random: Random, now: number): Option6[] => [
	clientId(anyDuid(random, now)),
	elapsedTime(0),
	vendorClass(MICROSOFT, WINDOWS),
];

/** RFC 8415 section 18.2.1, without rapid commit: no server leases anything. */
function solicit(random: Random, now: number): Uint8Array {
	const options = [
		...common(random, now),
		addressWanted(random(2 ** 16) * 2 ** 16 + random(2 ** 16)),
		optionRequest(anyRequest(random, SOLICIT_WANTED)),
		clientFqdn(random(2), inventHostname(random)), // whether the server is to update DNS
	];
	return encodeDhcp6(SOLICIT, random(2 ** 24), shuffled(random, options));
}

/** RFC 8415 section 18.2.6. */
function informationRequest(random: Random, now: number): Uint8Array {
	const options = [
		...common(random, now),
		optionRequest(anyRequest(random, INFORMATION_WANTED)),
	];
	return encodeDhcp6(
		INFORMATION_REQUEST,
		random(2 ** 24),
		shuffled(random, options),
	);
}

/**
 * Asks for DHCPv6 servers on every interface with a MAC and a link-local address: SOLICIT and
 * INFORMATION-REQUEST, each from another client that nobody knows. Never a REQUEST: no lease is taken.
 */
export function createDhcp6Lure(config: Dhcp6Config, world: LureWorld): Lure {
	const { random } = world;

	function asking(
		{ name, mac, ipv6 }: LureInterface,
		message: (random: Random, now: number) => Uint8Array,
	): Ask {
		return (now) => {
			const from = parseAddress(ipv6[random(ipv6.length)] ?? "");
			if (!mac || !from) return;
			const ends = {
				fromMac: macBytes(mac),
				toMac: multicastMac(SERVERS),
				from,
				to: SERVERS,
				ttl: HOP_LIMIT,
				id: random(2 ** 20),
			};
			const payload = message(random, now);
			world.send(name, udpFrame(ends, CLIENT_PORT, SERVER_PORT, payload));
		};
	}

	return createCycle(config.every, world, () =>
		world
			.interfaces()
			.filter(({ mac, ipv6 }) => mac !== undefined && ipv6.length > 0)
			.map((one) => [asking(one, solicit), asking(one, informationRequest)]),
	);
}
