import type { Alert, SensorAlert } from "./alert.ts";

/** Levels that alerts have, with their numbers: RFC 5424 section 6.2.1, table 2. */
const SEVERITIES = { warning: 4, notice: 5, info: 6 };

export type Level = keyof typeof SEVERITIES;

/** A watch that sees less than it should is worth a warning. */
const SENSOR_LEVELS: Record<SensorAlert["state"], Level> = {
	start: "info",
	stop: "info",
	up: "info",
	appeared: "info",
	drops: "warning",
	blind: "warning",
	down: "warning",
	vanished: "warning",
	"state-pressure": "warning",
};

/** The syslog level of an alert as logger(1) names it: who takes another's place is worth a warning. */
export function levelOf(alert: Alert): Level {
	switch (alert.kind) {
		case "sensor":
			return SENSOR_LEVELS[alert.state];
		case "poison":
			return alert.confidence === "high" ? "warning" : "notice";
		case "rogue-dhcp":
		case "rogue-ra":
			return "warning";
		default:
			return "notice";
	}
}

/** The number of an alert's syslog level: ECS `event.severity`. */
export const severityOf = (alert: Alert): number => SEVERITIES[levelOf(alert)];
