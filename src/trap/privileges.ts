import { readFileSync } from "node:fs";

/** The numeric user and group of a name in a passwd(5) file. */
export function findUser(
	name: string,
	file: string,
): { uid: number; gid: number } | undefined {
	for (const line of file.split("\n")) {
		const [user, , uid, gid] = line.split(":");
		if (user === name && uid && gid)
			return { uid: Number(uid), gid: Number(gid) };
	}
	return undefined;
}

/**
 * Gives up root for `name`, groups first, and checks that it can't come back; nothing to do for
 * somebody else or for `root`. Answers a sentence where it failed: then the process must end.
 */
export function dropPrivileges(name: string): string | undefined {
	if (process.getuid?.() !== 0 || name === "root") return undefined;
	const user = findUser(name, readFileSync("/etc/passwd", "latin1"));
	if (!user) return `unknown user '${name}': it is not in /etc/passwd`;
	try {
		process.setgroups?.([]);
		process.setgid?.(user.gid);
		process.setuid?.(user.uid);
	} catch (error) {
		return `can't become user '${name}': ${(error as Error).message}`;
	}
	const stays = process.getuid?.() === 0 || process.getgid?.() === 0;
	return stays && user.uid !== 0
		? `can't give up root for '${name}'`
		: undefined;
}
