/** tocsin replay: what a packet costs with all detectors, against tcpdump, and as the sources grow. */
import { rmSync } from "node:fs";
import { must, peer } from "../../test/system/harness.ts";
import { TOCSIN } from "../../test/system/tocsin.ts";
import { TARGET, writeSyns } from "./synfile.ts";
import { count, median, type Row, ratio } from "./table.ts";

const PACKETS = 4_000_000;
const SOURCES = [1_000, 10_000, 100_000, 1_000_000];
const ROUNDS = 3;
const FILE = "/tmp/syns.pcap";
const LEAST_RATE = 2_000_000;
const MOST_RATIO = 4;
const MOST_GROWTH = 2;

/** Seconds of CPU that a command takes, all its threads. */
async function cpuSeconds(command: string, args: string[]): Promise<number> {
	const script = 'TIMEFORMAT="cpu %U %S"; time "$@" >/dev/null';
	const text = await must(
		"/bin/bash",
		["-c", `{ ${script}; } 2>&1`, "bash", command, ...args],
		{ timeout: 120_000, changesUser: true },
	);
	const [, user, system] = /^cpu ([\d.]+) ([\d.]+)$/m.exec(text) ?? [];
	return Number(user) + Number(system);
}

const replay = () =>
	cpuSeconds(TOCSIN, ["replay", "--home", `${TARGET}/32`, FILE]);

const copy = () => cpuSeconds(peer("tcpdump"), ["-r", FILE, "-w", "/dev/null"]);

/** The fastest of a few: what disturbs only ever adds. */
async function best(measure: () => Promise<number>): Promise<number> {
	const all: number[] = [];
	while (all.length < ROUNDS) all.push(await measure());
	return Math.min(...all);
}

async function againstTcpdump(): Promise<Row[]> {
	const own: number[] = [];
	const ratios: number[] = [];
	while (ratios.length < ROUNDS) {
		const seconds = await replay();
		own.push(seconds);
		ratios.push(seconds / (await copy()));
	}
	const rate = PACKETS / Math.min(...own);
	return [
		{
			what: `replay, ${count(PACKETS)} SYNs from 1,000,000 sources to random ports`,
			measured: `${(rate / 1e6).toFixed(2)} M packets/s of CPU time`,
			target: ">= 2 M packets/s on one core",
			met: rate >= LEAST_RATE,
		},
		{
			what: "the same, CPU against `tcpdump -r FILE -w /dev/null`",
			measured: ratio(median(ratios)),
			target: "<= 4 x",
			met: median(ratios) <= MOST_RATIO,
		},
	];
}

/** The file with the most sources comes last and stays for the comparison. */
export async function replayCost(): Promise<Row[]> {
	const costs: number[] = [];
	for (const sources of SOURCES) {
		writeSyns(FILE, PACKETS, sources);
		costs.push(await best(replay));
	}
	const growth = Math.max(...costs) / Math.min(...costs);
	const each = costs.map((seconds) => ((seconds * 1e9) / PACKETS).toFixed(0));
	const rows = await againstTcpdump();
	rmSync(FILE);
	return [
		...rows,
		{
			what: "replay, cost of a packet with 10^3, 10^4, 10^5, 10^6 sources",
			measured: `${each.join(", ")} ns: ${ratio(growth)}`,
			target: "within 2 x",
			met: growth <= MOST_GROWTH,
		},
	];
}
