import fc from "fast-check";
import t, { type Test } from "tap";
import type {
	ProbeAlert,
	RogueTechnique,
	SensorAlert,
	WireAlert,
} from "../../src/alert/alert.ts";
import { printable } from "../../src/alert/printable.ts";
import { wireLine } from "../../src/alert/wiretext.ts";
import {
	anyAlert,
	DROPS,
	OFFER,
	PING,
	POISON,
	PROBE,
	ROUTER,
	SCAN,
	SWEEP,
	TIME,
} from "./samples.ts";

/** A minute's fold, and what a detector then no longer knows: the source port. */
const folded = (count: number) => ({
	source: { ip: "192.0.2.7", mac: "02:00:00:00:00:02" },
	fold: { count, first: TIME - 60_000, last: TIME - 100 },
});

type Case = [line: string, alert: WireAlert | SensorAlert];

async function lines(t: Test, cases: Case[]) {
	for (const [line, alert] of cases) t.equal(wireLine(alert), line);
}

t.test("probes", (t) =>
	lines(t, [
		[
			"ALERT: host 192.0.2.7 probing port telnet of 192.0.2.1 kind=probe technique=syn proto=tcp sport=40312 dst=192.0.2.1 dport=23 mac=02:00:00:00:00:02 tool=nmap if=eth0 vlan=10",
			PROBE,
		],
		[
			"ALERT: host 192.0.2.7 probing port telnet of 192.0.2.1 37 more times in 60s kind=probe technique=syn proto=tcp dst=192.0.2.1 dport=23 count=37 mac=02:00:00:00:00:02 tool=nmap if=eth0 vlan=10",
			{ ...PROBE, ...folded(37) },
		],
		[
			"ALERT: host 2001:db8::7 probing port 40125 of 2001:db8::1 kind=probe technique=udp proto=udp sport=9 dst=2001:db8::1 dport=40125",
			{
				kind: "probe",
				time: TIME,
				carrier: "udp",
				technique: "udp",
				source: { ip: "2001:db8::7", port: 9 },
				destination: { ip: "2001:db8::1", port: 40125 },
			},
		],
		[
			'ALERT: host 192.0.2.7 probing port 512 of 192.0.2.1 kind=probe technique=xmas proto=tcp dst=192.0.2.1 dport=512 name="evil.example.net" note="two words"',
			{
				kind: "probe",
				time: TIME,
				carrier: "tcp",
				technique: "xmas",
				source: { ip: "192.0.2.7", name: "evil.example.net" },
				destination: { ip: "192.0.2.1", port: 512 },
				note: "two words",
			},
		],
	]),
);

const FRAGMENT: ProbeAlert = {
	kind: "probe",
	time: TIME,
	interface: "eth0",
	carrier: "tcp",
	technique: "fragment",
	source: { ip: "192.0.2.7" },
	destination: { ip: "192.0.2.1" },
};

t.test("probes without a port", (t) =>
	lines(t, [
		[
			"ALERT: host 192.0.2.7 probing protocol 4 of 192.0.2.1 kind=probe technique=ip-proto proto=ip dst=192.0.2.1 protocol=4 if=eth0",
			{ ...FRAGMENT, carrier: "ip", technique: "ip-proto", protocol: 4 },
		],
		[
			"ALERT: host 192.0.2.7 sending tiny fragments to 192.0.2.1 kind=probe technique=fragment proto=tcp dst=192.0.2.1 if=eth0",
			FRAGMENT,
		],
		[
			"ALERT: host 192.0.2.7 sending tiny fragments to 192.0.2.1 2 more times in 60s kind=probe technique=fragment proto=tcp dst=192.0.2.1 count=2 mac=02:00:00:00:00:02 if=eth0",
			{ ...FRAGMENT, ...folded(2) },
		],
		[
			"ALERT: host 192.0.2.7 probing 192.0.2.1 kind=probe technique=odd proto=tcp dst=192.0.2.1 if=eth0",
			{ ...FRAGMENT, technique: "odd" },
		],
	]),
);

