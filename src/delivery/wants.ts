import type { Alert } from "../alert/alert.ts";
import { levelOf } from "../alert/level.ts";
import type { SinkConfig } from "../config/sinktypes.ts";
import { fits, ruleFacts } from "./rules.ts";

/**
 * Whether a sink is told of an alert; `to` are the names that a route gives. Without a `when` of theirs
 * people are told of all but what tocsin says of itself where it is no warning.
 */
export function wants(
	{ name, when, type }: SinkConfig,
	alert: Alert,
	to: readonly string[] | undefined,
): boolean {
	if (to && !to.includes(name)) return false;
	if (when) return fits(when, ruleFacts(alert), alert.time);
	const isRecord = type === "file" || type === "syslog" || type === "journal";
	return isRecord || alert.kind !== "sensor" || levelOf(alert) !== "info";
}
