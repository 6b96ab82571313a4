import type { Details, RogueTechnique } from "../alert/alert.ts";
import type { DhcpConfig, DhcpServer } from "../config/lures.ts";
import { DhcpType } from "../wire/dhcp.ts";
import { accuse } from "./accuse.ts";
import type { DhcpAsked } from "./dhcpasked.ts";
import { changed, detailsOf, factsOf, learned, toolOf } from "./dhcpfacts.ts";
import { type DhcpReply, isTeaching, replyOf } from "./dhcpreply.ts";
import type { KnownServer } from "./known.ts";
import type { RogueJudge, RogueWorld } from "./rogue.ts";

/** Who may send in the name of a server: from these addresses, by this MAC address if it is known. */
interface Claim {
	ips: readonly (string | undefined)[];
	mac: string | undefined;
}

type Standing = "rightful" | "first" | "dhcp" | "impersonation";

/** Remedy for a table that only forged VLANs can fill. */
const FULL =
	"too many servers are known to remember this one: see tocsin learned";

/** Links without MAC addresses have none to compare. */
const isSame = (one: string | undefined, other: string | undefined) =>
	one === undefined || other === undefined || one === other;

/** Whether a listed server is who this says it is from. */
const isNamed = (listed: DhcpServer, { ip, server }: DhcpReply): boolean => {
	const id = listed.id ?? listed.ip;
	return server === undefined ? ip === listed.ip || ip === id : server === id;
};

/** Who could be meant, by the list or by what was learned. */
function claimsOf(
	{ servers }: DhcpConfig,
	reply: DhcpReply,
	peers: readonly KnownServer[],
): Claim[] {
	const { ip, id, relay } = reply;
	if (!servers)
		return peers
			.filter((peer) => peer.id === id)
			.map((peer) => ({ ips: [peer.ip, id, relay], mac: peer.mac }));
	const heard = peers.find((peer) => peer.ip === ip)?.mac;
	return servers
		.filter((listed) => isNamed(listed, reply))
		.map((listed) => ({
			ips: [listed.ip, listed.id],
			mac: listed.mac ?? heard,
		}));
}

/** What the sender is; `peers` are the rightful ones that were heard at the place before. */
function standingOf(
	config: DhcpConfig,
	reply: DhcpReply,
	peers: readonly KnownServer[],
): Standing {
	const { ip, mac, relay } = reply;
	const isRelay = (address = "") => config.relays.includes(address);
	const claims = claimsOf(config, reply, peers);
	if (claims.length === 0)
		return !config.servers && peers.length === 0 && isTeaching(reply)
			? "first"
			: "dhcp";
	if (!reply.isToClient && isRelay(relay)) return "rightful";
	if (isRelay(ip)) {
		const heard = peers.find((peer) => peer.ip === ip);
		return isSame(heard?.mac, mac) ? "rightful" : "impersonation";
	}
	// a renewal is answered by the server itself, through a router that is often the relay as well
	const isRouted = peers.some((peer) => isRelay(peer.ip) && peer.mac === mac);
	const isIt = (claim: Claim) =>
		claim.ips.includes(ip) && (isRouted || isSame(claim.mac, mac));
	return claims.some(isIt) ? "rightful" : "impersonation";
}

/** Whether a message says what a client will use. */
const isConfiguring = ({ isWhole, isToClient, type }: DhcpReply): boolean =>
	isWhole && isToClient && (type === DhcpType.Offer || type === DhcpType.Ack);

/**
 * Judges what DHCP servers say (RFC 2131, BOOTP, FORCERENEW of RFC 3203), from UDP port 67. A server is
 * known by its address, its MAC address and option 54; behind a listed relay by option 54, and the relay
 * by its MAC address. Without a list the first one on an interface and VLAN is learned. `asked` are our
 * own questions, where somebody asks.
 */
export function createDhcpJudge(
	config: DhcpConfig,
	world: RogueWorld,
	asked?: Pick<DhcpAsked, "has">,
): RogueJudge {
	const { known, names } = world;

	function tell(
		technique: RogueTechnique,
		reply: DhcpReply,
		now: number,
		{ note, changes }: { note?: string; changes?: Details } = {},
	): void {
		const { message, sight, relay, word, id } = reply;
		const tool = toolOf(message);
		const charge = {
			kind: "rogue-dhcp",
			carrier: "udp",
			technique,
			message: word,
			details: { ...changes, ...detailsOf(message, relay) },
			...(tool ? { tool } : {}),
			...(note === undefined ? {} : { note }),
		} as const;
		accuse(world, sight, now, charge, id);
	}

	/** Where it is remembered; undefined where there is no room. */
	function recordOf(
		reply: DhcpReply,
		peers: readonly KnownServer[],
		now: number,
	): KnownServer | undefined {
		const { ip, mac, id, sight } = reply;
		const own = peers.filter((peer) => peer.id === id);
		const canMove = !config.servers && !config.relays.includes(ip);
		const record =
			own.find((peer) => peer.ip === ip) ?? (canMove ? own[0] : undefined);
		if (record) return record;
		const server: KnownServer = {
			kind: "dhcp",
			interface: reply.interface,
			vlan: sight.vlan,
			ip,
			mac,
			id,
			facts: {},
			first: now,
		};
		return known.learn(server) ? server : undefined;
	}

	/** Compares what a known server tells its clients with what it told before. */
	function compare(reply: DhcpReply, record: KnownServer, now: number): void {
		if (!isConfiguring(reply)) return;
		const { message, type } = reply;
		const told = factsOf(message);
		const changes = changed(record.facts, told);
		// what was known stays, else a hijack would become normal by itself
		if (changes) {
			tell("option-hijack", reply, now, { changes });
			return;
		}
		const isAll = type === DhcpType.Offer && asked?.has(message.xid) === true;
		const facts = learned(record.facts, told, isAll);
		if (facts) known.update(record, facts);
	}

	function blame(
		technique: "dhcp" | "impersonation",
		reply: DhcpReply,
		now: number,
	): void {
		const { ip, relay } = reply;
		const mayRelay = technique === "impersonation" && relay !== undefined;
		const isListed = config.relays.includes(ip);
		const note = `if ${ip} is a relay of yours, list it in [dhcp] relays`;
		tell(technique, reply, now, mayRelay && !isListed ? { note } : {});
	}

	function judge(reply: DhcpReply, vlan: number, now: number): void {
		const peers = known.at("dhcp", reply.interface, vlan);
		const standing = standingOf(config, reply, peers);
		if (standing === "dhcp" || standing === "impersonation") {
			blame(standing, reply, now);
			return;
		}
		// anybody may speak to a relay agent, so nothing but the first server is learned from that
		if (!reply.isToClient && standing !== "first") return;
		const record = recordOf(reply, peers, now);
		if (record) compare(reply, record, now);
		else tell("dhcp", reply, now, { note: FULL });
	}

	return (p, bytes, now) => {
		const reply = replyOf(p, bytes, names);
		if (reply) judge(reply, p.vlan, now);
		return reply !== undefined;
	};
}
