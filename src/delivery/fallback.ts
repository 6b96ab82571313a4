import { closeSync, constants, fstatSync, openSync, writeSync } from "node:fs";
import { hostname } from "node:os";
import type { Entry, Sender } from "./sink.ts";

/** Bytes; an attacker who outlasts the syslog daemon must not fill the disk. */
const MAX_FILE = 100 << 20;

export interface Fallback {
	/** Opens the file now, while the process still may; false when it can't. */
	open(): boolean;
	/** Appends the entries; false when they could not be written. */
	write(entries: Entry[]): boolean;
}

/** RFC 3339 in local time with its offset, to the millisecond. */
export function timestamp(ms: number): string {
	const offset = -new Date(ms).getTimezoneOffset();
	const local = new Date(ms + offset * 60_000).toISOString().slice(0, -1);
	const [h, m] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60];
	const pad = (n: number) => String(n).padStart(2, "0");
	return `${local}${offset < 0 ? "-" : "+"}${pad(h)}:${pad(m)}`;
}

/** Where lines go when syslog can't be reached: a file that is only ever appended to, 100 MiB at most. */
export function fallbackFile(path: string, sender: Sender): Fallback {
	const { O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_WRONLY } = constants;
	let fd: number | undefined;
	const open = () => {
		try {
			fd ??= openSync(
				path,
				O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_WRONLY,
				0o640,
			);
			return true;
		} catch {
			return false;
		}
	};
	const close = () => {
		if (fd !== undefined) closeSync(fd);
		fd = undefined;
	};
	return {
		open,
		write(entries) {
			const head = `${hostname()} ${sender.tag}[${sender.pid}]:`;
			const text = entries
				.map(({ time, line }) => `${timestamp(time)} ${head} ${line}\n`)
				.join("");
			if (!open() || fd === undefined) return false;
			try {
				if (fstatSync(fd).size + text.length > MAX_FILE) return false;
				return writeSync(fd, text) === text.length;
			} catch {
				close();
				return false;
			}
		},
	};
}
