import {
	chownSync,
	closeSync,
	constants,
	lstatSync,
	openSync,
	renameSync,
	statSync,
} from "node:fs";
import { dirname } from "node:path";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { makeSchema } from "./schema.ts";
import type { Sqlite } from "./sqlite.ts";
import { explain, troubleOf } from "./trouble.ts";

/** A prepared statement of this text, the same each time. */
export type Query = (sql: string) => StatementSync;

/** A database file that is opened anew when it was moved away, damaged or out of reach. */
export interface Database {
	/** What `work` answers; a sentence where SQLite threw. */
	read<T>(work: (query: Query) => T): T | string;
	/** The same in a transaction: where it threw, nothing was changed. */
	write<T>(work: (query: Query) => T): T | string;
	close(): void;
}

export interface DatabaseOptions {
	tell(sentence: string): void;
	/** ms to wait for another process. */
	patience: number;
	/** Bytes the file never exceeds. */
	most?: number | undefined;
}

/** An open file. */
interface Base {
	db: DatabaseSync;
	query: Query;
	inode: number;
}

/** Bytes of a page: SQLite's default. */
const PAGE = 4096;
/** KiB of pages in memory: an insertion touches a few, and Linux keeps the others. */
const CACHE = 1024;
/** Bytes of the write-ahead log that stay allocated: with them a full disk still lets alerts be removed. */
const WAL_KEPT = 4 << 20;
/** ms between attempts to change the journal's mode, which SQLite does not wait for. */
const RETRY_MS = 20;

/** A database that ends with its process, where there is no place for a file. */
const MEMORY = ":memory:";

const inodeOf = (path: string): number =>
	statSync(path, { throwIfNoEntry: false })?.ino ?? 0;

/** Makes the file, for its owner and group, where there is none; root leaves it to the directory's owner. */
function makeFile(path: string): void {
	const { O_CREAT, O_EXCL, O_RDWR } = constants;
	const found = lstatSync(path, { throwIfNoEntry: false });
	if (found?.isFile()) return;
	if (found) throw new Error("it is no regular file: move it away");
	try {
		closeSync(openSync(path, O_CREAT | O_EXCL | O_RDWR, 0o640));
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
	}
	if (process.getuid?.() === 0) {
		const { uid, gid } = statSync(dirname(path));
		chownSync(path, uid, gid);
	}
}

export function queries(db: DatabaseSync): Query {
	const prepared = new Map<string, StatementSync>();
	return (sql) => {
		let statement = prepared.get(sql);
		if (!statement) {
			statement = db.prepare(sql);
			prepared.set(sql, statement);
		}
		return statement;
	};
}

/** Settings of a connection; those of the file only bite while it is empty. */
function settle(db: DatabaseSync, most: number | undefined): void {
	db.exec(
		`PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL;
		PRAGMA synchronous = NORMAL; PRAGMA cache_size = -${CACHE};
		PRAGMA journal_size_limit = ${WAL_KEPT}; PRAGMA temp_store = MEMORY;`,
	);
	if (most !== undefined)
		db.exec(`PRAGMA max_page_count = ${Math.ceil(most / PAGE)}`);
}

/** Opens the file, made where there is none; a sentence where it isn't ours. Throws what SQLite throws. */
function openFile(
	{ DatabaseSync }: Sqlite,
	path: string,
	{ patience, most }: DatabaseOptions,
): Base | string {
	if (path !== MEMORY) makeFile(path);
	const db = new DatabaseSync(path, { timeout: patience });
	try {
		settle(db, most);
		const refused = makeSchema(db, path);
		if (refused === undefined)
			return { db, query: queries(db), inode: inodeOf(path) };
		db.close();
		return refused;
	} catch (error) {
		db.close();
		throw error;
	}
}

/** Keeps a damaged file under another name, with its log; a sentence of what was done, or why it couldn't be. */
function setAside(path: string, inode: number): string | undefined {
	if (inodeOf(path) !== inode) return undefined; // another process was faster
	const time = new Date().toISOString().replace(/[-:]|\..*/g, "");
	const kept = `${path}.damaged-${time}`;
	for (const suffix of ["-wal", "-shm", ""]) {
		if (inodeOf(path + suffix) === 0) continue;
		try {
			renameSync(path + suffix, kept + suffix);
		} catch (error) {
			return `${path} is damaged and can't be set aside: ${(error as Error).message}`;
		}
	}
	return `${path} was damaged: it is kept as ${kept}, and a new one is begun`;
}

/** Opens a database; a damaged one is set aside for a new one, which is told. A sentence where neither can be had. */
export async function openDatabase(
	sqlite: Sqlite,
	path: string,
	options: DatabaseOptions,
): Promise<Database | string> {
	const { patience } = options;
	let told: string | undefined;
	let base: Base | undefined;
	let closed = false;

	function tell(sentence: string | undefined): void {
		if (sentence !== undefined && sentence !== told) options.tell(sentence);
		told = sentence;
	}

	function tryOpen(): string | undefined {
		const opened = openFile(sqlite, path, options);
		if (typeof opened === "string") return opened;
		base = opened;
		return undefined;
	}

	function shut(): void {
		try {
			base?.db.close();
		} catch {} // what can't be closed is left
		base = undefined;
	}

	/** Opens what is no longer open. */
	function open(): string | undefined {
		const inode = inodeOf(path);
		try {
			return tryOpen();
		} catch (error) {
			if (troubleOf(error) !== "damaged") throw error;
			tell(setAside(path, inode));
			return tryOpen();
		}
	}

	function attempt<T>(work: (base: Base) => T): T | string {
		try {
			if (closed) return `${path} is closed`;
			if (base && inodeOf(path) !== base.inode) shut();
			const refused = base ? undefined : open();
			return refused ?? work(base as unknown as Base);
		} catch (error) {
			return explain(path, error);
		}
	}

	/** The answer, after a second attempt where the file was damaged; what can't be reached is opened anew next time. */
	function run<T>(work: (base: Base) => T): T | string {
		return attempt((base) => {
			try {
				return work(base);
			} catch (error) {
				const trouble = troubleOf(error);
				if (trouble === "damaged" || trouble === "unusable") shut();
				if (trouble !== "damaged") throw error;
				tell(setAside(path, base.inode));
				const again = attempt(work);
				if (typeof again !== "string") return again;
				throw new Error(again);
			}
		});
	}

	const transact =
		<T>(work: (query: Query) => T) =>
		({ db, query }: Base): T => {
			query("BEGIN IMMEDIATE").run();
			try {
				const result = work(query);
				query("COMMIT").run();
				return result;
			} catch (error) {
				if (db.isTransaction) db.exec("ROLLBACK");
				throw error;
			}
		};

	// SQLite doesn't wait for others while the journal's mode changes
	for (const end = Date.now() + patience; ; await sleep(RETRY_MS)) {
		try {
			const refused = open();
			if (refused !== undefined) return refused;
			break;
		} catch (error) {
			if (troubleOf(error) !== "busy" || Date.now() > end)
				return explain(path, error);
		}
	}
	return {
		read: (work) => run(({ query }) => work(query)),
		write: (work) => run(transact(work)),
		close() {
			closed = true;
			shut();
		},
	};
}
