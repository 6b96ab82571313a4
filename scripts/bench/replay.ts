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
/** M packets a second. */
const LEAST_RATE = 2;
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

interface Comparison {
	/** M packets a second of CPU time, and CPU as a multiple of tcpdump's. */
	rate: number;
	multiple: number;
}

async function againstTcpdump(): Promise<Comparison> {
	const own: number[] = [];
	const ratios: number[] = [];
	while (ratios.length < ROUNDS) {
		const seconds = await replay();
		own.push(seconds);
		ratios.push(seconds / (await copy()));
	}
	const rate = PACKETS / Math.min(...own) / 1e6;
	return { rate, multiple: median(ratios) };
}

/** Costs as the sources grow; the file with the most stays. */
async function growth(): Promise<Row> {
	const costs: number[] = [];
	for (const sources of SOURCES) {
		writeSyns(FILE, PACKETS, sources);
		costs.push(await best(replay));
	}
	const factor = Math.max(...costs) / Math.min(...costs);
	const each = costs.map((seconds) => ((seconds * 1e9) / PACKETS).toFixed(0));
	return {
		what: "replay, cost of a packet with 10^3, 10^4, 10^5, 10^6 sources, random ports",
		measured: `${each.join(", ")} ns: ${ratio(factor)}`,
		target: "within 2 x",
		met: factor <= MOST_GROWTH,
	};
}

export async function replayCost(): Promise<Row[]> {
	const grown = await growth();
	const scattered = await againstTcpdump();
	writeSyns(FILE, PACKETS, 1_000_000, 80);
	const flood = await againstTcpdump();
	rmSync(FILE);
	return [
		{
			what: `replay, ${count(PACKETS)} SYNs from 1,000,000 sources to one port`,
			measured: `${flood.rate.toFixed(2)} M packets/s of CPU time`,
			target: `>= ${LEAST_RATE} M packets/s on one core`,
			met: flood.rate >= LEAST_RATE,
		},
		{
			what: "the same, CPU against `tcpdump -r FILE -w /dev/null`",
			measured: ratio(flood.multiple),
			target: `<= ${MOST_RATIO} x`,
			met: flood.multiple <= MOST_RATIO,
		},
		{
			what: "the same to random ports, for information",
			measured: `${scattered.rate.toFixed(2)} M packets/s, ${ratio(scattered.multiple)} tcpdump`,
		},
		grown,
	];
}