t.test("scans", (t) =>
	lines(t, [
		[
			"ALERT: host 192.0.2.7 scanning 96 ports of 192.0.2.1 kind=scan technique=syn proto=tcp ports=1,7,9,21-23,+90 count=134 window=0.4s pace=fast mac=02:00:00:00:00:02 tool=nmap if=eth0",
			SCAN,
		],
		[
			"ALERT: host 192.0.2.7 still scanning 300 ports of 192.0.2.1 kind=scan technique=syn proto=tcp ports=1,7,9,21-23,+294 count=400 window=12m pace=fast phase=update mac=02:00:00:00:00:02 tool=nmap if=eth0",
			{
				...SCAN,
				phase: "update",
				portCount: 300,
				fold: { count: 400, first: TIME - 720_000, last: TIME },
			},
		],
		[
			"ALERT: host 192.0.2.7 scanned 1000 ports of 192.0.2.1 kind=scan technique=syn proto=tcp ports=1,7,9,21-23,+994 count=1000 window=3h pace=slow phase=end mac=02:00:00:00:00:02 tool=nmap if=eth0",
			{
				...SCAN,
				phase: "end",
				pace: "slow",
				portCount: 1000,
				fold: { count: 1000, first: TIME - 3 * 3_600_000, last: TIME },
			},
		],
		[
			"ALERT: host 2001:db8::7 scanning 96 ports of 2001:db8::1 kind=scan technique=syn also=ack,fin fragmented=yes proto=tcp ports=1,7,9,21-23,+90 count=134 window=0.4s pace=fast tool=nmap if=eth0",
			{
				...SCAN,
				source: { ip: "2001:db8::7" },
				destination: { ip: "2001:db8::1" },
				also: ["ack", "fin"],
				fragmented: true,
			},
		],
		[
			"ALERT: host 192.0.2.7 scanning 5 protocols of 192.0.2.1 kind=scan technique=ip-proto proto=ip protocols=0-2,4,33 count=5 window=0.4s pace=fast mac=02:00:00:00:00:02 tool=nmap if=eth0",
			{
				...SCAN,
				carrier: "ip",
				technique: "ip-proto",
				ports: [0, 1, 2, 4, 33],
				portCount: 5,
				fold: { ...SCAN.fold, count: 5 },
			},
		],
	]),
);

t.test("decoys", (t) => {
	const sources = { ips: ["192.0.2.7", "198.51.100.1"], count: 6 };
	return lines(t, [
		[
			"ALERT: 6 hosts scanning 20 ports of 192.0.2.1 kind=scan technique=syn proto=tcp ports=1,7,9,21-23,+14 count=134 window=0.4s pace=fast mac=02:00:00:00:00:02 tool=nmap if=eth0 sources=192.0.2.7,198.51.100.1,+4",
			{ ...SCAN, portCount: 20, sources },
		],
		[
			"ALERT: 6 hosts scanned 20 ports of 192.0.2.1 kind=scan technique=syn proto=tcp ports=1,7,9,21-23,+14 count=134 window=0.4s pace=fast phase=end mac=02:00:00:00:00:02 tool=nmap if=eth0 sources=192.0.2.7,198.51.100.1,+4",
			{ ...SCAN, phase: "end", portCount: 20, sources },
		],
		[
			"ALERT: 6 hosts pinging 192.0.2.1 kind=ping technique=echo proto=icmp dst=192.0.2.1 mac=02:00:00:00:00:02 if=eth0 sources=192.0.2.7,198.51.100.1,+4",
			{ ...PING, sources },
		],
	]);
});

t.test("sweeps", (t) => {
	const ssh = {
		...SWEEP,
		carrier: "tcp",
		technique: "syn",
		port: 22,
		service: "ssh",
	} as const;
	const hosts = ["2001:db8::3", "2001:db8::4"];
	return lines(t, [
		[
			"ALERT: host 192.0.2.7 sweeping 12 hosts kind=sweep technique=arp hosts=192.0.2.3,192.0.2.4,+10 count=14 window=2.5s mac=02:00:00:00:00:02 if=eth0",
			SWEEP,
		],
		[
			"ALERT: host 192.0.2.7 sweeping port ssh of 12 hosts kind=sweep technique=syn proto=tcp dport=22 hosts=192.0.2.3,192.0.2.4,+10 count=14 window=2.5s mac=02:00:00:00:00:02 if=eth0",
			ssh,
		],
		[
			"ALERT: host 192.0.2.7 still sweeping port 22 of 12 hosts kind=sweep technique=syn proto=tcp dport=22 hosts=192.0.2.3,192.0.2.4,+10 count=14 window=2.5s phase=update mac=02:00:00:00:00:02 if=eth0",
			{ ...ssh, service: undefined, phase: "update" },
		],
		[
			"ALERT: host fe80::7 swept 2 hosts kind=sweep technique=nd proto=ipv6-icmp hosts=2001:db8::3,2001:db8::4 count=14 window=2.5s phase=end if=eth0",
			{
				...SWEEP,
				phase: "end",
				carrier: "ipv6-icmp",
				technique: "nd",
				source: { ip: "fe80::7" },
				hosts,
				hostCount: 2,
			},
		],
	]);
});

