import type { Alert, ConnectionAlert } from "./alert.ts";
import type { Ident } from "./ident.ts";
import { iso } from "./iso.ts";
import { severityOf } from "./level.ts";
import { alertLine } from "./render.ts";
import { type Fields, wireFields } from "./wirejson.ts";

export const ECS_VERSION = "8.11.0";

/** Who saw the alert: ECS `observer`. */
export interface Observer {
	product: "klaxon" | "tocsin";
	version: string;
	hostname: string;
}

function identFields(ident: Ident | undefined): object | undefined {
	if (ident?.kind === "user")
		return { user: ident.user, os: ident.os, charset: ident.charset };
	if (ident?.kind === "error") return { error: ident.error };
	if (ident?.kind === "failed") return { error: ident.reason };
	return undefined;
}

/** What an encounter with a trap fills in beyond what all alerts have. */
function connectionFields(alert: ConnectionAlert): Fields {
	const { source, destination, fold } = alert;
	const user =
		alert.ident?.kind === "user" ? { name: alert.ident.user } : undefined;
	return {
		source: {
			ip: source.ip,
			port: source.port,
			domain: source.name,
			user,
		},
		destination,
		network: { transport: alert.transport },
		klaxon: {
			technique: alert.transport === "tcp" ? "connect" : "udp",
			service: alert.service,
			ident: identFields(alert.ident),
			data: alert.data,
			count: fold?.count,
			first: iso(fold?.first),
			last: iso(fold?.last),
			note: alert.note,
		},
	};
}

/** ECS has a category for what an intrusion detection system sees; of itself it tells an event, not an alert. */
function eventFields(alert: Alert): object {
	const network = alert.kind === "connection" || alert.kind === "sensor";
	return {
		kind: alert.kind === "sensor" ? "event" : "alert",
		category: network ? ["network"] : ["network", "intrusion_detection"],
		action: alert.kind,
		severity: severityOf(alert),
	};
}

const interfaceOf = (alert: Alert) =>
	alert.kind === "connection" ? alert.source.zone : alert.interface;

/**
 * An alert in Elastic Common Schema 8 (`event.action` is our kind); facts that ECS has no field for stand
 * under `klaxon`. `id` names the event, unique by the caller's choice. What is undefined is no field.
 */
export function ecs(alert: Alert, observer: Observer, id: string): object {
	const name = interfaceOf(alert);
	const { klaxon, ...fields } =
		alert.kind === "connection" ? connectionFields(alert) : wireFields(alert);
	return {
		"@timestamp": iso(alert.time),
		message: alertLine(alert),
		ecs: { version: ECS_VERSION },
		event: { ...eventFields(alert), id },
		...fields,
		observer: {
			...observer,
			ingress: name ? { interface: { name } } : undefined,
		},
		klaxon,
	};
}

/** `ecs` as one line of JSON. */
export const jsonLine = (
	alert: Alert,
	observer: Observer,
	id: string,
): string => JSON.stringify(ecs(alert, observer, id));
