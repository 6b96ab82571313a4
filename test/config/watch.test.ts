import t from "tap";
import { parseConfig } from "../../src/config/config.ts";
import { DEFAULT_TCP, DEFAULT_UDP } from "../../src/config/ports.ts";
import { portsOf, toRanges } from "../../src/config/portset.ts";

const SERVICES = `telnet	23/tcp
domain	53/tcp
domain	53/udp
tftp	69/udp
`;

const read = (text: string) =>
	parseConfig("/etc/tocsin.toml", `[watch]\n${text}`, SERVICES);

function watch(text: string) {
	const config = read(text);
	if (Array.isArray(config)) throw new Error(config.join());
	return config.watch;
}

t.test("every key has a default", async (t) => {
	const expected = {
		interfaces: [],
		scope: "host",
		tcp: portsOf(DEFAULT_TCP),
		udp: portsOf(DEFAULT_UDP),
		except: { tcp: portsOf([]), udp: portsOf([]) },
		protocols: ["tcp", "udp", "icmp", "sctp", "ip", "arp"],
		to: [],
		home: [],
		ipOptions: false,
		evidence: undefined,
		evidenceSize: 10_000_000,
		user: "nobody",
	};
	t.same(watch(""), expected);
	t.match(parseConfig("/etc/tocsin.toml", ""), { watch: expected });
});

t.test("every key", async (t) => {
	t.match(
		watch(`
interfaces = ["eth*", "!veth*"]
scope = "segment"
protocols = ["tcp", "arp"]
to = ["192.0.2.0/24"]
home = ["2001:db8::/32", "127.0.0.1"]
ip_options = true
evidence = "/var/lib/tocsin/evidence.pcap"
evidence_size = "2MiB"
user = "tocsin"
`),
		{
			interfaces: ["eth*", "!veth*"],
			scope: "segment",
			protocols: ["tcp", "arp"],
			to: [{ words: [0, 0, 0xffff, -1073741312], bits: 120, version: 4 }],
			home: [
				{ words: [0x20010db8, 0, 0, 0], bits: 32, version: 6 },
				{ words: [0, 0, 0xffff, 0x7f000001], bits: 128, version: 4 },
			],
			ipOptions: true,
			evidence: "/var/lib/tocsin/evidence.pcap",
			evidenceSize: 2_097_152,
			user: "tocsin",
		},
	);
	t.equal(watch("evidence_size = 100000").evidenceSize, 100_000);
});

t.test("ports", async (t) => {
	const { tcp, udp } = watch(
		'tcp = [7, "9", "6000-6063", "telnet"]\nudp = "all"',
	);
	t.same(toRanges(tcp), [
		[7, 7],
		[9, 9],
		[23, 23],
		[6000, 6063],
	]);
	t.same(toRanges(udp), [[0, 65535]]);
	t.same(toRanges(watch("tcp = []").tcp), []);
	t.same(toRanges(watch("tcp = 23").tcp), [[23, 23]]);
});

t.test("exceptions for both transports or for each", async (t) => {
	const except = (text: string) => {
		const { tcp, udp } = watch(text).except;
		return [toRanges(tcp), toRanges(udp)];
	};
	t.same(except('except = [22, "telnet"]'), [[[22, 23]], [[22, 22]]]);
	t.same(except('except = "domain"'), [[[53, 53]], [[53, 53]]]);
	t.same(except('except = { tcp = ["1-9"] }'), [[[1, 9]], []]);
	t.same(except('[watch.except]\ntcp = [1]\nudp = ["tftp"]'), [
		[[1, 1]],
		[[69, 69]],
	]);
	t.same(except("except = {}"), [[], []]);
});

const KEYS =
	"interfaces, scope, tcp, udp, except, protocols, to, home, ip_options, evidence, evidence_size, user";

