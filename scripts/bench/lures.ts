/** What it costs tocsin to ask: one cycle of all lures on eight interfaces, by itself and in a watch. */
import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Libpcap } from "../../src/capture/handle.ts";
import { loadLibpcap } from "../../src/capture/libpcap.ts";
import { parseConfig } from "../../src/config/config.ts";
import { createAgenda } from "../../src/detect/agenda.ts";
import { createDhcpLure } from "../../src/lure/dhcp.ts";
import { createDhcp6Lure } from "../../src/lure/dhcp6.ts";
import type { Lure, LureWorld } from "../../src/lure/lure.ts";
import { createPoisonLure } from "../../src/lure/poison.ts";
import { createRaLure } from "../../src/lure/ra.ts";
import { lately, lureInterfaces } from "../../src/watch/lures.ts";
import { createRandom } from "../../src/watch/random.ts";
import { addHost, must, peer } from "../../test/system/harness.ts";
import { startTocsin } from "../../test/system/tocsin.ts";
import { cpuMs } from "./cpu.ts";
import { count, median, type Row } from "./table.ts";

const INTERFACES = 8;
/** Cycles by itself: those before the code is compiled are left out. */
const CYCLES = 30;
const COLD = 15;
/** Seconds between the cycles of a watch, the shortest there may be, and how many are looked at. */
const EVERY = 10;
const WATCHED = 4;
const MOST_MS = 5;
const TABLES = ["poison", "dhcp", "dhcp6", "ra"];

interface Cycle {
	/** ms of CPU: planned, made and sent, without the waiting in between. */
	ms: number;
	frames: number;
}

/** What one cycle of the names' lure costs, and one of the servers' three, by themselves. */
async function byItself(): Promise<{ names: Cycle; servers: Cycle }> {
	const lib = loadLibpcap() as Libpcap;
	const config = parseConfig("none", "");
	if (Array.isArray(config)) throw new Error(config.join());
	const { poison, dhcp, dhcp6, ra } = config.lures;
	const agenda = createAgenda();
	let [frames, now] = [0, 1];
	const world: LureWorld = {
		agenda,
		random: createRandom(),
		interfaces: lately(() => lureInterfaces(lib, ["ask*"])),
		send(name, frame) {
			if (lib.send(name, frame) === undefined) frames++;
		},
	};
	const about = { asked() {}, hasWpad: async () => false, hostname: "bench" };
	const names = [createPoisonLure(poison, { ...world, ...about })];
	const servers = [
		createDhcpLure(dhcp, world),
		createDhcp6Lure(dhcp6, world),
		createRaLure(ra, world),
	];
	async function measure(lures: readonly Lure[]): Promise<Cycle> {
		const costs: number[] = [];
		for (let i = 0; i < CYCLES; i++) {
			await sleep(1000); // what is known of the interfaces is old by then
			frames = 0;
			const before = process.cpuUsage();
			for (const lure of lures) lure.once(now);
			for (let at = agenda.next(); at !== undefined; at = agenda.next()) {
				now = at;
				agenda.advance(at);
			}
			const { user, system } = process.cpuUsage(before);
			if (i >= COLD) costs.push((user + system) / 1000);
		}
		return { ms: median(costs), frames };
	}
	return { names: await measure(names), servers: await measure(servers) };
}

const configure = (every: number): string => {
	const file = `/tmp/every-${every}.toml`;
	const tables = TABLES.map((name) => `[${name}]\nevery = ${every}\n`);
	writeFileSync(file, tables.join(""));
	return file;
};

/** Frames that left through the interfaces so far. */
function sentSoFar(): number {
	const lines = readFileSync("/proc/net/dev", "latin1").split("\n");
	return lines
		.filter((line) => /^\s*ask\d+:/.test(line))
		.reduce((sum, line) => sum + Number(line.trim().split(/[\s:]+/)[10]), 0);
}

/** ms of CPU of a watch in so many seconds, and the frames that left. */
async function watchFor(every: number, seconds: number) {
	const tocsin = await startTocsin(["-i", "ask*", "-c", configure(every)]);
	await sleep(EVERY * 2000);
	const [ms, frames] = [cpuMs(tocsin.pid), sentSoFar()];
	await sleep(seconds * 1000);
	const used = cpuMs(tocsin.pid) - ms;
	const sent = sentSoFar() - frames;
	await tocsin.finish();
	return { used, sent };
}

export async function lures(): Promise<Row[]> {
	const lan = await addHost("lan");
	// veth delivers within the send: what the far end's kernel makes of it is not our cost
	const deaf = "echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6";
	await must("/bin/sh", ["-c", deaf], { at: lan });
	for (let i = 0; i < INTERFACES; i++) {
		const lines = [
			`link add ask${i} type veth peer name far${i} netns lan`,
			`address add 10.80.${i}.1/24 dev ask${i}`,
			`link set ask${i} up`,
		];
		await must(peer("ip"), ["-batch", "-"], { input: lines.join("\n") });
		await must(peer("ip"), ["-n", "lan", "link", "set", `far${i}`, "up"]);
	}
	await sleep(2000); // until the link-local addresses are nobody else's
	const { names, servers } = await byItself();
	const frames = names.frames + servers.frames;
	const seconds = EVERY * WATCHED;
	const asking = await watchFor(EVERY, seconds);
	const silent = await watchFor(0, seconds);
	const cycle = ((asking.used - silent.used) / asking.sent) * frames;
	const row = (what: string, { ms, frames }: Cycle): Row => ({
		what: `one cycle of ${what} on ${INTERFACES} interfaces, ${count(frames)} frames, CPU`,
		measured: `${ms.toFixed(1)} ms`,
		target: `<= ${MOST_MS} ms`,
		met: ms <= MOST_MS,
	});
	return [
		row("questions for names", names),
		row("questions for DHCP servers and routers", servers),
		{
			what: `both in a watch that asks every ${EVERY} s, timers and cold caches included`,
			measured: `${cycle.toFixed(1)} ms`,
		},
	];
}
