import type { RogueTechnique, Tool } from "../alert/alert.ts";
import type { RaConfig } from "../config/lures.ts";
import { isLinkLocal } from "../wire/address6.ts";
import { Kind, type Packet } from "../wire/packet.ts";
import {
	decodeRa,
	ROUTER_ADVERTISEMENT,
	type RouterAdvertisement,
} from "../wire/ra.ts";
import { accuse, detailsOf, factOf, listText } from "./accuse.ts";
import { type Sight, sightOf } from "./attempt.ts";
import { knownAt, placeOf, remember } from "./remember.ts";
import type { RogueJudge, RogueWorld } from "./rogue.ts";
import { type Standing, standingOf } from "./standing.ts";

/** Bytes of ICMPv6 that lie before `Packet.payload`. */
const HEAD = 8;
/** RFC 4861 section 6.1.2: no router has forwarded it. */
const HOP_LIMIT = 255;

const LIST_IT = "if it is yours, name it in [ra] routers";

/** DNS servers that are offered; a lifetime of 0 takes them back (RFC 8106 section 5.1). */
const dnsOf = ({ dns }: RouterAdvertisement): string[] =>
	dns.filter(({ lifetime }) => lifetime > 0).map(({ address }) => address);

const namesOf = ({ domains }: RouterAdvertisement): string[] =>
	domains.filter(({ lifetime }) => lifetime > 0).map(({ name }) => name);

const networks = (list: readonly { address: string; bits: number }[]) =>
	list.map(({ address, bits }) => `${address}/${bits}`);

const flagsOf = ({ managed, other }: RouterAdvertisement): string =>
	`${managed ? "M" : ""}${other ? "O" : ""}`;

/** It is no default router, and offers nothing to those who have one. */
const saysNothing = (ra: RouterAdvertisement): boolean =>
	ra.lifetime === 0 &&
	flagsOf(ra) === "" &&
	dnsOf(ra).length + ra.prefixes.length + ra.routes.length === 0;

/** FACTS 3 for mitm6 and Responder; pretender's 180 s are in its router_advertisement.go. */
function toolOf(ra: RouterAdvertisement, ip: string): Tool | undefined {
	if (ra.prefixes.length + ra.routes.length > 0) return undefined;
	const [dns, ...more] = ra.dns;
	const isBoth = flagsOf(ra) === "MO";
	if (!dns && isBoth && ra.lifetime === 0) return "mitm6";
	if (!dns && isBoth && ra.lifetime === 180 && ra.preference === "high")
		return "pretender";
	const isOwn = dns?.address === ip && dns.lifetime === 1800;
	return isOwn && more.length === 0 && ra.lifetime === 0
		? "responder"
		: undefined;
}

function factsOf(ra: RouterAdvertisement): Record<string, string> {
	const dns = dnsOf(ra);
	return {
		...(dns.length > 0 ? { rdnss: factOf(dns) } : {}),
		...(ra.prefixes.length > 0
			? { prefix: factOf(networks(ra.prefixes)) }
			: {}),
		...(ra.mac ? { lladdr: ra.mac } : {}),
		flags: flagsOf(ra),
		route: ra.lifetime > 0 ? "yes" : "no",
	};
}

/** Why hosts ignore it (RFC 4861 section 6.1.2, RFC 6980 section 5), which a defect of theirs may change. */
function flawOf(
	p: Packet,
	ip: string,
	ra: RouterAdvertisement,
): string | undefined {
	if (p.fragmented) return "hosts ignore it: in fragments, not read";
	if (p.ttl !== HOP_LIMIT) return `hosts ignore it: hop limit ${p.ttl}`;
	if (!isLinkLocal(ip)) return "hosts ignore it: not from a link-local address";
	if (ra.code !== 0) return `hosts ignore it: code ${ra.code}`;
	return ra.malformed ? "hosts ignore it: malformed" : undefined;
}

/** An advertisement, who sent it and what that one is. */
interface Heard {
	ra: RouterAdvertisement;
	sight: Sight;
	standing: Standing;
	flaw: string | undefined;
}

/** A link-layer address in the option that isn't the one it was learned with. */
function movedFrom({ ra, standing }: Heard): string | undefined {
	if (standing.is !== "rightful") return undefined;
	const known = standing.record?.facts.lladdr;
	return known && ra.mac && known !== ra.mac ? known : undefined;
}

