import { mkdtempSync, rmSync } from "node:fs";

const folders: string[] = [];

process.on("exit", () => {
	for (const folder of folders)
		rmSync(folder, { recursive: true, force: true });
});

/** A folder in /tmp that goes with this process: not every test has a /tmp of its own. */
export function temporary(name: string): string {
	const folder = mkdtempSync(`/tmp/${name}-`);
	folders.push(folder);
	return folder;
}
