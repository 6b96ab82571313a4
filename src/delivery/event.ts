import type { Alert } from "../alert/alert.ts";
import { iso } from "../alert/iso.ts";
import { ECS_VERSION, ecs, type Observer } from "../alert/json.ts";
import type { Entry } from "./sink.ts";

/** Who tells: what every event of this machine has alike. */
export type Teller = Omit<Observer, "product">;

const productOf = (alert: Alert): Observer["product"] =>
	alert.kind === "connection" ? "klaxon" : "tocsin";

/** An entry in Elastic Common Schema 8: its alert, or the word about tocsin itself. */
export function eventOf(entry: Entry, teller: Teller): object {
	const { alert, id, time, line, level } = entry;
	if (alert)
		return ecs(alert, { product: productOf(alert), ...teller }, id ?? "");
	return {
		"@timestamp": iso(time),
		message: line,
		log: { level },
		ecs: { version: ECS_VERSION },
		event: { kind: "event", id },
		observer: { product: "tocsin", ...teller },
	};
}
