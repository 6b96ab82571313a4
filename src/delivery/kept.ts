import { openStore, type Retention, type Store } from "./store.ts";

/** Times the size of the history: what waits for a sink is never removed, and must not fill the disk. */
const FILE_SHARE = 2;

/** What a configuration says of what is kept. */
export interface Keeping {
	/** None in a replay, which keeps nothing. */
	state: string | undefined;
	history: Retention;
}

/** The database in the directory for what tocsin remembers. */
export const databaseIn = (state: string | undefined): string =>
	`${state}/alerts.db`;

/** Opens the database that tocsin and klaxons share; a sentence where it can't be used. */
export const openKept = (
	{ state, history }: Keeping,
	tell: (sentence: string) => void,
): Promise<Store | string> =>
	openStore(databaseIn(state), { tell, most: FILE_SHARE * history.size });
