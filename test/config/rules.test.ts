import t from "tap";
import { parseConfig } from "../../src/config/config.ts";
import { hasPort } from "../../src/config/portset.ts";
import type { Rule } from "../../src/config/rules.ts";

const SERVICES = "ssh 22/tcp\n";

function rulesOf(toml: string): Rule[] | string[] {
	const config = parseConfig("t.toml", toml, SERVICES);
	return Array.isArray(config) ? config : config.ignore;
}

t.test("a rule with everything", async (t) => {
	const [rule] = rulesOf(`[[ignore]]
source = ["192.0.2.0/24", "2001:db8::/32"]
destination = "198.51.100.1"
port = ["ssh", "6000-6001", 80]
protocol = ["tcp", "udp"]
kind = "scan"
technique = "syn"
severity = "notice"
interface = ["eth*", "!eth1"]
mac = "02-00-00-00-00-0A"
hours = "22:30-06:00"
until = 2027-01-31T18:00:00+01:00
why = "backup"
`) as Rule[];
	t.match(rule, {
		source: [{ bits: 120 }, { bits: 32 }],
		destination: [{ bits: 128 }],
		protocol: ["tcp", "udp"],
		kind: ["scan"],
		technique: ["syn"],
		severity: ["notice"],
		interface: ["eth*", "!eth1"],
		mac: ["02:00:00:00:00:0a"],
		hours: { from: 22 * 60 + 30, to: 6 * 60 },
		until: Date.UTC(2027, 0, 31, 17),
		why: "backup",
	});
	const ports = rule?.port ?? new Uint8Array(8192);
	t.same(
		[22, 80, 6000, 6001, 21, 6002].map((port) => hasPort(ports, port)),
		[true, true, true, true, false, false],
	);
});

t.test("none by default", async (t) => t.same(rulesOf(""), []));

t.test("what is wrong is fatal, with its line", async (t) => {
	const wrong = (line: string) => rulesOf(`[[ignore]]\n${line}\n`);
	const known =
		"source, destination, port, protocol, kind, technique, severity, interface, mac";
	for (const [line, ...sentences] of [
		[
			'why = "x"',
			`1:1: this rule would ignore everything: name one of ${known}`,
		],
		[
			"until = 2027-01-01",
			`1:1: this rule would ignore everything: name one of ${known}`,
		],
		[
			'sorce = "192.0.2.1"',
			`1:1: this rule would ignore everything: name one of ${known}`,
			`2:1: unknown key 'sorce': known are ${known}, hours, until, why`,
		],
		["source = []", "2:10: an empty list matches nothing: leave it out"],
		["port = []", "2:8: an empty list matches nothing: leave it out"],
		["source = 3", "2:10: bad network '3': give it as a string"],
		[
			'source = "192.0.2.1/24"',
			"2:10: bad network '192.0.2.1/24': bits are set behind its prefix; the network is 192.0.2.0/24, the address alone 192.0.2.1",
		],
		['port = "70000"', "2:8: bad port '70000': ports are 0 to 65535"],
		[
			'kind = "scna"',
			"2:8: unknown kind 'scna': one of connection, probe, scan, sweep, ping, poison, rogue-dhcp, rogue-ra, sensor",
		],
		[
			'protocol = "icmpv6"',
			"2:12: unknown protocol 'icmpv6': one of tcp, udp, sctp, icmp, ipv6-icmp, ip, arp",
		],
		[
			'severity = "high"',
			"2:12: unknown severity 'high': one of info, notice, warning",
		],
		[
			'technique = "a b"',
			"2:13: bad value 'a b': a technique as alerts name it",
		],
		[
			'mac = "02:00"',
			"2:7: bad MAC address '02:00': give one as 02:00:00:00:00:01",
		],
		[
			'interface = "[eth]"',
			"2:13: bad interface pattern '[eth]': a name with * and ?, and ! in front to exclude",
		],
		[
			'kind = "scan"\nhours = "24:00-06:00"',
			"3:9: bad hours '24:00-06:00': give them as 22:00-06:00",
		],
		[
			'kind = "scan"\nhours = "06:00-06:00"',
			"3:9: bad hours '06:00-06:00': give them as 22:00-06:00",
		],
		[
			'kind = "scan"\nuntil = "2027-01-01"',
			"3:9: bad date '2027-01-01': give a date as 2027-01-31 or 2027-01-31T18:00:00+01:00, without quotes",
		],
	] as const)
		t.same(
			wrong(line),
			sentences.map((one) => `t.toml:${one}`),
			line,
		);
	t.match(wrong('kind = "scan"\nwhy = "a\\nb"'), [
		/^t\.toml:3:7: why: printable ASCII, at most 200 characters/,
	]);
});
