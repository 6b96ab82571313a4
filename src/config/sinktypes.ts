import type { Rule } from "./rules.ts";
import type { Secret } from "./secret.ts";
import type { Target } from "./target.ts";

/** Everything but standard output, which nobody reads of a daemon. */
export type Syslog = Exclude<Target, { via: "stdout" }>;

/** When what waits for a sink leaves. */
export interface Batch {
	/** ms from the first alert of a batch until it leaves. */
	gather: number;
	/** ms between two batches, at least. */
	every: number;
	/** Alerts in a batch, at most. */
	max: number;
}

/** What every sink has. */
interface Common {
	/** Unique; rules route by it. */
	name: string;
	/** The alerts it wants; undefined: all. */
	when?: Rule | undefined;
	batch: Batch;
	/** ms in which it is told of the same source, kind and target once; what comes meanwhile is counted. Undefined: as all are. */
	limit?: number | undefined;
}

export interface FileSink extends Common {
	type: "file";
	/** Absolute; appended to. */
	path: string;
	/** `json`: one ECS object an alert; `text`: the line with its time; `cef`: ArcSight's Common Event Format. */
	format: "json" | "text" | "cef";
	/** Bytes at which it is rotated to `path.1`, and how many old ones are kept. */
	size: number;
	keep: number;
	/** In place of the line, for `text`. */
	template?: string | undefined;
}

export interface SyslogSink extends Common {
	type: "syslog";
	target: Syslog;
	/** For udp, tcp and tls. */
	format: "rfc5424" | "rfc3164";
	template?: string | undefined;
}

/** The journal of systemd, with fields (`KLAXON_KIND=scan`). */
export interface JournalSink extends Common {
	type: "journal";
	template?: string | undefined;
}

/** How mail leaves: an SMTP server, or sendmail(8). */
export type MailVia =
	| {
			via: "smtp";
			host: string;
			port: number;
			/** `starttls` demands it, `tls` is TLS from the first byte (RFC 8314), `none` is plain text. */
			security: "starttls" | "tls" | "none";
			user?: string | undefined;
			password?: Secret | undefined;
			/** A PEM file of who signs the server; undefined: the system's CAs. */
			ca?: string | undefined;
	  }
	| { via: "sendmail"; path: string };

export interface MailSink extends Common {
	type: "mail";
	/** Addresses, `ops@example.net` or `Ops <ops@example.net>`. */
	to: string[];
	from: string;
	server: MailVia;
	subject?: string | undefined;
	/** The text part; the HTML part is left out then. */
	template?: string | undefined;
}

export interface ExecSink extends Common {
	type: "exec";
	/** The program, absolute, and its arguments, which may hold placeholders. */
	argv: string[];
	/** ms until it is ended. */
	timeout: number;
	/** Runs at once, each with a batch of its own. */
	atOnce: number;
}

export const PRESETS = [
	"generic",
	"slack",
	"teams",
	"discord",
	"ntfy",
	"alertmanager",
] as const;
export type Preset = (typeof PRESETS)[number];

export interface WebhookSink extends Common {
	type: "webhook";
	preset: Preset;
	/** http or https; that of a chat is a secret. */
	url: Secret;
	method: "POST" | "PUT" | "GET";
	headers: Record<string, string>;
	/** Sent as `Authorization: Bearer`. */
	token?: Secret | undefined;
	/** Status codes that mean it was taken; empty: 200 to 299. */
	status: number[];
	/** ms for a request. */
	timeout: number;
	ca?: string | undefined;
	/** The body. */
	template?: string | undefined;
}

/** Popups of desktop sessions (org.freedesktop.Notifications), and wall(1) for terminals. */
export interface DesktopSink extends Common {
	type: "desktop";
	popup: boolean;
	wall: boolean;
	/** Whose sessions; empty: everybody's. */
	users: string[];
	template?: string | undefined;
}

/** A way out as the configuration names it. */
export type SinkConfig =
	| FileSink
	| SyslogSink
	| JournalSink
	| MailSink
	| ExecSink
	| WebhookSink
	| DesktopSink;

/** Ways out that can fail for hours: what goes there waits in the outbox, on disk. */
export const isOutboxed = (sink: SinkConfig): boolean =>
	sink.type === "mail" ||
	sink.type === "exec" ||
	sink.type === "webhook" ||
	(sink.type === "syslog" &&
		(sink.target.via === "tcp" || sink.target.via === "tls"));
