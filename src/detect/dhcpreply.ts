import {
	addressOf,
	BOOTREPLY,
	type DhcpMessage,
	DhcpOption,
	DhcpType,
	decodeDhcp,
	NO_ADDRESS,
	typeOf,
} from "../wire/dhcp.ts";
import { Kind, type Packet } from "../wire/packet.ts";
import { type Sight, sightOf } from "./attempt.ts";
import type { Names } from "./report.ts";

/** RFC 2131 section 4.1: where servers and relay agents listen, and clients. */
const SERVER_PORT = 67;
const CLIENT_PORT = 68;

/** Messages of servers, in the RFCs' words. */
const WORDS: Record<number, string> = {
	[DhcpType.Offer]: "offer",
	[DhcpType.Ack]: "ack",
	[DhcpType.Nak]: "nak",
	[DhcpType.ForceRenew]: "forcerenew",
};

/** A server's message and where it comes from. */
export interface DhcpReply {
	message: DhcpMessage;
	/** Option 53. */
	type: number | undefined;
	sight: Sight;
	/** "" where it has no name. */
	interface: string;
	ip: string;
	mac: string | undefined;
	/** Option 54. */
	server: string | undefined;
	/** What it calls itself: option 54, or else its address. */
	id: string;
	/** The relay agent it went through (`giaddr`). */
	relay: string | undefined;
	/** To a client, not to a relay agent. */
	isToClient: boolean;
	/** All of it was captured and makes sense. */
	isWhole: boolean;
	/** What it is, for people. */
	word: string;
}

function wordOf(type: number | undefined, isBroken: boolean): string {
	if (type === undefined) return isBroken ? "malformed reply" : "bootreply";
	const word = WORDS[type] ?? `type ${type}`;
	return isBroken ? `malformed ${word}` : word;
}

/** Reads what a server says; undefined where it is a client's, or no DHCP. */
export function replyOf(
	p: Packet,
	bytes: Uint8Array,
	names: Names,
): DhcpReply | undefined {
	const isToClient = p.dport === CLIENT_PORT;
	if (p.kind !== Kind.Udp || p.version !== 4) return undefined;
	if (!isToClient && p.dport !== SERVER_PORT) return undefined;
	if (p.end <= p.payload || bytes[p.payload] !== BOOTREPLY) return undefined;
	const message = decodeDhcp(bytes.subarray(p.payload, p.end));
	const type = typeOf(message);
	// what the capture has cut off is no fault of the sender's
	const isCut = p.end - p.payload < p.length;
	const sight = sightOf(p);
	const { ip, mac } = sight.source;
	const server = addressOf(message, DhcpOption.Server);
	return {
		message,
		type,
		sight,
		interface: names.interface(p.interface) ?? "",
		ip,
		mac,
		server,
		id: server ?? ip,
		relay: message.giaddr === NO_ADDRESS ? undefined : message.giaddr,
		isToClient,
		isWhole: !message.malformed && !isCut,
		word: wordOf(type, message.malformed && !isCut),
	};
}

/** Whether it is one that the first server may be learned from: a whole offer, answer or BOOTP reply. */
export const isTeaching = ({ isWhole, type }: DhcpReply): boolean =>
	isWhole &&
	(type === undefined ||
		type === DhcpType.Offer ||
		type === DhcpType.Ack ||
		type === DhcpType.Nak);
