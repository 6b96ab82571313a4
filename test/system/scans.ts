/** What tocsin must hear: each case a real tool's run, and the alert that names it. */
import type { Technique, Tool } from "../../src/alert/alert.ts";

export type Version = 4 | 6;
type Kind = "probe" | "scan" | "sweep" | "ping";

export interface Case {
	/** As a person would call it, and the README's table does. */
	name: string;
	tool: "nmap" | "masscan" | "hping3" | "ping" | "arping";
	/** VICTIM, VICTIM_MAC, NETWORK (the victim's 16 further addresses) and SOURCE stand for addresses. */
	args: readonly string[];
	version: Version;
	kind: Kind;
	technique: Technique;
	/** The tool its packets give away. */
	hint?: Tool;
	/** Lines at most, from the first to a scan's end. */
	lines: number;
	/** The scan comes in fragments. */
	fragmented?: boolean;
	/** Addresses that nobody has, between which it hides. */
	decoys?: readonly string[];
	/** Further alerts it makes. */
	also?: readonly (readonly [kind: Kind, technique: Technique])[];
}

type Rest = Partial<Omit<Case, "kind" | "technique">>;
type Expected = Rest & Pick<Case, "kind" | "technique">;

/** A probe or two before it shows, its beginning, its end; of a probe the first alert, and what came then. */
const LINES = { scan: 4, sweep: 3, probe: 2, ping: 2 } as const;

const expecting =
	(kind: Kind) =>
	(technique: Technique, rest: Rest = {}): Expected => ({
		kind,
		technique,
		...rest,
	});
const probe = expecting("probe");
const scan = expecting("scan");
const sweep = expecting("sweep");
const ping = expecting("ping");

const byNmap = { hint: "nmap" } as const;
const byHping = { hint: "hping3" } as const;

/** `hidden` arguments stand before those that the name shows. */
function run(
	tool: Case["tool"],
	shown: string,
	hidden: string,
	expected: Expected,
): Case {
	return {
		name: `${tool} ${shown}`.trim(),
		tool,
		args: hidden.replace("...", shown).split(" "),
		version: 4,
		lines: LINES[expected.kind],
		...expected,
	};
}

const nmap = (shown: string, ports: string, expected: Expected) =>
	run("nmap", shown, `-n -Pn ... ${ports} VICTIM`.replace("  ", " "), expected);

/** The same over IPv6. */
const over6 = (each: Case): Case => ({
	...each,
	version: 6,
	args: each.tool === "nmap" ? ["-6", ...each.args] : each.args,
});

const overBoth = (each: Case): Case[] => [each, over6(each)];

/** Privileged ones: the seventh tells. */
const PORTS = "-p 1-100";

/** TCP scans of a host that has nothing open. */
export const TCP: readonly Case[] = [
	nmap("-sS", PORTS, scan("syn", byNmap)),
	nmap("-sT", PORTS, scan("connect")),
	nmap("-sF", PORTS, scan("fin", byNmap)),
	nmap("-sN", PORTS, scan("null", byNmap)),
	nmap("-sX", PORTS, scan("xmas", byNmap)),
	nmap("-sA", PORTS, scan("ack", byNmap)),
	nmap("-sW", PORTS, scan("ack", byNmap)),
	nmap("-sM", PORTS, scan("maimon", byNmap)),
	nmap("-sS --scanflags SYNFIN", PORTS, scan("odd", byNmap)),
	nmap("-sS --scanflags URG", PORTS, scan("odd", byNmap)),
	nmap("-sS --scanflags SYNACK", PORTS, scan("syn-ack")),
	nmap("-sS --top-ports 20", "", scan("syn", byNmap)),
].flatMap(overBoth);

/** Other carriers than TCP. */
export const CARRIERS: readonly Case[] = [
	nmap("-sU", "--max-retries 0 --min-rate 200 -p 1-30", scan("udp")),
	nmap("-sY", "-p 1-30", scan("sctp-init")),
	// with nmap's well-formed packets of TCP, UDP, SCTP and ICMP among them
	nmap("-sO", "--max-retries 0 --min-rate 200", scan("ip-proto", { lines: 8 })),
].flatMap(overBoth);