t.test("pings", (t) =>
	lines(t, [
		[
			"ALERT: host 192.0.2.7 pinging 192.0.2.1 kind=ping technique=echo proto=icmp dst=192.0.2.1 mac=02:00:00:00:00:02 if=eth0",
			PING,
		],
		[
			"ALERT: host 192.0.2.7 pinging 192.0.2.1 12 more times in 60s kind=ping technique=echo proto=icmp dst=192.0.2.1 count=12 mac=02:00:00:00:00:02 if=eth0",
			{ ...PING, ...folded(12) },
		],
		[
			"ALERT: host fe80::7 pinging ff02::1 kind=ping technique=echo proto=ipv6-icmp dst=ff02::1 if=eth0",
			{
				...PING,
				carrier: "ipv6-icmp",
				source: { ip: "fe80::7" },
				destination: { ip: "ff02::1" },
			},
		],
	]),
);

t.test("answers for names that don't exist", (t) => {
	const one = {
		...POISON,
		confidence: "low",
		names: ["kxqzwvbt"],
		nameCount: 1,
		protocols: ["mdns"],
		technique: "mdns",
	} as const;
	const { port: _, ...source } = POISON.source;
	return lines(t, [
		[
			"ALERT: host 192.0.2.66 answering for 3 invented names by llmnr and nbns kind=poison technique=llmnr proto=udp sport=5355 dst=192.0.2.1 confidence=high names=kxqzwvbt,wks-4711,+1 protocols=llmnr,nbns answer=192.0.2.66 ttl=30 mac=02:00:00:00:00:66 tool=responder if=eth0 vlan=10",
			POISON,
		],
		[
			"ALERT: host 192.0.2.66 answering for kxqzwvbt by mdns, a name that was invented kind=poison technique=mdns proto=udp sport=5355 dst=192.0.2.1 confidence=low names=kxqzwvbt protocols=mdns answer=192.0.2.66 ttl=30 mac=02:00:00:00:00:66 tool=responder if=eth0 vlan=10",
			{ ...one, names: ["kxqzwvbt"], protocols: ["mdns"] },
		],
		[
			"ALERT: host 192.0.2.66 answering for kxqzwvbt by mdns, a name that may exist kind=poison technique=mdns proto=udp sport=5355 dst=192.0.2.1 confidence=low names=kxqzwvbt protocols=mdns answer=192.0.2.66 ttl=30 mac=02:00:00:00:00:66 tool=responder if=eth0 vlan=10",
			{ ...one, names: ["kxqzwvbt"], protocols: ["mdns"], exists: true },
		],
		[
			"ALERT: host fe80::66 answering for kxqzwvbt by llmnr and nbns and mdns, a name that was invented kind=poison technique=llmnr proto=udp dst=fe80::1 confidence=high names=kxqzwvbt protocols=llmnr,nbns,mdns note=malformed",
			{
				kind: "poison",
				time: TIME,
				carrier: "udp",
				technique: "llmnr",
				confidence: "high",
				source: { ip: "fe80::66" },
				destination: { ip: "fe80::1" },
				names: ["kxqzwvbt"],
				nameCount: 1,
				protocols: ["llmnr", "nbns", "mdns"],
				note: "malformed",
			},
		],
		[
			"ALERT: host 192.0.2.66 answering for 3 invented names by llmnr and nbns 12 more times in 300s kind=poison technique=llmnr proto=udp dst=192.0.2.1 confidence=high names=kxqzwvbt,wks-4711,+1 protocols=llmnr,nbns answer=192.0.2.66 ttl=30 count=12 mac=02:00:00:00:00:66 tool=responder if=eth0 vlan=10",
			{
				...POISON,
				source,
				fold: { count: 12, first: TIME - 300_000, last: TIME },
			},
		],
	]);
});

