import {
	closeSync,
	constants,
	fstatSync,
	lstatSync,
	openSync,
	readSync,
	writeSync,
} from "node:fs";

/** Bytes; an attacker must not fill the disk. */
export const MAX_FILE = 100 << 20;

const NEWLINE = 0x0a;

/** A file that is only ever appended to. */
export interface Appender {
	/** Opens it now, while the process still may; a reason when it can't. */
	open(): string | undefined;
	/** Appends a text whole, opening the file where needed; a reason when it can't. After an attempt that failed half-way it begins a new line. */
	append(text: string): string | undefined;
	/** Bytes it has; 0 where it can't be opened. */
	size(): number;
	/** Whether it still stands at its path, and nothing else there. */
	isInPlace(): boolean;
	/** Lets go of it, so that the next attempt opens anew. */
	close(): void;
}

/** What a call comes to, or the message of what it throws. */
function attempt(work: () => void): string | undefined {
	try {
		work();
		return undefined;
	} catch (error) {
		return (error as Error).message;
	}
}

/** Whether a file ends within a line, as one does after a full disk. What can't be read is believed to be whole. */
function isTorn(path: string): boolean {
	const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;
	let torn = false;
	attempt(() => {
		const fd = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
		const last = new Uint8Array(1);
		const { size } = fstatSync(fd);
		attempt(() => {
			torn = size > 0 && readSync(fd, last, 0, 1, size - 1) === 1;
			torn &&= last[0] !== NEWLINE;
		});
		closeSync(fd);
	});
	return torn;
}

/** Appends to `path`, never through a symbolic link, readable by owner and group, up to `max` bytes. */
export function appender(path: string, max = MAX_FILE): Appender {
	const { O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_WRONLY } = constants;
	const flags = O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_WRONLY;
	let fd: number | undefined;
	let torn = false;
	const open = () => {
		if (fd !== undefined) return fd;
		fd = openSync(path, flags, 0o640);
		torn = isTorn(path);
		return fd;
	};
	const close = () => {
		if (fd !== undefined) closeSync(fd);
		fd = undefined;
	};
	const write = (text: string) => {
		const file = open();
		const bytes = Buffer.from(torn ? `\n${text}` : text);
		if (fstatSync(file).size + bytes.length > max)
			throw new Error(`${path} has reached its ${max >> 20} MiB`);
		try {
			if (writeSync(file, bytes) !== bytes.length)
				throw new Error(`${path}: no space left on device`);
			torn = false;
		} catch (error) {
			close(); // there may be room again: the next attempt opens anew
			throw error;
		}
	};
	return {
		open: () => attempt(open),
		append: (text) => attempt(() => write(text)),
		size() {
			let size = 0;
			attempt(() => {
				size = fstatSync(open()).size;
			});
			return size;
		},
		isInPlace() {
			if (fd === undefined) return false;
			const ours = fstatSync(fd);
			let isOurs = true; // where we may not even look
			attempt(() => {
				const there = lstatSync(path, { throwIfNoEntry: false });
				isOurs = there?.ino === ours.ino && there.dev === ours.dev;
			});
			return isOurs;
		},
		close,
	};
}
