import { findUser } from "../trap/privileges.ts";

/** What a user may ask, by the number that the kernel vouches for. */
export interface Allowed {
	/** Whose alerts are taken. */
	handover(uid: number): boolean;
	/** Whose desktop is told. */
	subscribe(uid: number): boolean;
}

/** systemd.exec(5), DynamicUser=: these are given to services, never to people. */
const DYNAMIC = { first: 61_184, last: 65_519 };

const isDynamic = (uid: number) => uid >= DYNAMIC.first && uid <= DYNAMIC.last;

/** The numbers of users; the sentence that names one that isn't there. `passwd` is the text of a passwd(5) file. */
export function uidsOf(
	names: readonly string[],
	passwd: string,
): Set<number> | string {
	const uids = new Set<number>();
	for (const name of names) {
		const user = findUser(name, passwd);
		if (!user) return `unknown user '${name}': it is not in /etc/passwd`;
		uids.add(user.uid);
	}
	return uids;
}

/**
 * Alerts are taken from root, from our own user, from services under systemd's DynamicUser= and from
 * `handover`; popups go to `desktop`, to everybody where it is empty. The status is for everybody: it
 * counts, and names no address that was heard and nothing of an alert.
 */
export const allowedOf = (
	own: number,
	handover: ReadonlySet<number>,
	desktop: ReadonlySet<number>,
): Allowed => ({
	handover: (uid) =>
		uid === 0 || uid === own || isDynamic(uid) || handover.has(uid),
	subscribe: (uid) => desktop.size === 0 || desktop.has(uid),
});
