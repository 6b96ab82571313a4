import { parseAddress, type Words } from "../config/cidr.ts";
import type { DhcpConfig } from "../config/lures.ts";
import type { DhcpAsked } from "../detect/dhcpasked.ts";
import { BOOTREQUEST, DhcpType, encodeDhcp, NO_ADDRESS } from "../wire/dhcp.ts";
import { BROADCAST_MAC, macBytes, udpFrame } from "../wire/frame.ts";
import { type Ask, createCycle } from "./cycle.ts";
import { CLIENTS, clientOptions, WINDOWS } from "./dhcpclients.ts";
import type { Lure, LureInterface, LureWorld } from "./lure.ts";
import { inventMac } from "./mac.ts";

const CLIENT_PORT = 68;
const SERVER_PORT = 67;
const EVERYBODY = "255.255.255.255";

/** Seconds a client may have been at it (`secs`), below which servers of a second rank stay silent. */
const MAX_SECS = 4;

/** First bytes of public addresses; what a site may hand out or nobody has (RFC 6890) begins otherwise. */
const SPECIAL = new Set([0, 10, 100, 127, 169, 172, 192, 198, 203]);
const LAST_UNICAST = 223;
const PUBLIC = Array.from({ length: LAST_UNICAST + 1 }, (_, i) => i).filter(
	(byte) => !SPECIAL.has(byte),
);

interface Question {
	type: (typeof DhcpType)[keyof typeof DhcpType];
	/** `ciaddr`, and where it is sent from. */
	from: string;
	/** Option 50. */
	requested?: string;
}

type Random = LureWorld["random"];

/** 16 bits, 32 bits. */
const short = (random: Random) => random(0x10000);
const long = (random: Random) => short(random) * 0x10000 + short(random);

const macText = (bytes: readonly number[]): string =>
	bytes.map((byte) => byte.toString(16).padStart(2, "0")).join(":");

/**
 * A public address that lies in no network of ours: a laptop's from elsewhere. No server here can have it
 * to lease, so that it says NAK or nothing (RFC 2131 section 4.3.2, INIT-REBOOT).
 */
function foreignAddress(own: readonly string[], random: Random): string {
	const taken = new Set(own.map((address) => Number.parseInt(address, 10)));
	const free = PUBLIC.filter((byte) => !taken.has(byte));
	const first = free[random(Math.max(free.length, 1))] ?? LAST_UNICAST;
	return [first, random(256), random(256), 1 + random(254)].join(".");
}

/** What an interface is asked in a cycle. */
function questionsOf(
	{ ipv4 }: LureInterface,
	own: readonly string[],
	random: Random,
): Question[] {
	const { Discover, Inform, Request } = DhcpType;
	const requested = foreignAddress(own, random);
	const restart = { type: Request, from: NO_ADDRESS, requested };
	const address = ipv4[random(Math.max(ipv4.length, 1))]?.address;
	return address === undefined
		? [restart, { type: Discover, from: NO_ADDRESS }]
		: [
				restart,
				{ type: Discover, from: NO_ADDRESS, requested: address },
				{ type: Inform, from: address },
			];
}

const words = (address: string) => parseAddress(address) as Words;

/**
 * A question as a frame. Its Ethernet source is the interface's own address, for Responder answers to that;
 * its `chaddr` is invented, for Responder answers no more than four times to one.
 */
function frameOf(
	{ type, from, requested }: Question,
	mac: string,
	random: Random,
	asked: Pick<DhcpAsked, "add"> | undefined,
): Uint8Array {
	const client = CLIENTS[random(CLIENTS.length)] as (typeof CLIENTS)[number];
	// busybox's udhcpd sends its answer to an INFORM to chaddr: either that is ours, or it is broadcast
	const isInvented = type !== DhcpType.Inform || random(4) > 0;
	const chaddr = isInvented ? macText(inventMac(random)) : mac;
	const xid = long(random);
	if (client === WINDOWS && type === DhcpType.Discover) asked?.add(xid);
	const payload = encodeDhcp({
		op: BOOTREQUEST,
		xid,
		secs: random(MAX_SECS + 1),
		broadcast: isInvented,
		ciaddr: from,
		chaddr,
		options: clientOptions(client, { type, chaddr, requested }, random),
	});
	const ends = {
		fromMac: macBytes(mac),
		toMac: BROADCAST_MAC,
		from: words(from),
		to: words(EVERYBODY),
		ttl: client.ttl,
		id: short(random),
	};
	return udpFrame(ends, CLIENT_PORT, SERVER_PORT, payload);
}

/**
 * Asks for DHCP servers on every interface with a MAC: INFORM with our own address, DISCOVER that wishes
 * for it, REQUEST as after a restart elsewhere; without an address the last two. Offers are never accepted,
 * so that no lease comes of it. `asked` is told which questions leave nothing out.
 */
export function createDhcpLure(
	{ every }: DhcpConfig,
	world: LureWorld,
	asked?: Pick<DhcpAsked, "add">,
): Lure {
	const { random, send } = world;
	return createCycle(every, world, () => {
		const all = world.interfaces();
		const own = all.flatMap(({ ipv4 }) => ipv4.map((one) => one.address));
		return all.map((one): Ask[] => {
			const { name, mac } = one;
			if (mac === undefined) return [];
			return questionsOf(one, own, random).map(
				(question) => () => send(name, frameOf(question, mac, random, asked)),
			);
		});
	});
}
