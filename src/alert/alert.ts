import type { Ident } from "./ident.ts";

export type Transport = "tcp" | "udp";

/** What the peer is known by. `ip` is missing when it reset before anything could name it. */
export interface Source {
	ip?: string;
	port?: number;
	/** Interface of a link-local IPv6 address, as the kernel names it. */
	zone?: string;
	/** Forward-confirmed PTR name. */
	name?: string;
}

/** How often a source came beyond the alerts already sent for it, first and last in ms since the epoch. */
export interface Fold {
	count: number;
	first: number;
	last: number;
}

/** An encounter with a trap: one connection or datagram, or a fold of many. */
export interface ConnectionAlert {
	kind: "connection";
	/** ms since the epoch */
	time: number;
	transport: Transport;
	/** The trap as the administrator calls it: `rexec`, `512`. */
	service: string;
	source: Source;
	destination: { ip?: string; port?: number };
	ident?: Ident;
	/** The first bytes the peer sent, already printable. */
	data?: string;
	fold?: Fold;
	/** Why the source is unknown or a fold spans many sources. */
	note?: string;
}

/** How a probe, scan, sweep or ping was done, in nmap's words; `odd` is a set of flags no stack sends. */
export type Technique =
	| "connect"
	| "syn"
	| "fin"
	| "null"
	| "xmas"
	| "ack"
	| "maimon"
	| "syn-ack"
	| "odd"
	| "udp"
	| "sctp-init"
	| "ip-proto"
	| "ip-options"
	| "fragment"
	| "echo"
	| "timestamp"
	| "mask"
	| "arp"
	| "nd"
	| NameProtocol
	| RogueTechnique;

/** How names are asked for without a server: RFC 4795, RFC 1002, RFC 6762. */
export type NameProtocol = "llmnr" | "nbns" | "mdns";

/**
 * What a DHCP server or router did wrong: `dhcp`, `dhcp6` and `ra` are those that nobody listed;
 * `impersonation` is a listed one's name from another MAC address, `option-hijack` a listed one that
 * names other servers than before, `link-local` an address handed out that leads nowhere, `dns-sender` a
 * DNS server that is the sender's own link-local address, `no-router` advertising DNS or DHCP but no route.
 */
export type RogueTechnique =
	| "dhcp"
	| "dhcp6"
	| "ra"
	| "impersonation"
	| "option-hijack"
	| "link-local"
	| "dns-sender"
	| "no-router";

/** What carried it: IANA's names, `ip` for any other protocol, `arp` below IP. */
export type Carrier =
	| "tcp"
	| "udp"
	| "sctp"
	| "icmp"
	| "ipv6-icmp"
	| "ip"
	| "arp";

/** A program whose packets are recognised: a hint, anyone can imitate it. */
export type Tool =
	| "nmap"
	| "masscan"
	| "zmap"
	| "hping3"
	| "responder"
	| "inveigh"
	| "pretender"
	| "mitm6";

/** The `ip` of a source that stands for spoofed ones, too many to name singly. */
export const MANY = "many";

/** Who sent what was heard on the wire. */
export interface WireSource {
	/** An address, or `MANY`: the sources are then at least `sources.count`. */
	ip: string;
	port?: number;
	/** Of the frame, `02:00:00:00:00:02`: the sender's own on its segment, else the router's. */
	mac?: string;
	/** Forward-confirmed PTR name. */
	name?: string;
}

/** What every alert about the wire has. */
interface Heard {
	/** ms since the epoch */
	time: number;
	/** Interface it was heard on. */
	interface?: string;
	/** 802.1Q VLAN id, the outer one. */
	vlan?: number;
	carrier: Carrier;
	technique: Technique;
	source: WireSource;
	/** Where several sources act as one, or are too many to name. */
	sources?: Sources;
	tool?: Tool;
	note?: string;
}

/** Sources that act as one: a decoy scan. `ips` are the first ones, `count` is how many there were. */
export interface Sources {
	ips: string[];
	count: number;
}

/** The first packet to a port that isn't served, or one that no network stack sends; or a fold of more. */
export interface ProbeAlert extends Heard {
	kind: "probe";
	destination: { ip: string; port?: number };
	/** The port's name, where it has one. */
	service?: string;
	/** IP protocol number, when `technique` is `ip-proto`. */
	protocol?: number;
	fold?: Fold;
}

/** `start` at the threshold, `update` while it goes on, `end` when it has been quiet. */
export type Phase = "start" | "update" | "end";

/** One source, many ports (or IP protocols) of a host. */
export interface ScanAlert extends Heard {
	kind: "scan";
	phase: Phase;
	destination: { ip: string };
	/** Distinct ports, or IP protocols when `technique` is `ip-proto`, ascending, the first ones; `portCount` counts all. */
	ports: number[];
	portCount: number;
	/** Packets, and when the first and the last came, in ms since the epoch. */
	fold: Fold;
	pace: "fast" | "slow";
	/** Sent in fragments too small for an honest stack. */
	fragmented?: boolean;
	/** Further techniques of the same scan. */
	also?: Technique[];
}

/** One source, many hosts. */
export interface SweepAlert extends Heard {
	kind: "sweep";
	phase: Phase;
	/** The one port, for TCP, UDP and SCTP. */
	port?: number;
	/** The port's name, where it has one. */
	service?: string;
	/** Hosts in the order they were tried, the first ones; `hostCount` counts all. */
	hosts: string[];
	hostCount: number;
	fold: Fold;
}

/** An ICMP echo, timestamp or mask request. */
export interface PingAlert extends Heard {
	kind: "ping";
	destination: { ip: string };
	fold?: Fold;
}

/** Somebody answered for a name that was invented. */
export interface PoisonAlert extends Heard {
	kind: "poison";
	technique: NameProtocol;
	/** `high` after two names, or one name by two protocols; `low` after one. */
	confidence: "low" | "high";
	/** Where the answer went: the address that asked. */
	destination: { ip: string };
	/** Names answered, the first ones, and how many in all; printable. */
	names: string[];
	nameCount: number;
	protocols: NameProtocol[];
	/** The address that was handed out for the last of them, and for how many seconds. */
	answer?: string;
	ttl?: number;
	/** Another name drew no answer from it: this one may exist, and is not asked for any more. */
	exists?: boolean;
	fold?: Fold;
}

/** Facts of a DHCP message or router advertisement that are worth telling: printable, in the order they are told. */
export type Details = Readonly<Record<string, string | number>>;

/** A DHCP server (`rogue-dhcp`) or router (`rogue-ra`) that should not be there, or does what it shouldn't. */
export interface RogueAlert extends Heard {
	kind: "rogue-dhcp" | "rogue-ra";
	technique: RogueTechnique;
	/** What it sent, in the RFCs' words: `offer`, `ack`, `advertise`, `router advertisement`. */
	message: string;
	destination: { ip: string };
	details: Details;
	fold?: Fold;
}

/** Something heard on the wire. */
export type WireAlert =
	| ProbeAlert
	| ScanAlert
	| SweepAlert
	| PingAlert
	| PoisonAlert
	| RogueAlert;

/** tocsin about itself: whether it sees. */
export interface SensorAlert {
	kind: "sensor";
	time: number;
	state:
		| "start"
		| "stop"
		| "drops"
		| "blind"
		| "up"
		| "down"
		| "appeared"
		| "vanished"
		| "state-pressure";
	interface?: string;
	/** Packets dropped, or sources that found no room. */
	count?: number;
	/** Printable. */
	message: string;
}

/** The only type that leaves a detector. */
export type Alert = ConnectionAlert | WireAlert | SensorAlert;
