/** wait: peers that reset before we can accept them, as `nmap -sT` does, and nmap itself. */
import {
	addHost,
	home,
	peer,
	runIn,
	startRsyslog,
} from "../../test/system/harness.ts";
import { count, type Row } from "./table.ts";
import {
	finalTally,
	klaxonLine,
	openInetd,
	stage,
	tally,
	touch,
} from "./trap.ts";

const PORT = 7001;
const CONNECTS = 1000;
/** Few connects each, so that every one is logged singly. */
const SOURCES = 250;
const TRAPS = 20;

export function resets(): Promise<Row[]> {
	return stage(async (keep) => {
		const syslog = await keep(startRsyslog());
		await keep(openInetd(klaxonLine(PORT, "reset")));
		const { ends } = await touch(
			{
				targets: [{ port: PORT, connects: CONNECTS }],
				rounds: 1,
				sources: { net: 60, hosts: SOURCES },
				leave: "by reset",
			},
			60_000,
		);
		const { singles, folded } = await finalTally(syslog, "reset", CONNECTS);
		const told = new Set(singles);
		const named = ends.filter((end) => told.has(end)).length;
		const unknown = singles.filter((end) => end.startsWith("unknown")).length;
		const all = named === CONNECTS && singles.length === CONNECTS;
		return [
			{
				what: `${count(CONNECTS)} connects that reset at once, wait mode`,
				measured: `${count(named)} named with address and port, ${unknown} unknown`,
				target: `${count(CONNECTS)}, 0`,
				met: all && folded === 0,
			},
		];
	});
}

export function scan(): Promise<Row[]> {
	return stage(async (keep) => {
		const scanner = await addHost("scanner");
		const ports = Array.from({ length: TRAPS }, (_, i) => PORT + i);
		const traps = ports.map((port) => klaxonLine(port, `trap${port}`));
		const syslog = await keep(startRsyslog());
		await keep(openInetd(...traps));
		const range = `${ports[0]}-${ports.at(-1)}`;
		const args = ["-n", "-Pn", "-sT", "-p", range, home.ipv4];
		await runIn(scanner, peer("nmap"), args, { timeout: 30_000 });
		await syslog.waitForLines(TRAPS).catch(() => {});
		const tallies = ports.map((port) => tally(syslog, `trap${port}`));
		const alerts = tallies.flatMap(({ singles }) => singles);
		const isScanner = (end: string) => end.startsWith(`${scanner.ipv4} `);
		const rung = tallies.filter(({ singles }) => singles.some(isScanner));
		return [
			{
				what: `\`nmap -sT\` over ${TRAPS} traps in wait mode`,
				measured: `${alerts.length} alerts, ${rung.length} traps name the scanner`,
				target: `${TRAPS}, ${TRAPS}`,
				met: alerts.length === TRAPS && rung.length === TRAPS,
			},
		];
	});
}