const inPieces = { ...byNmap, fragmented: true };

/** What hides behind fragments or slowness. */
export const HIDDEN: readonly Case[] = [
	nmap("-sS -f", PORTS, scan("syn", inPieces)),
	nmap("-sS --mtu 8", PORTS, scan("syn", inPieces)),
	nmap("-sX --mtu 16", PORTS, scan("xmas", inPieces)),
	nmap("-sS -f -p 23", "", probe("fragment", { also: [["probe", "syn"]] })),
	// each port is told on its own until the seventh makes it a scan
	nmap("-sS -T2", "-p 1-10", scan("syn", { ...byNmap, lines: 8 })),
];

/** On the attacker's network and elsewhere. */
const NOBODY = {
	4: ["10.77.0.201", "198.51.100.7", "203.0.113.80", "10.77.0.202", "9.9.9.9"],
	6: [1, 2, 3, 4, 5].map((n) => `2001:db8:77::d${n}`),
} as const;

/** Among five decoys, the true address after the second. */
function amid(option: string, version: Version, expected: Expected): Case {
	const decoys = NOBODY[version];
	const list = decoys.toSpliced(2, 0, "ME").join(",");
	const ports = `-p 1-30 --max-retries 0 -D ${list}`;
	const each = { ...nmap(option, ports, expected), decoys };
	return {
		...(version === 4 ? each : over6(each)),
		name: `nmap ${option} -D, 5 decoys`,
	};
}

/** One alert that names the MAC and all addresses, not one a decoy. */
export const DECOYS: readonly Case[] = [
	amid("-sS", 4, scan("syn", byNmap)),
	amid("-sX", 4, scan("xmas", byNmap)),
	amid("-sA", 4, scan("ack", byNmap)),
	amid("-sU", 4, scan("udp")),
	amid("-sS", 6, scan("syn", byNmap)),
	amid("-sF", 6, scan("fin", byNmap)),
];

/** A single packet or connection; the victim serves port 8000 and no other. */
export const TOUCHES: readonly Case[] = [
	...[
		nmap("-sS -p 23", "", probe("syn", byNmap)),
		nmap("-sT -p 23", "", probe("connect")),
		nmap("-sU -p 161", "", probe("udp")),
		nmap("-sS -p 8000", "", probe("syn", byNmap)),
		nmap("-sV -p 8000", "", probe("syn", byNmap)),
	].flatMap(overBoth),
	run("hping3", "-S -p 23", "... -c 1 VICTIM", probe("syn", byHping)),
	run("hping3", "-2 -p 40000", "... -c 1 VICTIM", probe("udp")),
	run("hping3", "-1", "... -c 1 VICTIM", ping("echo")),
	run("ping", "", "-c 2 -i 0.2 VICTIM", ping("echo")),
	over6(run("ping", "", "-c 2 -i 0.2 VICTIM", ping("echo"))),
	over6(run("ping", "ff02::1", "-c 2 -i 0.2 -I eth0 ...", ping("echo"))),
];

/** With odd packets to an open and a closed port. */
export const OS_DETECTION: readonly Case[] = [
	nmap(
		"-O",
		"--max-os-tries 1 -p 22,8000",
		ping("echo", {
			also: [
				["probe", "syn"],
				["probe", "null"],
			],
			lines: 12,
		}),
	),
].flatMap(overBoth);

/** Whether one host is there, asked past ARP. */
const discover = (option: string, expected: Expected) =>
	run(
		"nmap",
		`-sn ${option}`,
		"-n ... --disable-arp-ping --send-ip VICTIM",
		expected,
	);

export const DISCOVERY: readonly Case[] = [
	...[
		discover("-PE", ping("echo")),
		discover("-PS", probe("syn", byNmap)),
		discover("-PA", probe("ack", byNmap)),
		discover("-PU", probe("udp")),
		discover("-PY", probe("sctp-init")),
	].flatMap(overBoth),
	discover("-PP", ping("timestamp")),
	discover("-PM", ping("mask")),
	discover("-PO", ping("echo", { also: [["probe", "ip-proto"]], lines: 6 })),
	over6(discover("-PO", probe("ip-proto", { lines: 6 }))),
];