t.test("DHCP servers and routers", (t) => {
	const fold = { count: 7, first: TIME - 60_000, last: TIME };
	return lines(t, [
		[
			'ALERT: host 192.0.2.66 is a DHCP server that nobody listed: offer kind=rogue-dhcp technique=dhcp proto=udp dst=255.255.255.255 message=offer server=192.0.2.66 address=192.0.2.77 lease=3600 dns=192.0.2.66,192.0.2.67 wpad=http://192.0.2.66/wpad.dat boot-file="pxe linux.0" mac=02:00:00:00:00:66 if=eth0',
			OFFER,
		],
		[
			"ALERT: host 192.0.2.66 is a DHCP server that nobody listed: ack 7 more times in 60s kind=rogue-dhcp technique=dhcp proto=udp dst=192.0.2.77 message=ack server=192.0.2.66 count=7 mac=02:00:00:00:00:66 if=eth0",
			{
				...OFFER,
				message: "ack",
				destination: { ip: "192.0.2.77" },
				details: { server: "192.0.2.66" },
				fold,
			},
		],
		[
			'ALERT: host fe80::66 advertises DNS or DHCP but no route: router advertisement kind=rogue-ra technique=no-router proto=ipv6-icmp dst=ff02::1 message="router advertisement" lifetime=0 flags=MO preference=medium mac=02:00:00:00:00:66 tool=mitm6 if=eth0 note="if it is yours, name it in [ra] routers"',
			ROUTER,
		],
		[
			'ALERT: host fe80::66 advertises DNS or DHCP but no route: router advertisement 7 more times in 60s kind=rogue-ra technique=no-router proto=ipv6-icmp dst=ff02::1 message="router advertisement" count=7 mac=02:00:00:00:00:66 tool=mitm6 if=eth0 note="and others like it, too many to tell singly"',
			{
				...ROUTER,
				details: {},
				fold,
				note: "and others like it, too many to tell singly",
			},
		],
	]);
});

t.test("what a server or router did wrong", async (t) => {
	const cases: [technique: RogueTechnique, words: string][] = [
		["dhcp", "is a DHCP server that nobody listed: offer"],
		["dhcp6", "is a DHCPv6 server that nobody listed: offer"],
		["ra", "is a router that nobody listed: offer"],
		["impersonation", "takes the place of another: offer"],
		["option-hijack", "names other servers than before: offer"],
		["link-local", "hands out a link-local address: offer"],
		[
			"dns-sender",
			"names itself as DNS server, by its link-local address: offer",
		],
		["no-router", "advertises DNS or DHCP but no route: offer"],
	];
	for (const [technique, words] of cases)
		t.equal(
			wireLine({ ...OFFER, technique, details: {} }),
			`ALERT: host 192.0.2.66 ${words} kind=rogue-dhcp technique=${technique} proto=udp dst=255.255.255.255 message=offer mac=02:00:00:00:00:66 if=eth0`,
		);
});

t.test("what a hostile server says stays a value", (t) =>
	lines(t, [
		[
			String.raw`ALERT: host 192.0.2.66 is a DHCP server that nobody listed: offer kind=rogue-dhcp technique=dhcp proto=udp dst=255.255.255.255 message=offer domain="x\" kind=probe dst=\"192.0.2.9" wpad="\x1b[2J\\\x0aALERT:" mac=02:00:00:00:00:66 if=eth0`,
			{
				...OFFER,
				details: {
					domain: printable('x" kind=probe dst="192.0.2.9', 64),
					wpad: printable("\u001b[2J\\\nALERT:", 64),
				},
			},
		],
	]),
);

t.test("details that don't fit are left out whole", async (t) => {
	const details = Object.fromEntries(
		"server relay router dns domain wpad file"
			.split(" ")
			.map((key) => [key, "x".repeat(128)]),
	);
	const line = wireLine({
		...OFFER,
		details: { ...details, url: "x y".repeat(90) },
	});
	const x = "x".repeat(128);
	t.equal(
		line,
		`ALERT: host 192.0.2.66 is a DHCP server that nobody listed: offer kind=rogue-dhcp technique=dhcp proto=udp dst=255.255.255.255 message=offer server=${x} relay=${x} router=${x} dns=${x} domain=${x} wpad=${x} mac=02:00:00:00:00:66 if=eth0`,
	);
	const names = Array.from({ length: 16 }, (_, i) => `${"n".repeat(50)}${i}`);
	t.equal(
		wireLine({ ...POISON, names, nameCount: 40 }),
		`ALERT: host 192.0.2.66 answering for 40 invented names by llmnr and nbns kind=poison technique=llmnr proto=udp sport=5355 dst=192.0.2.1 confidence=high names=${names.slice(0, 3).join()},+37 protocols=llmnr,nbns answer=192.0.2.66 ttl=30 mac=02:00:00:00:00:66 tool=responder if=eth0 vlan=10`,
	);
});

