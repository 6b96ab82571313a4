import type { Alert } from "../../src/alert/alert.ts";
import { levelOf } from "../../src/alert/level.ts";
import { alertLine } from "../../src/alert/render.ts";
import { readSecret } from "../../src/config/secret.ts";
import type { Entry } from "../../src/delivery/sink.ts";
import type { World } from "../../src/delivery/world.ts";

export const TELLER = { version: "2.0.0", hostname: "guard" };

/** An alert on its way out. */
export const entryOf = (alert: Alert, id = "id-1"): Entry => ({
	time: alert.time,
	level: levelOf(alert),
	line: alertLine(alert),
	alert,
	id,
});

/** A world in which it is always the same time, and what was complained about. */
export function worldOf(): World & { complaints: string[] } {
	const complaints: string[] = [];
	return {
		teller: TELLER,
		secret: (secret) => readSecret(secret),
		complain: (text) => complaints.push(text),
		now: () => Date.UTC(2026, 10, 22, 3),
		complaints,
	};
}
