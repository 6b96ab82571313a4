export type Sqlite = typeof import("node:sqlite");

let loading: Promise<Sqlite> | undefined;

/** Loads without the warning that node:sqlite is a release candidate: nobody who reads our log can act on it. */
async function loadQuietly(): Promise<Sqlite> {
	const { emitWarning } = process;
	const others = (warning: string | Error, ...rest: unknown[]) => {
		if (!/^SQLite is an experimental/.test(String(warning)))
			Reflect.apply(emitWarning, process, [warning, ...rest]);
	};
	process.emitWarning = others as typeof emitWarning;
	try {
		return await import("node:sqlite");
	} finally {
		process.emitWarning = emitWarning;
	}
}

/** SQLite as Node has it, loaded when it is first needed: 2 ms. */
export function loadSqlite(): Promise<Sqlite> {
	loading ??= loadQuietly();
	return loading;
}
