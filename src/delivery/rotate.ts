import { renameSync, rmSync } from "node:fs";

/** Renames a file that need not be there. */
function move(from: string, to: string): void {
	try {
		renameSync(from, to);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
	}
}

/**
 * Makes room at `path`: it becomes `path.1`, that `path.2` and so on, and of the old ones `keep` stay. Links are
 * renamed and never followed. A reason when it can't; nothing that was to be kept is lost then.
 */
export function rotate(path: string, keep: number): string | undefined {
	try {
		for (let i = keep - 1; i >= 1; i--)
			move(`${path}.${i}`, `${path}.${i + 1}`);
		if (keep > 0) move(path, `${path}.1`);
		else rmSync(path, { force: true });
		return undefined;
	} catch (error) {
		return (error as Error).message;
	}
}
