import {
	chownSync,
	mkdirSync,
	readFileSync,
	renameSync,
	statSync,
	writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import * as z from "zod/mini";
import type { KnownServer } from "../detect/known.ts";
import { KNOWN_SERVERS } from "../detect/params.ts";
import { findUser } from "../trap/privileges.ts";

/** Bytes of the file that are read: `KNOWN_SERVERS` of some 300 bytes each, and room. */
const MAX_FILE = 1 << 20;

const short = z.string().check(z.maxLength(300));

/** Lists of what a server tells its clients have at most 16 networks of IPv6, 43 characters each. */
const fact = z.string().check(z.maxLength(1000));
const factName = z.string().check(z.regex(/^[a-z\d]{1,32}$/));

const server = z.strictObject({
	kind: z.enum(["dhcp", "dhcp6", "ra"]),
	interface: short,
	vlan: z.number(),
	ip: short,
	mac: z.optional(short),
	id: z.optional(short),
	facts: z.record(factName, fact),
	first: z.number(),
});

const file = z.strictObject({
	version: z.literal(1),
	servers: z.array(server).check(z.maxLength(KNOWN_SERVERS)),
});

/** The file of the servers and routers that were learned, in the directory for what tocsin remembers. */
const pathOf = (state: string) => `${state}/learned.json`;

/** When what was learned was written last, ms since the epoch; 0 where nothing was. */
export function learnedAt(state: string): number {
	return statSync(pathOf(state), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** What was learned; nothing where there is no file. A sentence where it can't be read. */
export function loadLearned(state: string): KnownServer[] | string {
	const path = pathOf(state);
	try {
		const text = readFileSync(path, "utf8");
		if (text.length > MAX_FILE) return `${path} is larger than 1 MiB`;
		const read = file.safeParse(JSON.parse(text));
		return read.success
			? read.data.servers
			: `${path} is not what tocsin wrote: remove it, and it will learn anew`;
	} catch (error) {
		const { code, message } = error as NodeJS.ErrnoException;
		if (code === "ENOENT") return [];
		return code === undefined
			? `${path} is cut off or damaged: remove it, and tocsin will learn anew`
			: `can't read what was learned: ${message}`;
	}
}

/** Keeps what was learned, whole or not at all; the sentence that says why it can't. Root leaves it to the directory's owner. */
export function saveLearned(
	state: string,
	servers: readonly KnownServer[],
): string | undefined {
	const path = pathOf(state);
	const fresh = `${path}.new`;
	try {
		const text = JSON.stringify({ version: 1, servers }, null, "\t");
		writeFileSync(fresh, `${text}\n`, { mode: 0o644, flush: true });
		if (process.getuid?.() === 0) {
			const { uid, gid } = statSync(state);
			chownSync(fresh, uid, gid);
		}
		renameSync(fresh, path);
		return undefined;
	} catch (error) {
		return `can't keep what was learned: ${(error as Error).message}`;
	}
}

/** Makes the directory for what tocsin remembers and gives it to `user`, as only root can; trouble shows when it is used. */
export function prepareState(state: string, user: string): void {
	const found = findUser(user, readFileSync("/etc/passwd", "latin1"));
	try {
		mkdirSync(state, { recursive: true, mode: 0o755 });
		if (found && statSync(state).uid === 0)
			chownSync(state, found.uid, found.gid);
	} catch {}
}

/** Makes the directory of the local socket and gives it to `user`; one that is there is left as it is, it may be /run. */
export function prepareSocket(path: string, user: string): void {
	const found = findUser(user, readFileSync("/etc/passwd", "latin1"));
	try {
		const made = mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
		if (found && made) chownSync(dirname(path), found.uid, found.gid);
	} catch {}
}
