import type { SensorAlert, WireAlert } from "./alert.ts";
import { hostList, portList } from "./list.ts";
import type { Attribute } from "./logfmt.ts";
import { printable } from "./printable.ts";
import { span } from "./span.ts";

/** Characters of a list of ports or hosts; a scan of every second port has 30,000 of them. */
const MAX_LIST = 200;

/** Characters of an interface: Linux has at most 15 bytes of it, each of them four as an escape. */
const MAX_INTERFACE = 64;

type Maybe = [key: string, value: string | number | undefined];

/** Linux takes quotes, backslashes and control bytes in the name of an interface. */
const interfaceName = (alert: WireAlert | SensorAlert) =>
	alert.interface && printable(alert.interface, MAX_INTERFACE);

/** What was tried: the one port, or the many. */
function targets(alert: WireAlert): Maybe[] {
	switch (alert.kind) {
		case "probe":
			return [
				["dst", alert.destination.ip],
				["dport", alert.destination.port],
				["protocol", alert.protocol],
			];
		case "scan": {
			const { technique, ports, portCount } = alert;
			const key = technique === "ip-proto" ? "protocols" : "ports";
			return [
				["dst", alert.destination.ip],
				[key, portList(ports, portCount, MAX_LIST)],
			];
		}
		case "sweep":
			return [
				["dport", alert.port],
				["hosts", hostList(alert.hosts, alert.hostCount, MAX_LIST)],
			];
		case "ping":
			return [["dst", alert.destination.ip]];
		case "poison":
			return [
				["dst", alert.destination.ip],
				["confidence", alert.confidence],
				["names", hostList(alert.names, alert.nameCount, MAX_LIST)],
				["protocols", alert.protocols.join()],
				["answer", alert.answer],
				["ttl", alert.ttl],
			];
		case "rogue-dhcp":
		case "rogue-ra":
			return [
				["dst", alert.destination.ip],
				["message", alert.message],
				...Object.entries(alert.details),
			];
	}
}

/** How much and how long. */
function course(alert: WireAlert): Maybe[] {
	const { kind, fold } = alert;
	if (kind !== "scan" && kind !== "sweep") return [["count", fold?.count]];
	return [
		["count", alert.fold.count],
		["window", span(alert.fold.last - alert.fold.first)],
		["pace", kind === "scan" ? alert.pace : undefined],
		["phase", alert.phase === "start" ? undefined : alert.phase],
	];
}

function heard(alert: WireAlert): Maybe[] {
	const { source, carrier, kind } = alert;
	const scan = kind === "scan" ? alert : undefined;
	return [
		["kind", kind],
		["technique", alert.technique],
		["also", scan?.also?.join() || undefined],
		["fragmented", scan?.fragmented ? "yes" : undefined],
		["proto", carrier === "arp" ? undefined : carrier], // the technique says it
		["sport", source.port],
		...targets(alert),
		...course(alert),
		["mac", source.mac],
		["name", source.name],
		["tool", alert.tool],
		["if", interfaceName(alert)],
		["vlan", alert.vlan],
		["note", alert.note],
	];
}

const sensed = (alert: SensorAlert): Maybe[] => [
	["kind", alert.kind],
	["state", alert.state],
	["if", interfaceName(alert)],
	["count", alert.count],
];

/** The facts of an alert of tocsin behind its sentence, in the order they are printed; `sources` stand apart. */
export function wireAttributes(alert: WireAlert | SensorAlert): Attribute[] {
	const all = alert.kind === "sensor" ? sensed(alert) : heard(alert);
	return all.filter((entry): entry is Attribute => entry[1] !== undefined);
}
