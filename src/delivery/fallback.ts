import { hostname } from "node:os";
import { type Appender, appender } from "./append.ts";
import type { Entry, Sender } from "./sink.ts";
import { timestamp } from "./time.ts";

export interface Fallback extends Pick<Appender, "open"> {
	/** Appends the entries; false when they could not be written. */
	write(entries: Entry[]): boolean;
}

/** Where lines go when syslog can't be reached, in the shape of a syslog file. */
export function fallbackFile(path: string, sender: Sender): Fallback {
	const { open, append } = appender(path);
	return {
		open,
		write(entries) {
			const head = `${hostname()} ${sender.tag}[${sender.pid}]:`;
			const lines = entries.map(
				({ time, line }) => `${timestamp(time)} ${head} ${line}\n`,
			);
			return append(lines.join("")) === undefined;
		},
	};
}
