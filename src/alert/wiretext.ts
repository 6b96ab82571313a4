import {
	MANY,
	type Phase,
	type PoisonAlert,
	type ProbeAlert,
	type RogueAlert,
	type RogueTechnique,
	type ScanAlert,
	type SensorAlert,
	type SweepAlert,
	type WireAlert,
} from "./alert.ts";
import { foldWords, logfmt, MAX_LINE } from "./logfmt.ts";
import { sourceList, who } from "./sources.ts";
import { wireAttributes } from "./wireattributes.ts";

/** Characters of a sentence: a message of the sensor leaves room for the attributes. */
const MAX_SENTENCE = 512;
/** Room a list of sources must have to be worth printing: one IPv6 address and a count. */
const MIN_SOURCES = 48;

const counted = (count: number, what: string) =>
	`${count} ${what}${count === 1 ? "" : "s"}`;

/** How often since the last alert; the alert of a flood is the first to count its packets. */
function more(alert: Exclude<WireAlert, ScanAlert | SweepAlert>): string {
	const words = foldWords(alert);
	return alert.source.ip === MANY ? words.replace(" more", "") : words;
}

function probed(alert: ProbeAlert): string {
	const { destination, protocol, service, technique } = alert;
	if (protocol !== undefined)
		return `probing protocol ${protocol} of ${destination.ip}`;
	if (destination.port !== undefined)
		return `probing port ${service ?? destination.port} of ${destination.ip}`;
	return technique === "fragment"
		? `sending tiny fragments to ${destination.ip}`
		: `probing ${destination.ip}`;
}

const SCANS: Record<Phase, string> = {
	start: "scanning",
	update: "still scanning",
	end: "scanned",
};

function scanned({ phase, technique, portCount, destination }: ScanAlert) {
	const what = technique === "ip-proto" ? "protocol" : "port";
	return `${SCANS[phase]} ${counted(portCount, what)} of ${destination.ip}`;
}

const SWEEPS: Record<Phase, string> = {
	start: "sweeping",
	update: "still sweeping",
	end: "swept",
};

function swept({ phase, port, service, hostCount }: SweepAlert): string {
	const of = port === undefined ? "" : `port ${service ?? port} of `;
	return `${SWEEPS[phase]} ${of}${counted(hostCount, "host")}`;
}

function poisoned({ names, nameCount, exists, protocols }: PoisonAlert) {
	const [first = ""] = names;
	const by = protocols.join(" and ");
	if (exists) return `answering for ${first} by ${by}, a name that may exist`;
	return nameCount === 1
		? `answering for ${first} by ${by}, a name that was invented`
		: `answering for ${nameCount} invented names by ${by}`;
}

const ROGUES: Record<RogueTechnique, string> = {
	dhcp: "is a DHCP server that nobody listed",
	dhcp6: "is a DHCPv6 server that nobody listed",
	ra: "is a router that nobody listed",
	impersonation: "takes the place of another",
	"option-hijack": "names other servers than before",
	"link-local": "hands out a link-local address",
	"dns-sender": "names itself as DNS server, by its link-local address",
	"no-router": "advertises DNS or DHCP but no route",
};

function rogue(alert: RogueAlert): string {
	return `${ROGUES[alert.technique]}: ${alert.message}${more(alert)}`;
}

function sentence(alert: WireAlert | SensorAlert): string {
	switch (alert.kind) {
		case "probe":
			return `${who(alert)} ${probed(alert)}${more(alert)}`;
		case "scan":
			return `${who(alert)} ${scanned(alert)}`;
		case "sweep":
			return `${who(alert)} ${swept(alert)}`;
		case "ping":
			return `${who(alert)} pinging ${alert.destination.ip}${more(alert)}`;
		case "poison":
			return `${who(alert)} ${poisoned(alert)}${more(alert)}`;
		case "rogue-dhcp":
		case "rogue-ra":
			return `${who(alert)} ${rogue(alert)}`;
		case "sensor":
			return `sensor ${alert.state}: ${alert.message}`;
	}
}

/**
 * An alert of tocsin as one line of printable ASCII, at most 1,024 bytes: who did what to whom, then
 * logfmt attributes, those that fit. Decoys get the room that is left.
 */
export function wireLine(alert: WireAlert | SensorAlert): string {
	const head = sentence(alert);
	const fits = head.length <= MAX_SENTENCE;
	let line = `ALERT: ${fits ? head : `${head.slice(0, MAX_SENTENCE - 3)}...`}`;
	for (const attribute of wireAttributes(alert)) {
		// The sentence of a scan ends in it.
		if (alert.kind === "scan" && attribute[0] === "dst") continue;
		const text = ` ${logfmt(attribute)}`;
		if (line.length + text.length <= MAX_LINE) line += text;
	}
	const room = MAX_LINE - line.length - " sources=".length;
	if (alert.kind !== "sensor" && room >= MIN_SOURCES) {
		const sources = sourceList(alert, room);
		if (sources) line += ` sources=${sources}`;
	}
	return line.replace(/[^ -~]/g, "?"); // /etc/services may hold anything
}
