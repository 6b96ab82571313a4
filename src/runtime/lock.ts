import { closeSync, constants, openSync } from "node:fs";
import koffi from "koffi";

/** <sys/file.h> */
const LOCK_EX = 2;
const LOCK_NB = 4;

const libc = koffi.load("libc.so.6");
const flock = libc.func("int flock(int fd, int operation)");

/** Nobody else may open it, and so nobody else can hold it. */
const MODE = 0o600;

/**
 * Locks a file of its own, which is made where it isn't there (flock(2)): until its descriptor, which is
 * answered, is closed, at the latest when this process ends. Undefined while somebody else has it; throws
 * where it can't be opened.
 */
export function lockFile(path: string): number | undefined {
	const { O_RDWR, O_CREAT, O_NOFOLLOW } = constants;
	const fd = openSync(path, O_RDWR | O_CREAT | O_NOFOLLOW, MODE);
	if (flock(fd, LOCK_EX | LOCK_NB) === 0) return fd;
	closeSync(fd);
	return undefined;
}