const MASSCAN =
	"... VICTIM --rate 1000 --wait 0 --adapter eth0 --source-ip SOURCE";

/** Other scanners than nmap; masscan's mark is in the IPv4 id. */
export const SCANNERS: readonly Case[] = [
	run(
		"masscan",
		"-p1-100",
		`${MASSCAN} --router-mac VICTIM_MAC`,
		scan("syn", { hint: "masscan" }),
	),
	over6(
		run(
			"masscan",
			"-p1-100",
			`${MASSCAN} --router-mac-ipv6 VICTIM_MAC`,
			scan("syn"),
		),
	),
	...[
		["-S", "syn", "hping3"],
		["-F", "fin", "hping3"],
		["-A", "ack", "hping3"],
		["-2", "udp", undefined],
	].map(([option, technique, hint]) =>
		run(
			"hping3",
			`${option} -p ++1`,
			"... -c 30 -i u1000 VICTIM",
			scan(technique as Technique, hint ? { hint: hint as Tool } : {}),
		),
	),
	run("hping3", "-S --scan 1-30", "... VICTIM", scan("syn", byHping)),
];

/** Which of 16 addresses are there. */
const sweepBy = (option: string, expected: Expected) =>
	run("nmap", `-sn ${option}`, "-n ... NETWORK", expected);

const of16 = (each: Case): Case => ({
	...each,
	name: `${each.name}, 16 hosts`,
});

export const SWEEPS: readonly Case[] = [
	...[
		sweepBy("-PE", sweep("echo")),
		sweepBy("-PS", sweep("syn", byNmap)),
		sweepBy("-PA", sweep("ack", byNmap)),
		sweepBy("-PU", sweep("udp")),
		sweepBy("-PY", sweep("sctp-init")),
	].flatMap(overBoth),
	sweepBy("-PP", sweep("timestamp")),
	sweepBy("-PM", sweep("mask")),
].map(of16);

/** Neighbours asked for: nobody has these addresses. */
export const NEIGHBOURS: readonly Case[] = [
	run("nmap", "-sn -PR", "-n ... 10.77.0.128/28", sweep("arp")),
	over6(run("nmap", "-sn", "-n ... 2001:db8:77::80/124", sweep("nd"))),
].map(of16);

/** One port of 16 hosts, which serve 8000 and no other. */
export const PORT_SWEEPS: readonly Case[] = [
	nmap("-sS -p 23", "", sweep("syn", byNmap)),
	nmap("-sT -p 23", "", sweep("connect")),
	nmap("-sU -p 161", "", sweep("udp")),
	nmap("-sS -p 8000", "", sweep("syn", byNmap)),
	nmap("-sT -p 8000", "", sweep("connect")),
]
	.map(({ args, ...each }) => ({
		...of16({ ...each, args }),
		args: args.map((word) => (word === "VICTIM" ? "NETWORK" : word)),
	}))
	.flatMap(overBoth);

/** Past ARP, through the kernel: the victim answers nothing, and nmap would slow down more and more. */
const UNHEARD = "--send-ip --disable-arp-ping --max-retries 0 --min-rate 50";

/** Scans of a host that drops every packet without a word. */
export const DROPPED: readonly Case[] = [
	nmap("-sS", `${UNHEARD} -p 1-30`, scan("syn", byNmap)),
	nmap("-sT", `${UNHEARD} -p 1-30`, scan("connect")),
	nmap("-sA", `${UNHEARD} -p 1-30`, scan("ack", byNmap)),
	nmap("-sM", `${UNHEARD} -p 1-30`, scan("maimon", byNmap)),
	nmap("-sU", `${UNHEARD} -p 1-30`, scan("udp")),
	nmap("-sY", `${UNHEARD} -p 1-30`, scan("sctp-init")),
	nmap("-sS -p 23", UNHEARD, probe("syn", byNmap)),
	nmap("-sT -p 23", UNHEARD, probe("connect")),
	nmap("-sU -p 161", UNHEARD, probe("udp")),
]
	.map((each) => ({ ...each, name: `${each.name}, all dropped` }))
	.flatMap(overBoth);
