/** Floods of real tools: a quiet scanner beside them is found, the log stays calm, memory stays small. */
import { createWriteStream, readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import t from "tap";
import {
	addHost,
	enterSandbox,
	type Host,
	home,
	peer,
	runIn,
	start,
} from "./harness.ts";
import {
	alertsIn,
	environment,
	startTocsin,
	TOCSIN,
	type Told,
} from "./tocsin.ts";
import { createDice, SHAPES, type Shape } from "./tocsin-flood.ts";

enterSandbox(import.meta.url);

/** Issue 3. */
const LINES_A_MINUTE = 20;
const MAX_RSS = 160_000_000;

const flooder = await addHost("flooder");

const ecsMac = (mac: string) => mac.toUpperCase().replaceAll(":", "-");
const from =
	({ ipv4 }: Host) =>
	({ source }: Told) =>
		source?.ip === ipv4;

const nmap = (host: Host, ...how: string[]) =>
	runIn(host, peer("nmap"), ["-n", "-Pn", "-sS", ...how, home.ipv4], {
		timeout: 20_000,
	});

/** What three quiet hosts do, one after another, and what is to be told of each. */
const QUIET = [
	{
		name: "nmap --top-ports 20",
		act: (host: Host) => nmap(host, "--top-ports", "20"),
		kind: "scan",
		expected: { technique: "syn", tool: "nmap", phase: "start" },
	},
	{
		name: "nmap -T2 of 10 ports",
		act: (host: Host) => nmap(host, "-T2", "-p", "100-109"),
		kind: "scan",
		expected: { technique: "syn", tool: "nmap", phase: "start" },
	},
	{
		name: "one connect",
		act: (host: Host) => runIn(host, peer("telnet"), [home.ipv4, "6379"]),
		kind: "probe",
		expected: { technique: "connect" },
	},
];

/** Packets that the kernel had no room for before any capture (softnet_stat's second column, hexadecimal). */
const dropped = () =>
	readFileSync("/proc/net/softnet_stat", "utf8")
		.trim()
		.split("\n")
		.reduce(
			(sum, cpu) => sum + Number.parseInt(cpu.split(" ")[1] ?? "", 16),
			0,
		);

for (const [name, args] of [
	["one watched port", ["-p", "23"]],
	["every port in turn", ["-p", "++1"]],
] as const)
	t.test(`SYNs from random sources to ${name}`, async (t) => {
		const before = dropped();
		const watch = await startTocsin(["-i", "lan0"]);
		const flood = await start(
			peer("hping3"),
			["--flood", "--rand-source", "-q", "-S", ...args, home.ipv4],
			(_, output) => output.includes("flood"),
			{ at: flooder },
		);
		await watch.waitFor("the flood", ({ klaxon }) => klaxon.count >= 1000);
		const began = Date.now();

		for (const [i, { name, act, kind, expected }] of QUIET.entries()) {
			const host = await addHost(`quiet${args[1].length}${i}`);
			await act(host);
			const told = await watch.waitFor(
				name,
				(told) => told.event.action === kind && from(host)(told),
			);
			t.match(told.source, { ip: host.ipv4, mac: ecsMac(host.mac) }, name);
			t.match(told.klaxon, expected, name);
		}

		await flood.stop("SIGINT");
		const alerts = await watch.finish();
		const lines = alerts.filter(
			({ source }) => source?.mac === ecsMac(flooder.mac),
		);
		const minutes = Math.ceil((Date.now() - began) / 60_000);
		t.ok(
			lines.length <= LINES_A_MINUTE * minutes,
			`${lines.length} lines in ${minutes} minute(s)`,
		);
		const packets = lines.reduce(
			(sum, { klaxon }) => sum + (klaxon.count ?? 1),
			0,
		);
		const [, sent] = /(\d+) packets transmitted/.exec(flood.output()) ?? [];
		const stop = alerts.find(({ klaxon }) => klaxon.state === "stop");
		t.comment(`${sent} packets sent, ${packets} told; ${stop?.message}`);
		const lost =
			Number(/(\d+) lost/.exec(stop?.message)?.[1]) + dropped() - before;
		// hping3 doesn't count the one in which it is interrupted
		t.ok(packets <= Number(sent) + 1, "none is told twice");
		t.ok(packets + lost >= Number(sent), "what wasn't lost is told");
	});

/** A capture of a flood, packed. */
async function capture(file: string, shape: Shape): Promise<void> {
	const header = Buffer.from(
		"d4c3b2a1020004000000000000000000ffff000001000000",
		"hex",
	);
	function* records() {
		yield header;
		const bytes = Buffer.from(shape.template);
		const dice = createDice();
		for (let i = 0; i < shape.count; ) {
			const chunk: Buffer[] = [];
			for (const end = i + 4096; i < end && i < shape.count; i++) {
				const record = Buffer.alloc(16 + bytes.length);
				record.writeUInt32LE(1_767_225_600 + Math.floor(i / shape.rate));
				record.writeUInt32LE(
					Math.floor(((i % shape.rate) * 1e6) / shape.rate),
					4,
				);
				record.writeUInt32LE(bytes.length, 8);
				record.writeUInt32LE(bytes.length, 12);
				shape.vary(bytes, dice);
				bytes.copy(record, 16);
				chunk.push(record);
			}
			yield Buffer.concat(chunk);
		}
	}
	await pipeline(
		Readable.from(records()),
		createGzip({ level: 1 }),
		createWriteStream(file),
	);
}

/** The most memory a process has had, in bytes. */
function peakOf(pid: number): number {
	try {
		const status = readFileSync(`/proc/${pid}/status`, "utf8");
		return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024;
	} catch {
		return 0;
	}
}

t.test("two million sources in less than 160 MB", async (t) => {
	const shape = {
		...(SHAPES["SYNs to random ports"] as Shape),
		count: 2_000_000,
		rate: 100_000,
	};
	await capture("/tmp/flood.pcap.gz", shape);
	const replay = await start(
		TOCSIN,
		["replay", "--json", "--home", `${home.ipv4}/32`, "/tmp/flood.pcap.gz"],
		() => true,
		{ env: environment },
	);
	let peak = 0;
	const looking = setInterval(() => {
		peak = Math.max(peak, peakOf(replay.pid));
	}, 20);
	t.equal(await replay.ended, 0);
	clearInterval(looking);
	t.ok(peak > 0 && peak <= MAX_RSS, `${Math.round(peak / 1e6)} MB`);
	const alerts = alertsIn(replay.output());
	t.ok(alerts.length <= LINES_A_MINUTE, `${alerts.length} lines`);
	t.equal(
		alerts.reduce((sum, { klaxon }) => sum + (klaxon.count ?? 1), 0),
		shape.count,
	);
});
