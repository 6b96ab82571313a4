import { readFileSync, writeFileSync } from "node:fs";
import t from "tap";
import {
	enterSandbox,
	type Host,
	must,
	peer,
	run,
	start,
	waitFor,
} from "./harness.ts";
import { alertsIn, environment, TOCSIN } from "./tocsin.ts";
import {
	AT_ONCE,
	addAttacker,
	addressOf,
	addVictim,
	record,
} from "./tocsin-detect.ts";

enterSandbox(import.meta.url);

const victim = await addVictim();

/** Ports of a scan; the fifth makes a slow one (issue 3). */
const PORTS = 12;
const SYN = 2;
const [HEADER, RECORD_HEADER] = [24, 16];

/** Captures a real scan of 12 high ports, in the file it answers. */
async function capture(host: Host, version: 4 | 6, option: string) {
	const file = `/tmp/${host.name}.pcap`;
	const witness = await start(
		peer("tcpdump"),
		[
			..."--immediate-mode -Z root -U -i eth0 -w".split(" "),
			file,
			"tcp or ip6",
		],
		(_, output) => output.includes("listening on"),
		{ at: victim },
	);
	const words = `-n -Pn ${option} -p 8101-8112`;
	const target = addressOf(victim, version);
	const v6 = version === 6 ? ["-6"] : [];
	await must(peer("nmap"), [...v6, ...words.split(" "), target], { at: host });
	const packets = () => readFileSync(file);
	await waitFor("all SYNs", () => times(packets(), host).length >= PORTS);
	await witness.stop();
	return file;
}

/** Where a capture's records begin, and whether each is a SYN of the host's. */
function records(pcap: Buffer, host: Host): { at: number; isSyn: boolean }[] {
	const mac = host.mac.replaceAll(":", "");
	const found = [];
	for (let at = HEADER; at + RECORD_HEADER <= pcap.length; ) {
		const frame = at + RECORD_HEADER;
		const size = pcap.readUInt32LE(at + 8);
		const isTcp6 = pcap.readUInt16BE(frame + 12) === 0x86dd;
		const flags = pcap[frame + 14 + (isTcp6 ? 40 : 20) + 13];
		const isTheirs = pcap.toString("hex", frame + 6, frame + 12) === mac;
		const protocol = pcap[frame + (isTcp6 ? 20 : 23)];
		found.push({ at, isSyn: isTheirs && protocol === 6 && flags === SYN });
		at = frame + size;
	}
	return found;
}

const timeOf = (pcap: Buffer, at: number) =>
	pcap.readUInt32LE(at) * 1000 + pcap.readUInt32LE(at + 4) / 1000;

const times = (pcap: Buffer, host: Host) =>
	records(pcap, host).flatMap(({ at, isSyn }) =>
		isSyn ? timeOf(pcap, at) : [],
	);

/** Rewrites the times: `gap` seconds from SYN to SYN, everything else a millisecond after what went before. */
function stretch(file: string, host: Host, gap: number): number[] {
	const pcap = readFileSync(file);
	const base = 1_790_000_000;
	let [syns, ms] = [0, 0];
	for (const { at, isSyn } of records(pcap, host)) {
		ms = isSyn ? 0 : ms + 1;
		if (isSyn) syns++;
		pcap.writeUInt32LE(base + syns * gap, at);
		pcap.writeUInt32LE(ms * 1000, at + 4);
	}
	writeFileSync(file, pcap);
	return times(pcap, host);
}

const cases = [
	["-sS", "syn", 4, 15, "T1", "nmap"],
	["-sT", "connect", 4, 15, "T1", undefined],
	["-sS", "syn", 6, 15, "T1", "nmap"],
	["-sS", "syn", 4, 300, "T0", "nmap"],
	["-sT", "connect", 6, 300, "T0", undefined],
] as const;

for (const [option, technique, version, gap, pace, hint] of cases)
	t.test(`nmap ${option} -${pace}, ${gap} s, IPv${version}`, async (t) => {
		const host = await addAttacker(victim);
		const file = await capture(host, version, option);
		const syns = stretch(file, host, gap);
		const { code, stdout } = await run(TOCSIN, ["replay", "--json", file], {
			env: environment,
		});
		t.equal(code, 0);
		const alerts = alertsIn(stdout);
		const lines = alerts.map(({ message }) => message);
		const scans = alerts.filter(({ event }) => event.action === "scan");
		const [told] = scans;
		t.match(told, {
			source: { ip: addressOf(host, version) },
			klaxon: { technique, pace: "slow", phase: "start" },
		});
		t.equal(told?.klaxon.tool, hint, "the tool it looks like");
		const due = syns[4] ?? 0;
		const late = Date.parse(told?.["@timestamp"]) - due;
		t.ok(late >= 0 && late <= AT_ONCE, `${late} ms after the fifth port`);
		t.equal(told?.klaxon.portCount, 5);
		const began = Date.parse(told?.klaxon.first) - (syns[0] ?? 0);
		t.ok(Math.abs(began) <= 100, `it began ${began} ms after the first SYN`);
		t.match(scans.at(-1)?.klaxon, { phase: "end", portCount: PORTS });
		t.ok(lines.length <= 20, `${lines.length} lines`, { lines });
		record({
			name: `nmap ${option} -${pace}, ${gap} s from port to port`,
			...{ version, kind: "scan", technique },
			...(hint ? { hint } : {}),
			seconds: (due + late - (syns[0] ?? 0)) / 1000,
		});
	});
