import type { Alert } from "../alert/alert.ts";

/** One line on its way out: an alert, or a word about klaxon itself. */
export interface Entry {
	/** ms since the epoch */
	time: number;
	/** A syslog level as logger(1) names it: `notice`. */
	level: string;
	/** Printable ASCII, no newline, at most 1,024 bytes. */
	line: string;
	alert?: Alert;
	/** Unique, the same in every sink and after a restart: ECS `event.id`. */
	id?: string;
	/** Names of the sinks it goes to beside the syslog; undefined: all. */
	to?: readonly string[];
}

/** What every line of this process carries in syslog. */
export interface Sender {
	/** A syslog facility as logger(1) names it: `auth`. */
	facility: string;
	tag: string;
	pid: number;
}

/** A way out. */
export interface Sink {
	/** Resolves to undefined when all entries were taken, else to the reason why not; never rejects. */
	deliver(entries: Entry[]): Promise<string | undefined>;
	/** Lets go of connections; resolves to a reason when what was written may not have arrived. */
	close(): Promise<string | undefined>;
}
