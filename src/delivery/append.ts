import { closeSync, constants, fstatSync, openSync, writeSync } from "node:fs";

/** Bytes; an attacker must not fill the disk. */
const MAX_FILE = 100 << 20;

/** A file that is only ever appended to. */
export interface Appender {
	/** Opens it now, while the process still may; a reason when it can't. */
	open(): string | undefined;
	/** Appends a text whole, opening the file where needed; a reason when it can't. */
	append(text: string): string | undefined;
}

/** Appends to `path`, never through a symbolic link, readable by owner and group, 100 MiB at most. */
export function appender(path: string): Appender {
	const { O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_WRONLY } = constants;
	const flags = O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_WRONLY;
	let fd: number | undefined;
	const attempt = (work: () => void): string | undefined => {
		try {
			work();
			return undefined;
		} catch (error) {
			return (error as Error).message;
		}
	};
	const open = () => {
		fd ??= openSync(path, flags, 0o640);
		return fd;
	};
	return {
		open: () => attempt(open),
		append: (text) =>
			attempt(() => {
				const file = open();
				if (fstatSync(file).size + text.length > MAX_FILE)
					throw new Error(`${path} has reached its 100 MiB`);
				try {
					if (writeSync(file, text) !== text.length)
						throw new Error(`${path} is full`);
				} catch (error) {
					closeSync(file); // the next attempt opens anew: there may be room again
					fd = undefined;
					throw error;
				}
			}),
	};
}
