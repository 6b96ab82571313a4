import type {
	Phase,
	ScanAlert,
	Sources as SourceList,
	SweepAlert,
} from "../alert/alert.ts";
import type { Sight } from "./attempt.ts";
import { Class, carrierOf, hasPort } from "./class.ts";
import { FAST_GAP, NAMED_PORTS, SLOW_SPAN } from "./params.ts";
import { type Scan, type Sweep, techniquesOf } from "./tally.ts";

/** Names for what packets call by number, given by whoever captures. */
export interface Names {
	interface(index: number): string | undefined;
	service(port: number, transport: "tcp" | "udp"): string | undefined;
}

/** What every alert says of where it was heard; keys without a value are left out. */
export function heard(sight: Sight, names: Names) {
	const name = names.interface(sight.interface);
	return {
		...(name === undefined ? {} : { interface: name }),
		...(sight.vlan >= 0 ? { vlan: sight.vlan } : {}),
	};
}

/** `service: "telnet"`, where the port has a name. */
export function named(cls: Class, port: number, names: Names) {
	if (cls !== Class.Tcp && cls !== Class.Udp) return {};
	const service = names.service(port, cls === Class.Tcp ? "tcp" : "udp");
	return service === undefined ? {} : { service };
}

/** Protocol scans have no weight: theirs is fast when each came soon after the one before. */
const isFast = (scan: Scan) =>
	scan.wasFast ||
	scan.last - scan.first < SLOW_SPAN ||
	(scan.cls === Class.Ip &&
		scan.last - scan.first < FAST_GAP * scan.ports.size());

/** The alert of a scan; `source.port` is left out, a scan may use many. */
export function scanAlert(
	scan: Scan,
	phase: Phase,
	now: number,
	sight: Sight,
	sources: SourceList | undefined,
	names: Names,
): ScanAlert {
	const [technique, also] = techniquesOf(scan);
	const { ip, mac } = sight.source;
	return {
		kind: "scan",
		phase,
		time: now,
		...heard(sight, names),
		carrier: carrierOf(scan.cls, sight.version),
		technique,
		...(also.length > 0 ? { also } : {}),
		source: mac === undefined ? { ip } : { ip, mac },
		...(sources ? { sources } : {}),
		destination: { ip: scan.target },
		ports: scan.ports.list(NAMED_PORTS),
		portCount: scan.ports.size(),
		fold: { count: scan.count, first: scan.first, last: scan.last },
		pace: isFast(scan) ? "fast" : "slow",
		...(scan.fragmented ? { fragmented: true } : {}),
		...(scan.tool ? { tool: scan.tool } : {}),
	};
}

export function sweepAlert(
	sweep: Sweep,
	phase: Phase,
	now: number,
	sight: Sight,
	sources: SourceList | undefined,
	names: Names,
): SweepAlert {
	const [technique] = techniquesOf(sweep);
	const { ip, mac } = sight.source;
	return {
		kind: "sweep",
		phase,
		time: now,
		...heard(sight, names),
		carrier: carrierOf(sweep.cls, sight.version),
		technique,
		source: mac === undefined ? { ip } : { ip, mac },
		...(sources ? { sources } : {}),
		...(hasPort(sweep.cls)
			? { port: sweep.port, ...named(sweep.cls, sweep.port, names) }
			: {}),
		hosts: sweep.hosts,
		hostCount: sweep.seen.size,
		fold: { count: sweep.count, first: sweep.first, last: sweep.last },
		...(sweep.tool ? { tool: sweep.tool } : {}),
	};
}