t.test("floods", (t) => {
	const flood: ProbeAlert = {
		kind: "probe",
		time: TIME,
		carrier: "tcp",
		technique: "syn",
		source: { ip: "many" },
		destination: { ip: "192.0.2.1", port: 80 },
		service: "http",
		sources: { ips: ["203.0.113.1"], count: 5000 },
		fold: { count: 123456, first: TIME - 60_000, last: TIME },
	};
	return lines(t, [
		[
			"ALERT: many hosts probing port http of 192.0.2.1 123456 times in 60s kind=probe technique=syn proto=tcp dst=192.0.2.1 dport=80 count=123456 sources=5000+",
			flood,
		],
		[
			"ALERT: many hosts probing port http of 192.0.2.1 123456 times in 60s kind=probe technique=syn proto=tcp dst=192.0.2.1 dport=80 count=123456",
			{ ...flood, sources: undefined },
		],
	]);
});

t.test("the sensor", (t) =>
	lines(t, [
		[
			"ALERT: sensor drops: 1234 packets were lost on eth0 kind=sensor state=drops if=eth0 count=1234",
			DROPS,
		],
		[
			"ALERT: sensor start: watching 2 interfaces kind=sensor state=start",
			{
				kind: "sensor",
				time: TIME,
				state: "start",
				message: "watching 2 interfaces",
			},
		],
		[
			`ALERT: sensor blind: ${"x".repeat(495)}... kind=sensor state=blind`,
			{
				kind: "sensor",
				time: TIME,
				state: "blind",
				message: "x".repeat(2000),
			},
		],
	]),
);

t.test("an interface may have any name", (t) =>
	lines(t, [
		[
			'ALERT: sensor up: it is back kind=sensor state=up if="a\\"b\\xc3\\xa9\\\\"',
			{
				kind: "sensor",
				time: TIME,
				state: "up",
				interface: 'a"bé\\',
				message: "it is back",
			},
		],
	]),
);

t.test("decoys take the room that is left, whole addresses only", async (t) => {
	const ips = Array.from({ length: 128 }, (_, i) => `198.51.100.${i + 100}`);
	const line = wireLine({ ...SCAN, sources: { ips, count: 128 } });
	const [, list = "", rest] = / sources=(.*),\+(\d+)$/.exec(line) ?? [];
	const named = list.split(",");
	t.strictSame(named, ips.slice(0, named.length));
	t.equal(named.length + Number(rest), 128);
	t.ok(line.length <= 1024 && line.length > 1024 - 16, `${line.length}`);
});

t.test("what doesn't fit is left out whole", async (t) => {
	const hosts = Array.from({ length: 128 }, (_, i) => `198.51.100.${i + 100}`);
	const full = (name: string) =>
		wireLine({
			...SWEEP,
			port: 22,
			service: "s".repeat(600),
			hosts,
			source: { ip: "192.0.2.7", name },
			sources: { ips: hosts, count: 128 },
		});
	t.match(
		full("a"),
		/ name="a" if=eth0 sources=198\.51\.100\.100,[\d.,]+\+\d+$/,
	);
	const whole =
		/5s(?: name="n+")?(?: if=eth0)?(?: sources=198\.[\d.,]+\+\d+)?$/;
	const lines = Array.from({ length: 255 }, (_, i) => full("n".repeat(i + 1)));
	t.strictSame(
		lines.filter((line) => line.length > 1024 || !whole.test(line)),
		[],
	);
	t.notMatch(full("n".repeat(255)), " name=");
});

/** logfmt: a key, and a value that is bare or well quoted. */
const ATTRIBUTE = String.raw` [a-z-]+=(?:[^ "]+|"(?:[^"\\]|\\["\\]|\\x[\da-f]{2})*")`;

t.test("any alert: one printable line of at most 1,024 bytes", async () => {
	fc.assert(
		fc.property(anyAlert, (alert) => {
			if (alert.kind === "connection") return true;
			const line = wireLine(alert);
			const shape = `^ALERT: [ -~]+ kind=${alert.kind}(?:${ATTRIBUTE})+$`;
			return line.length <= 1024 && new RegExp(shape).test(line);
		}),
		{ numRuns: 5000 },
	);
});
