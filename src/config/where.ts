import { parse } from "smol-toml";

/** TOML v1.0: comments, the four kinds of string, newlines, punctuation, anything bare. */
const TOKEN =
	/#[^\n]*|"""(?:\\[\s\S]|[^\\])*?"{3,5}|'''[\s\S]*?'{3,5}|"(?:\\.|[^"\\\n])*"|'[^'\n]*'|\n|[[\]{}=,.]|[^\s[\]{}=,.#"']+/g;

/** A place in a text, both from 1; columns in UTF-16 code units, as smol-toml counts them. */
export interface Place {
	line: number;
	column: number;
}

interface Token extends Place {
	text: string;
}

type Path = readonly PropertyKey[];

interface Cursor {
	tokens: Token[];
	at: number;
	/** Where keys and headers stand, by path. */
	keys: Map<string, Place>;
	/** Where values stand. */
	values: Map<string, Place>;
}

function tokenize(text: string): Token[] {
	const tokens: Token[] = [];
	let [line, begin, from] = [1, 0, 0];
	for (const { 0: token, index } of text.matchAll(TOKEN)) {
		for (; from < index; from++) {
			if (text[from] !== "\n") continue;
			line++;
			begin = from + 1;
		}
		if (!token.startsWith("#"))
			tokens.push({ text: token, line, column: index - begin + 1 });
	}
	return tokens;
}

const id = (path: Path): string => JSON.stringify(path.map(String));

const next = (cursor: Cursor): string | undefined =>
	cursor.tokens[cursor.at]?.text;

/** Notes where a path's key or value begins; the first time it is met counts. */
function note(cursor: Cursor, path: Path, kind: "keys" | "values"): void {
	const token = cursor.tokens[cursor.at];
	const key = id(path);
	if (token && !cursor[kind].has(key))
		cursor[kind].set(key, { line: token.line, column: token.column });
}

function skipNewlines(cursor: Cursor): void {
	while (next(cursor) === "\n") cursor.at++;
}

/** A key, dotted or not, and quoted or not. */
function readKey(cursor: Cursor): string[] {
	const keys: string[] = [];
	do {
		if (next(cursor) === ".") cursor.at++;
		const text = next(cursor) ?? "";
		keys.push(/^["']/.test(text) ? String(parse(`k=${text}`).k) : text);
		cursor.at++;
	} while (next(cursor) === ".");
	return keys;
}

/** `key = value`, in a table or between braces. */
function readPair(cursor: Cursor, path: Path): void {
	const from = cursor.at;
	const keys = readKey(cursor);
	const after = cursor.at;
	cursor.at = from;
	for (const [i] of keys.entries())
		note(cursor, [...path, ...keys.slice(0, i + 1)], "keys");
	cursor.at = after + 1; // behind the =
	readValue(cursor, [...path, ...keys]);
}

function readValue(cursor: Cursor, path: Path): void {
	note(cursor, path, "values");
	const open = next(cursor);
	if (open !== "[" && open !== "{") {
		while (!/^(?:[,\]}\n]|)$/.test(next(cursor) ?? "")) cursor.at++;
		return;
	}
	const close = open === "[" ? "]" : "}";
	cursor.at++;
	for (let i = 0; ; i++) {
		skipNewlines(cursor);
		if (next(cursor) === close || next(cursor) === undefined) break;
		if (open === "[") readValue(cursor, [...path, i]);
		else readPair(cursor, path);
		skipNewlines(cursor);
		if (next(cursor) === ",") cursor.at++;
	}
	cursor.at++;
}

/** `[table]` or `[[array of tables]]`: the path of what follows; `counts` has the tables of each array. */
function readHeader(cursor: Cursor, counts: Map<string, number>): Path {
	const from = cursor.at;
	const inArray = cursor.tokens[from + 1]?.text === "[";
	cursor.at += inArray ? 2 : 1;
	const keys = readKey(cursor);
	const after = cursor.at + (inArray ? 2 : 1);
	cursor.at = from;
	const path: PropertyKey[] = [];
	for (const [i, key] of keys.entries()) {
		path.push(key);
		note(cursor, path, "keys");
		let count = counts.get(id(path)) ?? 0;
		if (inArray && i === keys.length - 1) counts.set(id(path), ++count);
		if (count > 0) path.push(count - 1);
		note(cursor, path, "keys");
	}
	cursor.at = after;
	return path;
}

/**
 * Where in a TOML text (one that parses) something begins: paths are of keys, and of numbers for the
 * elements of arrays. `value` is where the value stands, or the table; `key` where its key does. A path
 * that isn't there is where the last of its keys that is stands.
 */
export function locate(
	text: string,
): (path: Path, what?: "key" | "value") => Place {
	const cursor: Cursor = {
		tokens: tokenize(text),
		at: 0,
		keys: new Map(),
		values: new Map(),
	};
	const counts = new Map<string, number>();
	let table: Path = [];
	for (skipNewlines(cursor); next(cursor) !== undefined; skipNewlines(cursor)) {
		if (next(cursor) === "[") table = readHeader(cursor, counts);
		else readPair(cursor, table);
	}
	const { keys, values } = cursor;
	return (path, what = "value") => {
		for (let length = path.length; length > 0; length--) {
			const key = id(path.slice(0, length));
			const isOwn = length === path.length && what === "key";
			const place = isOwn
				? (keys.get(key) ?? values.get(key))
				: (values.get(key) ?? keys.get(key));
			if (place) return place;
		}
		return { line: 1, column: 1 };
	};
}