/** The most telling thing that is wrong; undefined where nothing is. */
function techniqueOf(heard: Heard): RogueTechnique | undefined {
	const { ra, standing, flaw } = heard;
	if (standing.is === "impersonation" || movedFrom(heard))
		return "impersonation";
	const dns = dnsOf(ra);
	if (standing.is !== "rightful") {
		const offers = dns.length > 0 || ra.managed || ra.other;
		if (ra.lifetime === 0 && offers) return "no-router";
		return standing.is === "unlisted" || flaw ? "ra" : undefined;
	}
	const known = standing.record?.facts.rdnss;
	const isChanged = known && dns.length > 0 && known !== factOf(dns);
	return isChanged ? "option-hijack" : undefined;
}

/** What was expected instead: a MAC address, or DNS servers. */
function expectedOf(heard: Heard, technique: RogueTechnique) {
	const { standing } = heard;
	if (standing.is === "impersonation") return standing.expected;
	if (standing.is !== "rightful") return undefined;
	return technique === "option-hijack"
		? listText(standing.record?.facts.rdnss?.split(",") ?? [])
		: movedFrom(heard);
}

const detailed = (ra: RouterAdvertisement, expected: string | undefined) =>
	detailsOf({
		lifetime: ra.lifetime,
		flags: flagsOf(ra) || undefined,
		preference: ra.preference,
		prefix: listText(networks(ra.prefixes)),
		route: listText(networks(ra.routes)),
		rdnss: listText(ra.dns.map(({ address }) => address)),
		domain: listText(namesOf(ra)),
		lladdr: ra.mac,
		expected,
	});

/**
 * Judges router advertisements (RFC 4861). Those of `config.routers` may be there, each with its MAC address:
 * the listed one, else the one it was heard with first. Without a list the first of each interface and VLAN
 * is learned and every further one rings: where there are two routers, or VRRP lends its address to one of
 * them, they are listed. One that isn't known and offers DNS or DHCP but no route rings at once, until it is
 * listed: access points without an uplink do. What hosts ignore rings as well unless a known router sent it,
 * and is never learned from.
 */
export function createRaJudge(config: RaConfig, world: RogueWorld): RogueJudge {
	const { known, names } = world;
	const entries = config.routers?.map(({ ip, mac }) => ({ id: ip, mac }));

	function standingAt(sight: Sight): Standing {
		const { ip, mac } = sight.source;
		const place = placeOf(sight, names);
		const acquaintances = knownAt(known, "ra", place).map((record) => ({
			id: record.ip,
			record,
		}));
		return standingOf(entries, acquaintances, { id: ip, mac });
	}

	/** Remembers a rightful one; false when there is no room. */
	function learn({ ra, sight, standing, flaw }: Heard, now: number): boolean {
		if (flaw || saysNothing(ra)) return true;
		const { ip, mac } = sight.source;
		return remember(known, standing, {
			kind: "ra",
			...placeOf(sight, names),
			ip,
			mac,
			facts: factsOf(ra),
			first: now,
		});
	}

	function judge(heard: Heard, now: number): void {
		const { ra, sight, standing, flaw } = heard;
		const isListed = entries !== undefined && standing.is === "rightful";
		let technique = techniqueOf(heard);
		if (!technique && !learn(heard, now) && !isListed) technique = "ra";
		if (!technique) return;
		const tool = toolOf(ra, sight.source.ip);
		const note =
			flaw ?? (technique === "no-router" && !entries ? LIST_IT : undefined);
		const charge = {
			kind: "rogue-ra",
			carrier: "ipv6-icmp",
			technique,
			message: "router advertisement",
			details: detailed(ra, expectedOf(heard, technique)),
			...(tool ? { tool } : {}),
			...(note ? { note } : {}),
		} as const;
		const claim = [networks(ra.prefixes), dnsOf(ra), ra.lifetime > 0].join(" ");
		accuse(world, sight, now, charge, claim);
	}

	return (p, bytes, now) => {
		if (p.kind !== Kind.Icmp6 || p.sport !== ROUTER_ADVERTISEMENT) return false;
		// What was put together isn't in `bytes`.
		const ra = decodeRa(
			p.fragmented ? new Uint8Array() : bytes.subarray(p.payload - HEAD, p.end),
		);
		const sight = sightOf(p);
		const standing = standingAt(sight);
		judge({ ra, sight, standing, flaw: flawOf(p, sight.source.ip, ra) }, now);
		return true;
	};
}
