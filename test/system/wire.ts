/** What a witness (tcpdump) wrote down of an attacker, and when an alert about it was due. */
import type { Technique } from "../../src/alert/alert.ts";
import { readCapture } from "../../src/capture/file.ts";
import { formatAddress, formatMac } from "../../src/wire/address.ts";
import { decode } from "../../src/wire/link.ts";
import {
	ACK,
	createPacket,
	FIN,
	Kind,
	type Packet,
	PSH,
	SYN,
	URG,
} from "../../src/wire/packet.ts";
import type { Case } from "./scans.ts";

type Sought = Pick<Case, "kind" | "technique" | "fragmented">;

/** A packet of the case's technique: when, in ms, and which port, protocol, datagram or host it tried. */
export interface Seen {
	time: number;
	port: number;
	host: string;
}

/** ICMP's types: an echo is 8 or, in ICMPv6, 128. */
const TYPES: Partial<Record<Technique, number[]>> = {
	echo: [8, 128],
	timestamp: [13],
	mask: [17],
	nd: [135],
};

/** TCP's flags; `odd` may be any others. */
const FLAGS: Partial<Record<Technique, number>> = {
	connect: SYN,
	syn: SYN,
	fin: FIN,
	null: 0,
	xmas: FIN | PSH | URG,
	ack: ACK,
	maimon: FIN | ACK,
	"syn-ack": SYN | ACK,
};

function isOf(p: Packet, { technique, fragmented }: Sought): boolean {
	const types = TYPES[technique];
	if (types)
		return (
			(p.kind === Kind.Icmp4 || p.kind === Kind.Icmp6) &&
			types.includes(p.sport)
		);
	if (fragmented || technique === "fragment") return p.kind === Kind.Fragment;
	if (technique === "arp") return p.kind === Kind.Arp;
	if (technique === "udp") return p.kind === Kind.Udp;
	if (technique === "sctp-init") return p.kind === Kind.Sctp;
	if (technique === "ip-proto") return p.kind === Kind.Ip;
	return p.kind === Kind.Tcp && (FLAGS[technique] ?? p.flags) === p.flags;
}

/** What a scan counts: protocols, ports, or datagrams where the port is hidden in a fragment. */
function portOf(p: Packet): number {
	if (p.kind === Kind.Ip) return p.protocol;
	return p.kind === Kind.Fragment ? -p.id : p.dport;
}

/** The packets of a case's technique that came from `mac`. */
export async function packetsOf(
	file: string,
	mac: string,
	each: Sought,
): Promise<Seen[]> {
	const seen: Seen[] = [];
	const p = createPacket();
	await readCapture(file, (bytes, offset, captured, length, time, linktype) => {
		decode(bytes, offset, captured, length, linktype, p);
		if (formatMac(p.macHigh, p.macLow) !== mac || !isOf(p, each)) return;
		const host = formatAddress(p.d0, p.d1, p.d2, p.d3);
		seen.push({ time, port: portOf(p), host });
	});
	return seen;
}

/** When the alert is due (issue 3): the 7th privileged or 21st high port, 5th protocol, 10th host; else at once. */
export function thresholdOf(
	packets: readonly Seen[],
	{ kind, technique }: Sought,
): number | undefined {
	const known = new Set<number | string>();
	let weight = 0;
	return packets.find(({ port, host }) => {
		const item = kind === "sweep" ? host : port;
		if (known.has(item)) return false;
		known.add(item);
		weight += port < 1024 ? 3 : 1;
		if (kind === "sweep") return known.size === 10;
		if (kind !== "scan") return true;
		return technique === "ip-proto" ? known.size === 5 : weight >= 21;
	})?.time;
}
