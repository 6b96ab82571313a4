import type { RogueTechnique, Tool } from "../alert/alert.ts";
import type { Dhcp6Config } from "../config/lures.ts";
import { isLinkLocal } from "../wire/address6.ts";
import {
	ADVERTISE,
	type Dhcp6Message,
	decodeDhcp6,
	type Lease,
	RECONFIGURE,
	RELAY_REPLY,
	REPLY,
} from "../wire/dhcp6.ts";
import { Kind } from "../wire/packet.ts";
import { accuse, detailsOf, factOf, listText, wireText } from "./accuse.ts";
import { type Sight, sightOf } from "./attempt.ts";
import { knownAt, placeOf, remember } from "./remember.ts";
import type { RogueJudge, RogueWorld } from "./rogue.ts";
import { type Standing, standingOf } from "./standing.ts";

/** RFC 8415 section 7.2. */
const CLIENT_PORT = 546;
const SERVER_PORT = 547;

/** What servers send: RFC 8415 section 7.3, RFC 7341 section 5, RFC 9686 section 4.3. */
const MESSAGES: Record<number, string> = {
	[ADVERTISE]: "advertise",
	[REPLY]: "reply",
	[RECONFIGURE]: "reconfigure",
	[RELAY_REPLY]: "relay-reply",
	21: "dhcpv4-response",
	37: "addr-reg-reply",
};

const nameOf = ({ type }: Dhcp6Message): string =>
	MESSAGES[type] ?? (type > 0 ? `message ${type}` : "unreadable message");

const LIST_IT = "if it is yours, name it in [dhcp6] servers";

const leasesOf = (message: Dhcp6Message): Lease[] =>
	message.associations.flatMap(({ leases }) => leases);

const isUnreachable = ({ address, bits }: Lease): boolean =>
	bits === undefined && isLinkLocal(address);

/** Times in seconds that the tools have built in: FACTS 3; pretender's T1 of 45 is in its dhcpv6.go. */
function toolOf(message: Dhcp6Message): Tool | undefined {
	for (const { t1, t2, leases } of message.associations) {
		const times = `${t1} ${t2}`;
		if (times === "200 250")
			if (leases.some(({ valid }) => valid === 300)) return "mitm6";
			else if (leases.some(isUnreachable)) return "responder";
		const isMinute = leases.some(
			({ preferred, valid }) => preferred === 60 && valid === 60,
		);
		if (isMinute && times === "45 50") return "pretender";
	}
	return undefined;
}

function factsOf(message: Dhcp6Message): Record<string, string> {
	const { dns, domains } = message;
	return {
		...(dns.length > 0 ? { dns: factOf(dns) } : {}),
		...(domains.length > 0 ? { domain: listText(domains) as string } : {}),
	};
}

/** The most telling thing that is wrong; undefined where nothing is. */
function techniqueOf(
	message: Dhcp6Message,
	standing: Standing,
	isListed: boolean,
	ip: string,
): RogueTechnique | undefined {
	if (standing.is === "impersonation") return "impersonation";
	if (leasesOf(message).some(isUnreachable)) return "link-local";
	if (!isListed && isLinkLocal(ip) && message.dns.includes(ip))
		return "dns-sender";
	const known = standing.is === "rightful" && standing.record?.facts.dns;
	if (known && message.dns.length > 0 && known !== factOf(message.dns))
		return "option-hijack";
	return standing.is === "unlisted" ? "dhcp6" : undefined;
}

/** What was expected instead: a MAC address, or DNS servers. */
function expectedOf(
	technique: RogueTechnique,
	standing: Standing,
): string | undefined {
	if (standing.is === "impersonation") return standing.expected;
	if (technique !== "option-hijack" || standing.is !== "rightful")
		return undefined;
	return listText(standing.record?.facts.dns?.split(",") ?? []);
}

function detailed(message: Dhcp6Message, expected: string | undefined) {
	const { server, associations, dns, domains } = message;
	const leases = leasesOf(message);
	const address = leases.find(({ bits }) => bits === undefined);
	const prefix = leases.find(({ bits }) => bits !== undefined);
	const [lease] = leases;
	const times = associations.find(({ leases }) => leases.length > 0);
	return detailsOf({
		server: server && wireText(server),
		address: address?.address,
		prefix: prefix && `${prefix.address}/${prefix.bits}`,
		dns: listText(dns),
		domain: listText(domains),
		preferred: lease?.preferred,
		valid: lease?.valid,
		t1: times?.t1,
		t2: times?.t2,
		expected,
	});
}

/**
 * Judges what DHCPv6 servers answer (RFC 8415). Those of `config.servers` may be there, each with its MAC
 * address: the listed one, else the one it was heard with first; a server behind two relays, whose MAC
 * addresses differ, is listed once for each. Without a list the first of each interface and VLAN is learned
 * and every further one rings. A link-local address handed out rings whoever it is, and so does naming
 * oneself as DNS server by a link-local address, until it is listed: some home routers do.
 */
export function createDhcp6Judge(
	config: Dhcp6Config,
	world: RogueWorld,
): RogueJudge {
	const { known, names } = world;
	const entries = config.servers?.map(({ duid, mac }) => ({ id: duid, mac }));

	/** Remembers a rightful one; false when there is no room. */
	function learn(
		message: Dhcp6Message,
		standing: Standing,
		sight: Sight,
		now: number,
	): boolean {
		const { server } = message;
		if (server === undefined) return true;
		const { ip, mac } = sight.source;
		return remember(known, standing, {
			kind: "dhcp6",
			...placeOf(sight, names),
			ip,
			mac,
			id: server,
			facts: factsOf(message),
			first: now,
		});
	}

	function standingAt(sight: Sight, id: string | undefined): Standing {
		const place = placeOf(sight, names);
		const acquaintances = knownAt(known, "dhcp6", place).map((record) => ({
			id: record.id,
			record,
		}));
		return standingOf(entries, acquaintances, { id, mac: sight.source.mac });
	}

	function judge(
		message: Dhcp6Message,
		sight: Sight,
		now: number,
		unread: string | undefined,
	): void {
		const standing = standingAt(sight, message.server);
		const isListed = entries !== undefined && standing.is === "rightful";
		let technique = techniqueOf(message, standing, isListed, sight.source.ip);
		if (!technique && !learn(message, standing, sight, now) && !isListed)
			technique = "dhcp6";
		if (!technique) return;
		const tool = toolOf(message);
		const note =
			unread ?? (technique === "dns-sender" && !entries ? LIST_IT : undefined);
		const charge = {
			kind: "rogue-dhcp",
			carrier: "udp",
			technique,
			message: nameOf(message),
			details: detailed(message, expectedOf(technique, standing)),
			...(tool ? { tool } : {}),
			...(note ? { note } : {}),
		} as const;
		accuse(world, sight, now, charge, `${message.server} ${message.dns}`);
	}

	return (p, bytes, now) => {
		if (p.kind !== Kind.Udp || p.version !== 6 || p.dport !== CLIENT_PORT)
			return false;
		// What was put together isn't in `bytes`.
		const message = decodeDhcp6(
			p.fragmented ? new Uint8Array() : bytes.subarray(p.payload, p.end),
		);
		// Clients don't look at the port it comes from.
		if (p.sport !== SERVER_PORT && !MESSAGES[message.type]) return false;
		const malformed = message.malformed ? "malformed" : undefined;
		const unread = p.fragmented ? "in fragments, not read" : malformed;
		judge(message, sightOf(p), now, unread);
		return true;
	};
}
