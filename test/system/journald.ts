import { mkdirSync, rmSync, statSync } from "node:fs";
import { must, type Peer, peer, start, waitFor } from "./harness.ts";

/** A journal entry's fields, as journalctl(1) prints them by `-o json`. */
export type Journaled = Record<string, string>;

export interface Journald extends Peer {
	/** The entries that match, `KLAXON_KIND=scan`; the oldest first. */
	entries(...matches: string[]): Promise<Journaled[]>;
	/** Waits for so many of them. */
	waitForEntries(count: number, ...matches: string[]): Promise<Journaled[]>;
}

const SOCKET = "/run/systemd/journal/socket";

/** A real systemd-journald, which keeps its journal in the sandbox's /run. */
export async function startJournald(): Promise<Journald> {
	mkdirSync("/run/log/journal", { recursive: true });
	mkdirSync("/run/systemd/journal", { recursive: true });
	rmSync(SOCKET, { force: true }); // of one that was killed
	const journald = await start(peer("systemd-journald"), [], () =>
		statSync(SOCKET, { throwIfNoEntry: false })?.isSocket(),
	);
	const entries = async (...matches: string[]) => {
		const json = ["-D", "/run/log/journal", "-o", "json", "--no-pager"];
		const text = await must(peer("journalctl"), [...json, ...matches]);
		return text
			.split("\n")
			.filter(Boolean)
			.map((line): Journaled => JSON.parse(line));
	};
	const waitForEntries = async (count: number, ...matches: string[]) => {
		let found: Journaled[] = [];
		await waitFor(
			() => `${count} entries in ${JSON.stringify(found)}`,
			async () => {
				found = await entries(...matches);
				return found.length >= count;
			},
			10_000,
		);
		return found;
	};
	return { ...journald, entries, waitForEntries };
}
