import type { Alert } from "./alert.ts";
import type { Ident } from "./ident.ts";
import { textLine } from "./text.ts";

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

const iso = (ms: number | undefined) =>
	ms === undefined ? undefined : new Date(ms).toISOString();

/**
 * An alert as one line of JSON in Elastic Common Schema 8 (`event.action` is our kind); facts that
 * ECS has no field for stand under `klaxon`. `id` names the event, unique by the caller's choice.
 */
export function jsonLine(alert: Alert, observer: Observer, id: string): string {
	const { source, destination, fold } = alert;
	const user =
		alert.ident?.kind === "user" ? { name: alert.ident.user } : undefined;
	return JSON.stringify({
		"@timestamp": iso(alert.time),
		message: textLine(alert),
		ecs: { version: "8.11.0" },
		event: {
			kind: "alert",
			category: ["network"],
			action: alert.kind,
			severity: 5, // syslog's notice (RFC 5424 section 6.2.1), as the line is sent
			id,
		},
		source: {
			ip: source.ip,
			port: source.port,
			domain: source.name,
			user,
		},
		destination,
		network: { transport: alert.transport },
		observer: {
			...observer,
			ingress: source.zone ? { interface: { name: source.zone } } : undefined,
		},
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
	});
}
