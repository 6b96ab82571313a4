import type { SensorAlert } from "../alert/alert.ts";

/** ms between two alerts that sources are forgotten early, and how many are worth a word. */
const PRESSURE_WINDOW = 60_000;
const PRESSURE = 1_000;

/** Says once a minute that sources had to be forgotten early: slow scans may be missed then. */
export function createPressure(
	tell: (alert: SensorAlert) => void,
): (forgotten: number, time: number) => void {
	let sum = 0;
	let toldAt = 0;
	return (forgotten, time) => {
		sum += forgotten;
		if (sum < PRESSURE || time - toldAt < PRESSURE_WINDOW) return;
		const message = `${sum} sources were forgotten early, there are too many: slow scans may be missed`;
		tell({
			kind: "sensor",
			time,
			state: "state-pressure",
			message,
			count: sum,
		});
		sum = 0;
		toldAt = time;
	};
}
