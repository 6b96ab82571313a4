import type { DatabaseSync } from "node:sqlite";

/** Of the tables below: `PRAGMA user_version`. A change needs a new number, and steps from the one before. */
const VERSION = 1;
/** `tocs`, in the header (`PRAGMA application_id`): file(1) shows it, and no other program's file is taken for ours. */
const APPLICATION = 0x746f6373;

/**
 * Times are ms since the epoch; REAL, since a capture file may claim any. `source` is an address of 16
 * bytes, IPv4 mapped, so that a network is a range. What is no news belongs to one sink, not to the history. What waits lies in order under its sink.
 */
const TABLES = `
CREATE TABLE alert (
	seq INTEGER PRIMARY KEY AUTOINCREMENT,
	id TEXT NOT NULL UNIQUE,
	time REAL NOT NULL,
	kind TEXT,
	level TEXT NOT NULL,
	source BLOB,
	line TEXT NOT NULL,
	alert TEXT,
	news INTEGER NOT NULL
) STRICT;
CREATE INDEX alert_time ON alert (time);
CREATE TABLE outbox (
	sink TEXT NOT NULL,
	seq INTEGER NOT NULL,
	queued REAL NOT NULL,
	PRIMARY KEY (sink, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE dead (
	seq INTEGER NOT NULL,
	sink TEXT NOT NULL,
	why TEXT NOT NULL,
	time REAL NOT NULL,
	PRIMARY KEY (seq, sink)
) STRICT, WITHOUT ROWID;
CREATE TABLE sink (
	name TEXT PRIMARY KEY,
	sent REAL NOT NULL DEFAULT 0,
	owner TEXT,
	until REAL NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE TABLE fold (
	id INTEGER PRIMARY KEY,
	key TEXT NOT NULL UNIQUE,
	opened REAL NOT NULL,
	closes REAL NOT NULL,
	told INTEGER NOT NULL,
	count INTEGER NOT NULL,
	first REAL NOT NULL,
	last REAL NOT NULL,
	alert TEXT NOT NULL
) STRICT;
CREATE INDEX fold_closes ON fold (closes);
PRAGMA application_id = ${APPLICATION};
PRAGMA user_version = ${VERSION};
`;

const pragma = (db: DatabaseSync, name: string): unknown =>
	Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0];

const isEmpty = (db: DatabaseSync): boolean =>
	db.prepare("SELECT 1 FROM sqlite_schema").get() === undefined;

/** Whether the tables are there and ours; a sentence where they can't be used. Throws what SQLite throws. */
export function checkSchema(db: DatabaseSync, path: string): boolean | string {
	const version = Number(pragma(db, "user_version"));
	if (version === 0 && isEmpty(db)) return false;
	if (pragma(db, "application_id") !== APPLICATION)
		return `${path} is another program's database: move it away, or name another directory with state = DIR`;
	return version === VERSION
		? true
		: `${path} was written by a newer tocsin (schema ${version}, this one knows ${VERSION}): install that one again, or move the file away`;
}

/** Makes the tables where there are none; a sentence where others are. Throws what SQLite throws. */
export function makeSchema(db: DatabaseSync, path: string): string | undefined {
	const there = checkSchema(db, path);
	if (there !== false) return there === true ? undefined : there;
	db.exec("BEGIN IMMEDIATE");
	// another process may have made them while we waited
	const now = checkSchema(db, path);
	if (now === false) db.exec(TABLES);
	db.exec("COMMIT");
	return typeof now === "string" ? now : undefined;
}
