import type { PortSet } from "../config/portset.ts";
import { toRanges } from "../config/portset.ts";
import type { Protocol } from "../config/watch.ts";
import { DLT_EN10MB } from "../wire/link.ts";

/** What of the configuration decides which packets are worth waking up for. */
export interface FilterOptions {
	protocols: readonly Protocol[];
	udp: PortSet;
}

/** Bytes of a UDP datagram (RFC 768's length field) beyond which it is somebody's download: probes are short. */
const MAX_PROBE = 600;
/** Bytes of an IP packet of some other protocol beyond which it is a tunnel's. */
const MAX_BARE = 64;
/** Bytes of a fragment beyond which an honest stack made it: links carry at least 576 (RFC 791). */
const MAX_FRAGMENT = 256;
/** In units of 8 bytes: where the detectors need no fragments any more, for all headers lie before. */
const BEYOND_HEADERS = 8;
/**
 * Ports that answers to a lure, or to a client of DHCP, come from: DHCP, DHCPv6, NetBIOS names, mDNS, LLMNR.
 * They are judged whatever their length.
 */
const ANSWERS = [67, 137, 547, 5353, 5355];
/** Clients of DHCPv6 listen there to whoever sends from wherever; where UDP is judged it passes anyhow. */
const DHCP6_CLIENT = 546;
/** Port ranges that a filter names; a longer list lets all of UDP pass. */
const MAX_RANGES = 64;
/** QUIC's: uploads go there (RFC 9000). */
const QUIC = 443;

/** IGMP, IP in IP, IPv6 in IP, GRE, ESP, AH, none, EIGRP, OSPF, PIM, VRRP, L2TP: judged when bare only. */
const TUNNELS = [2, 4, 41, 47, 50, 51, 59, 88, 89, 103, 112, 115];
/** The same in IPv6, where AH is an extension header. */
const TUNNELS6 = TUNNELS.filter((protocol) => protocol !== 51);
/** TCP, UDP, SCTP, ICMP; and in IPv6 also the extension headers, behind which anything may stand. */
const KNOWN = [1, 6, 17, 132];
const KNOWN6 = [0, 6, 17, 43, 44, 51, 58, 60, 132, 135, 139, 140];
/** SCTP's chunks that open, or refuse to (RFC 9260 section 3.2): INIT, INIT ACK, ABORT. */
const CHUNKS = [1, 2, 6];
/** 802.1Q, 802.1ad and the tag that stood for it before. */
const TAGS = [0x8100, 0x88a8, 0x9100];

/** A field of a header, in pcap-filter(7) syntax. */
type Field = (at: number, size?: 1 | 2) => string;

const any = (terms: readonly string[]) => `(${terms.join(" or ")})`;
const all = (...terms: string[]) => `(${terms.join(" and ")})`;
const isIn = (field: string, numbers: readonly number[]) =>
	any(numbers.map((n) => `${field} = ${n}`));

/** SYN, FIN, RST or no ACK: everything but established traffic. */
const isEstablished = (flags: string) => `${flags} & 0x17 = 0x10`;

/** A UDP header's length and port are those of somebody's download. */
function isStream(header: Field, ports: PortSet): string[] {
	const ranges = toRanges(ports);
	if (ranges.length > MAX_RANGES) return [];
	const port = header(2, 2);
	const within = ([first, last]: readonly [number, number]) =>
		first === last
			? `${port} = ${first}`
			: `(${port} >= ${first} and ${port} <= ${last})`;
	return [
		`${header(4, 2)} > ${MAX_PROBE}`,
		`(${port} >= 1024 or ${port} = ${QUIC})`,
		...(ranges.length > 0 ? [`not ${any(ranges.map(within))}`] : []),
	];
}

/** What of a transport stays in the kernel: all that is not judged, and what `isBulk` says. */
function bulk(
	{ protocols }: FilterOptions,
	protocol: Protocol,
	isIt: string,
	isBulk: string[],
): string[] {
	if (!protocols.includes(protocol)) return [isIt];
	return isBulk.length > 0 ? [all(isIt, ...isBulk)] : [];
}

/** The same of UDP, where answers are always looked at. */
function bulkUdp(
	options: FilterOptions,
	isIt: string,
	header: Field,
): string[] {
	const isStranger = `not ${isIn(header(0, 2), ANSWERS)}`;
	if (!options.protocols.includes("udp"))
		return [all(isIt, isStranger, `not ${header(2, 2)} = ${DHCP6_CLIENT}`)];
	const isBulk = isStream(header, options.udp);
	return isBulk.length > 0 ? [all(isIt, isStranger, ...isBulk)] : [];
}

