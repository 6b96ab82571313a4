/** What went wrong with a database, by what can be done about it. */
export type Trouble = "damaged" | "full" | "busy" | "unusable" | "other";

/** Primary result codes: sqlite.org/rescode.html. */
const TROUBLES: Record<number, Trouble> = {
	5: "busy",
	6: "busy",
	8: "unusable", // READONLY
	10: "unusable", // IOERR
	11: "damaged", // CORRUPT
	13: "full",
	14: "unusable", // CANTOPEN
	26: "damaged", // NOTADB
};
const READONLY = 8;
const CANTOPEN = 14;
/** The shared index of the write-ahead log can't grow: SQLITE_IOERR_SHMSIZE, on Linux for want of room. */
const SHMSIZE = 4874;

const codeOf = (error: unknown): number =>
	Number((error as { errcode?: unknown }).errcode ?? 0);

export function troubleOf(error: unknown): Trouble {
	const code = codeOf(error);
	return code === SHMSIZE ? "full" : (TROUBLES[code & 0xff] ?? "other");
}

const isForbidden = (error: unknown): boolean =>
	[READONLY, CANTOPEN].includes(codeOf(error) & 0xff) ||
	["EACCES", "EPERM", "EROFS"].includes(
		(error as NodeJS.ErrnoException).code ?? "",
	);

/** A sentence about `path`: the reason and the remedy. `reading` is for who never writes there. */
export function explain(path: string, error: unknown, reading = false): string {
	const { message, code } = error as NodeJS.ErrnoException;
	if (isForbidden(error))
		return reading
			? `can't read ${path} (${message}): do it as root, or as the user that tocsin runs as`
			: `can't use ${path} (${message}): it and its directory must be writable, and belong to the user that tocsin runs as`;
	if (code === "ENOENT")
		return `no directory for ${path}: make it, or name another with state = DIR`;
	switch (troubleOf(error)) {
		case "full":
			return `no room in ${path}: its disk is full, or it has grown to its limit: make room, or keep alerts for a shorter time`;
		case "busy":
			return `${path} is in use: another program writes to it for too long (fuser names it)`;
		case "damaged":
			return `${path} is damaged (${message}): move it away, and a new one is begun`;
		case "unusable":
			return `${path} can't be read or written (${message}): look after its disk`;
		default:
			return `${path}: ${message}`;
	}
}
