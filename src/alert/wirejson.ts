import type { SensorAlert, WireAlert } from "./alert.ts";
import { iso } from "./iso.ts";
import { accused } from "./sources.ts";

/** Top-level fields of a JSON alert; those of ours that ECS has no field for stand last. */
export interface Fields {
	source?: object;
	destination?: object;
	network?: object;
	related?: object;
	klaxon: object;
}

/** ECS takes the notation of RFC 7042 section 2.1: upper case, hyphens. */
const ecsMac = (mac: string | undefined) =>
	mac?.toUpperCase().replaceAll(":", "-");

function destinationFields(alert: WireAlert): object | undefined {
	if (alert.kind === "sweep")
		return alert.port === undefined ? undefined : { port: alert.port };
	return alert.destination;
}

function networkFields(alert: WireAlert): object {
	const { carrier, vlan } = alert;
	const target = alert.kind === "sweep" ? alert.hosts[0] : alert.destination.ip;
	const ip = target?.includes(":") ? "ipv6" : "ipv4";
	const protocol = alert.kind === "probe" ? alert.protocol : undefined;
	const named = carrier !== "ip" && carrier !== "arp";
	return {
		type: carrier === "arp" ? "arp" : ip,
		transport: named ? carrier : undefined,
		iana_number: protocol?.toString(),
		vlan: vlan === undefined ? undefined : { id: String(vlan) },
	};
}

/** Ports or protocols, hosts: what was tried, for what ECS has no field. */
function targetFields(alert: WireAlert): object {
	switch (alert.kind) {
		case "probe":
			return { service: alert.service };
		case "scan": {
			const { technique, ports, portCount } = alert;
			return technique === "ip-proto"
				? { protocols: ports, protocolCount: portCount }
				: { ports, portCount };
		}
		case "sweep": {
			const { service, hosts, hostCount } = alert;
			return { service, hosts, hostCount };
		}
		case "ping":
			return {};
		case "poison": {
			const { confidence, names, nameCount, protocols } = alert;
			const { answer, ttl, exists } = alert;
			const asked = { confidence, names, nameCount, protocols };
			return { ...asked, answer, ttl, exists };
		}
		case "rogue-dhcp":
		case "rogue-ra":
			return { message: alert.message, ...alert.details };
	}
}

function heardFields(alert: WireAlert): Fields {
	const { source, sources, fold } = alert;
	const ip = accused(alert);
	const scan = alert.kind === "scan" ? alert : undefined;
	return {
		source: {
			ip,
			port: source.port,
			mac: ecsMac(source.mac),
			domain: source.name,
		},
		destination: destinationFields(alert),
		network: networkFields(alert),
		related: !ip && sources?.ips.length ? { ip: sources.ips } : undefined,
		klaxon: {
			technique: alert.technique,
			also: scan?.also,
			fragmented: scan?.fragmented,
			...targetFields(alert),
			count: fold?.count,
			first: iso(fold?.first),
			last: iso(fold?.last),
			pace: scan?.pace,
			phase: "phase" in alert ? alert.phase : undefined,
			sources: sources?.ips,
			sourceCount: sources?.count,
			tool: alert.tool,
			note: alert.note,
		},
	};
}

/**
 * What an alert of tocsin fills in beyond what all alerts have, in Elastic Common Schema 8. `source.ip`
 * is missing when there are several sources: decoys stand in `related.ip` and `klaxon.sources`.
 */
export function wireFields(alert: WireAlert | SensorAlert): Fields {
	return alert.kind === "sensor"
		? { klaxon: { state: alert.state, count: alert.count } }
		: heardFields(alert);
}
