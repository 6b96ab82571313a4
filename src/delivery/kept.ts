import { openStore, type Retention, type Store } from "./store.ts";

/** Times the size of the history: what waits for a sink is never removed, and must not fill the disk. */
const FILE_SHARE = 2;

/** What a configuration says of what is kept. */
export interface Keeping {
	/** None in a replay, which keeps nothing. */
	state: string | undefined;
	history: Retention;
}

/** Opens the database that tocsin and klaxons share; a sentence where it can't be used. */
export const openKept = (
	{ state, history }: Keeping,
	tell: (sentence: string) => void,
): Promise<Store | string> =>
	openStore(`${state}/alerts.db`, { tell, most: FILE_SHARE * history.size });
