import { existsSync, statSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { queries } from "./database.ts";
import * as history from "./history.ts";
import { checkSchema } from "./schema.ts";
import { loadSqlite, type Sqlite } from "./sqlite.ts";
import type { Filter, Stored } from "./store.ts";
import { explain, troubleOf } from "./trouble.ts";

/** The history as somebody sees it who only reads; each call answers a sentence where it failed. */
export interface Reader {
	/** What is kept, in the order it came. */
	alerts(filter: Filter): Stored[] | string;
	/** The `seq` of the last that fits and is not among the `most` newest; 0 where all are. */
	beforeTail(filter: Filter, most: number): number | string;
	/** The `seq` of the last entry, 0 where there is none. */
	last(): number | string;
	/** Whether the file is still the one that was opened, and grows under our eyes. */
	isCurrent(): boolean;
	close(): void;
}

/** ms to wait for a writer; a reader of a write-ahead log hardly ever does. */
const PATIENCE = 2000;

interface Opened {
	db: DatabaseSync;
	/** Without a log: what is written later does not show. */
	frozen: boolean;
}

/**
 * Without a write-ahead log nobody writes: who may read the file but not its directory reads it as one
 * that doesn't change (sqlite.org/wal.html, section 5).
 */
function openReadOnly({ DatabaseSync }: Sqlite, path: string): Opened {
	const options = { readOnly: true, timeout: PATIENCE };
	const db = new DatabaseSync(path, options);
	try {
		db.prepare("SELECT 1 FROM sqlite_schema").get();
		return { db, frozen: false };
	} catch (error) {
		db.close();
		if (troubleOf(error) !== "unusable" || existsSync(`${path}-wal`))
			throw error;
		const url = pathToFileURL(path);
		url.searchParams.set("immutable", "1");
		return { db: new DatabaseSync(url, options), frozen: true };
	}
}

/** Opens the history at `path` for reading; a sentence where it can't be read, undefined where there is none. */
export async function openReader(
	path: string,
): Promise<Reader | string | undefined> {
	const inodeOf = () => statSync(path, { throwIfNoEntry: false })?.ino;
	const sqlite = await loadSqlite();
	try {
		const inode = inodeOf();
		if (inode === undefined) return undefined;
		const { db, frozen } = openReadOnly(sqlite, path);
		const known = checkSchema(db, path);
		if (known !== true) {
			db.close();
			return known === false ? undefined : known;
		}
		const query = queries(db);
		const attempt = <T>(work: () => T): T | string => {
			try {
				return work();
			} catch (error) {
				return explain(path, error, true);
			}
		};
		return {
			alerts: (filter) => attempt(() => history.alerts(query, filter)),
			beforeTail: (filter, most) =>
				attempt(() => history.beforeTail(query, filter, most) ?? 0),
			last: () => attempt(() => history.last(query)),
			isCurrent: () =>
				inodeOf() === inode && !(frozen && existsSync(`${path}-wal`)),
			close: () => db.close(),
		};
	} catch (error) {
		return explain(path, error, true);
	}
}