/**
 * What nobody looks at of IPv4 without options. A look beyond a packet's end would end the filter with
 * "no", so that the transport's header is not looked at in small fragments (nmap -f's have 8 bytes).
 */
function bulk4(ip: Field, options: FilterOptions): string {
	const protocol = ip(9);
	const transport: Field = (at, size) => ip(20 + at, size);
	const [length, fragment] = [ip(2, 2), ip(6, 2)];
	const isFirst = `(${fragment} & 0x3fff = 0 or (${fragment} & 0x1fff = 0 and ${length} > ${MAX_FRAGMENT}))`;
	// a bare ACK that may be fragmented is a raw-socket scanner's
	const isCrafted = `(${fragment} & 0x4000 = 0 and ${length} = 40 and ${transport(12)} & 0xf0 = 0x50)`;
	const rules = [
		...bulk(options, "tcp", `${protocol} = 6`, [
			isEstablished(transport(13)),
			`not ${isCrafted}`,
		]),
		...bulkUdp(options, `${protocol} = 17`, transport),
		...bulk(options, "sctp", `${protocol} = 132`, [
			`not ${isIn(transport(12), CHUNKS)}`,
		]),
	];
	const others = bulk(options, "ip", `not ${isIn(protocol, KNOWN)}`, [
		`${length} > ${MAX_BARE}`,
		isIn(protocol, TUNNELS),
	]);
	return all(
		`${ip(0)} = 0x45`,
		any([
			all(isFirst, any(rules)),
			`(${fragment} & 0x1fff >= ${BEYOND_HEADERS} and ${length} > ${MAX_FRAGMENT})`,
			...others,
		]),
	);
}

/** What nobody looks at of IPv6. */
function bulk6(ip: Field, options: FilterOptions): string {
	const next = ip(6);
	const transport: Field = (at, size) => ip(40 + at, size);
	const length = ip(4, 2);
	// IPv6 has no DF: it's the window that no stack would open
	const isCrafted = `(${length} = 20 and ${transport(14, 2)} <= 1024)`;
	return any([
		...bulk(options, "tcp", `${next} = 6`, [
			isEstablished(transport(13)),
			`not ${isCrafted}`,
		]),
		...bulkUdp(options, `${next} = 17`, transport),
		...bulk(options, "sctp", `${next} = 132`, [
			`not ${isIn(transport(12), CHUNKS)}`,
		]),
		...bulk(options, "ip", `not ${isIn(next, KNOWN6)}`, [
			`${length} > ${MAX_BARE}`,
			isIn(next, TUNNELS6),
		]),
	]);
}

/** IP and ARP, less their bulk; `is4` and so on tell which it is. */
function telling(
	options: FilterOptions,
	[is4, is6, isArp]: readonly [string, string, string],
	[ip, ip6]: readonly [Field, Field],
): string {
	return any([
		`(${is4} and not ${bulk4(ip, options)})`,
		`(${is6} and not ${bulk6(ip6, options)})`,
		...(options.protocols.includes("arp") ? [isArp] : []),
	]);
}

const field =
	(name: string, from = 0): Field =>
	(at, size = 1) =>
		`${name}[${from + at}${size === 1 ? "" : `:${size}`}]`;

/** The same behind `tags` of an Ethernet frame's. */
function behind(tags: number, options: FilterOptions): string {
	const type = (tag: number) => field("ether")(12 + tag * 4, 2);
	const guards = Array.from({ length: tags }, (_, tag) =>
		isIn(type(tag), TAGS),
	);
	const ip = field("ether", 14 + tags * 4);
	const inner = type(tags);
	const types = [0x0800, 0x86dd, 0x0806].map((n) => `${inner} = ${n}`);
	const [is4 = "", is6 = "", isArp = ""] = types;
	return all(...guards, telling(options, [is4, is6, isArp], [ip, ip]));
}

/**
 * The kernel's filter in pcap-filter(7) syntax: what no detector looks at stays in the kernel, so that
 * a busy host costs nothing. Tagged frames pass by the same rules, one tag or two (`vlan` is not used:
 * for an interface libpcap makes four times as many instructions of it, more than kernels take). PPPoE
 * is heard on its own interface.
 */
export function kernelFilter(options: FilterOptions, linktype: number): string {
	const names = ["ip", "ip6", "arp"] as const;
	const plain = telling(options, names, [field("ip"), field("ip6")]);
	return linktype === DLT_EN10MB
		? any([plain, behind(1, options), behind(2, options)])
		: plain;
}
