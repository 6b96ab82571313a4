/** Traps under a real super-server, who touches them, and what a real syslog daemon got of it. */
import { cpSync, existsSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import {
	childrenOf,
	must,
	type Peer,
	privileged,
	type Rsyslog,
	root,
	startInetd,
	waitFor,
} from "../../test/system/harness.ts";
import type { Outcome, Plan } from "./client.ts";

/** Our copy: a build meanwhile must not change what is measured. */
export const KLAXON = "/tmp/dist/klaxon";
/** Whom inetd runs a trap as; an unprivileged sandbox knows root alone. */
const USER = privileged ? "nobody" : "root";

export function copyKlaxon(): void {
	cpSync(`${root}/dist`, dirname(KLAXON), { recursive: true });
}

/** A line of inetd.conf. `nowait` lifts the limit on starts, by default 256 a minute. */
export function inetdLine(
	port: number,
	mode: "wait" | "nowait",
	command: string,
): string {
	const starts = mode === "nowait" ? "nowait.65535" : mode;
	return `${port} stream tcp ${starts} ${USER} ${command}\n`;
}

export const klaxonLine = (port: number, service: string): string =>
	inetdLine(port, "wait", `${KLAXON} klaxon -n ${service}`);

/** Starts peers that are stopped in the end, whatever happens. */
export async function stage<T>(
	act: (keep: <P extends Peer>(peer: Promise<P>) => Promise<P>) => Promise<T>,
): Promise<T> {
	const peers: Peer[] = [];
	try {
		return await act(async (peer) => {
			peers.unshift(await peer);
			return peer;
		});
	} finally {
		for (const peer of peers) await peer.stop();
	}
}

export const openInetd = (...lines: string[]): Promise<Peer> =>
	startInetd("openbsd", lines.join(""));

/** Runs the client to its end. */
export async function touch(plan: Plan, timeout: number): Promise<Outcome> {
	const client = `${import.meta.dirname}/client.ts`;
	const args = [client, JSON.stringify(plan)];
	return JSON.parse(await must(process.execPath, args, { timeout }));
}

/** The process that inetd started with this word on its command line. */
export function childOf(inetd: Peer, word: string): number {
	const found = childrenOf(inetd.pid).find((pid) =>
		readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(word),
	);
	if (found === undefined) throw new Error(`no process ${word} under inetd`);
	return found;
}

/** Tells a trap to leave, which tells its folds first. */
export async function dismiss(pid: number): Promise<void> {
	process.kill(pid, "SIGTERM");
	await waitFor(`${pid} to end`, () => !existsSync(`/proc/${pid}`), 30_000);
}

/** What syslog got from a trap. */
export interface Tally {
	/** "ADDRESS PORT" of each single alert. */
	singles: string[];
	/** Encounters within folds. */
	folded: number;
	/** Alerts that fold encounters. */
	folds: number;
}

const ALERT =
	/^ALERT: host (\S+) accessing port (\S+)(?: (\d+) more times in \d+s)?(?:.* sport=(\d+))?/;

export function tally(syslog: Rsyslog, service: string): Tally {
	const sum: Tally = { singles: [], folded: 0, folds: 0 };
	for (const { message } of syslog.lines()) {
		const [, host, port, more, sport] = ALERT.exec(message) ?? [];
		if (port !== service) continue;
		if (more === undefined) sum.singles.push(`${host} ${sport}`);
		else {
			sum.folds++;
			sum.folded += Number(more);
		}
	}
	return sum;
}

export const total = ({ singles, folded }: Tally): number =>
	singles.length + folded;

/** The tally when all `encounters` have arrived, or what there is of them after a while. */
export async function finalTally(
	syslog: Rsyslog,
	service: string,
	encounters: number,
): Promise<Tally> {
	const arrived = () => total(tally(syslog, service)) >= encounters;
	await waitFor("the last line", arrived, 5000).catch(() => {});
	return tally(syslog, service);
}