t.test("each error names its line and the offender", async (t) => {
	const cases: [text: string, column: number, error: string][] = [
		["interface = 1", 1, `unknown key 'interface': known are ${KEYS}`],
		['scope = "hots"', 9, "scope: 'hots' is none of host, segment"],
		["tcp = [65536]", 8, "bad port '65536': ports are 0 to 65535"],
		["tcp = [-1]", 8, "bad port '-1': ports are 0 to 65535"],
		["tcp = [1.5]", 8, "bad port '1.5': ports are 0 to 65535"],
		['tcp = ["1-70000"]', 8, "bad port '1-70000': ports are 0 to 65535"],
		['tcp = ["9-7"]', 8, "bad range '9-7': the lower port comes first"],
		[
			'tcp = ["tftp"]',
			8,
			"unknown service 'tftp': it is not in /etc/services for tcp; give its port number",
		],
		[
			"tcp = [true]",
			8,
			`bad port 'true': give a number, "6000-6063", a service name or "all"`,
		],
		[
			'except = ["nosuch"]',
			11,
			"unknown service 'nosuch': it is not in /etc/services for tcp or udp; give its port number",
		],
		["except = { tpc = [1] }", 18, "unknown key 'tpc': known are tcp, udp"],
		[
			"except = { udp = [99999] }",
			19,
			"bad port '99999': ports are 0 to 65535",
		],
		[
			'protocols = ["tpc"]',
			14,
			"protocols: 'tpc' is none of tcp, udp, icmp, sctp, ip, arp",
		],
		["protocols = []", 13, "protocols: name at least one protocol"],
		[
			'to = ["10.0.0.1/8"]',
			7,
			"bad network '10.0.0.1/8': bits are set behind its prefix; the network is 10.0.0.0/8, the address alone 10.0.0.1",
		],
		['home = "10.0.0.0/8"', 8, "home: expected a list, not '10.0.0.0/8'"],
		["home = [10]", 9, "home: expected a string, not '10'"],
		["to = [{ toString = 1 }]", 7, "to: expected a string, not a table"],
		[
			"tcp = [{ toString = 1 }]",
			8,
			`bad port a table: give a number, "6000-6063", a service name or "all"`,
		],
		["scope = 2026-11-23", 9, "scope: '2026-11-23' is none of host, segment"],
		[
			'interfaces = ["eth[0-9]"]',
			15,
			"bad interface pattern 'eth[0-9]': a name with * and ?, and ! in front to exclude",
		],
		["ip_options = 1", 14, "ip_options: expected true or false, not '1'"],
		[
			'evidence = "x.pcap"',
			12,
			"evidence: give an absolute path, not 'x.pcap'",
		],
		["evidence = []", 12, "evidence: expected a string, not a list"],
		[
			'evidence_size = "10 apples"',
			17,
			"bad size '10 apples': give bytes, or a number with kB, MB, GB, KiB, MiB or GiB",
		],
		[
			'evidence_size = "1kB"',
			17,
			"bad size '1kB': evidence needs at least 100kB",
		],
		['user = "-x"', 8, "user: give a user's name, not '-x'"],
	];
	for (const [text, column, error] of cases)
		t.same(read(text), [`/etc/tocsin.toml:2:${column}: ${error}`], text);
});

t.test("all errors are told, by line", async (t) => {
	t.same(
		read(`user = "a b"
tcp = [
	1, # 99999 is no port
	"6000-6063",
	99999,
	88888,
]
to = [
	"10.0.0.0/8",
	"::1/64"]
scop = "host"

[[sink]]
type = "file"

[watch.except]
udp = ["0-65536"]
`),
		[
			"/etc/tocsin.toml:2:8: user: give a user's name, not 'a b'",
			"/etc/tocsin.toml:6:2: bad port '99999': ports are 0 to 65535",
			"/etc/tocsin.toml:7:2: bad port '88888': ports are 0 to 65535",
			"/etc/tocsin.toml:11:2: bad network '::1/64': bits are set behind its prefix; the network is ::/64, the address alone ::1",
			`/etc/tocsin.toml:12:1: unknown key 'scop': known are ${KEYS}`,
			"/etc/tocsin.toml:14:1: path: is missing",
			"/etc/tocsin.toml:18:8: bad port '0-65536': ports are 0 to 65535",
		],
	);
	t.same(parseConfig("f", "watch = 3"), [
		"f:1:9: watch: expected a table, not '3'",
	]);
});

t.test("an error is printable", async (t) => {
	t.same(read('scope = "\\u001b[2J"'), [
		"/etc/tocsin.toml:2:9: scope: '\\x1b[2J' is none of host, segment",
	]);
});
