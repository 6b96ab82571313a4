import type { Alert, ConnectionAlert, Fold } from "../alert/alert.ts";
import type { Folded } from "./store.ts";

/** What came when the database's table was full: of whom and where is no longer known. */
const crowd = (
	{ transport, service }: ConnectionAlert,
	time: number,
	fold: Fold,
): ConnectionAlert => ({
	kind: "connection",
	time,
	transport,
	service,
	source: {},
	destination: {},
	fold,
	note: "many sources and ports",
});

/** The alert that klaxon's encounters become which the database counted. */
export function unfold(folded: Folded, time: number): Alert {
	const { key, alert, count, first, last } = folded;
	if (alert.kind !== "connection") return alert;
	const fold = { count, first, last };
	return key === "" ? crowd(alert, time, fold) : { ...alert, time, fold };
}
