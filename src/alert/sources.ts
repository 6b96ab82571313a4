import { MANY, type Sources, type WireAlert } from "./alert.ts";
import { hostList } from "./list.ts";

/** The address that an alert accuses; none when any of several may be the true one, or all are spoofed. */
export function accused({ source, sources }: WireAlert): string | undefined {
	return source.ip === MANY || decoys(sources) ? undefined : source.ip;
}

const decoys = (sources?: Sources) =>
	sources !== undefined && sources.count > 1;

/** Who did it, for a sentence: `host 192.0.2.7`, `6 hosts`, `many hosts`. */
export function who({ source, sources }: WireAlert): string {
	if (source.ip === MANY) return "many hosts";
	return sources && decoys(sources)
		? `${sources.count} hosts`
		: `host ${source.ip}`;
}

/**
 * The several sources of an alert in at most `max` characters (at least 12): the addresses of decoys,
 * or for a flood the number there were at least, `5000+`. Undefined when there is one source.
 */
export function sourceList(alert: WireAlert, max: number): string | undefined {
	const { source, sources } = alert;
	if (!sources || accused(alert) !== undefined) return undefined;
	return source.ip === MANY
		? `${sources.count}+`
		: hostList(sources.ips, sources.count, max);
}
