import fc from "fast-check";
import t from "tap";
import { parseConfig } from "../../src/config/config.ts";
import type { LureConfig } from "../../src/config/lures.ts";

const read = (text: string) => parseConfig("/etc/tocsin.toml", text);

function lures(text: string): LureConfig {
	const config = read(text);
	if (Array.isArray(config)) throw new Error(config.join());
	return config.lures;
}

const DEFAULTS = {
	poison: {
		every: 60_000,
		protocols: ["llmnr", "nbns", "mdns"],
		names: [],
		prefixes: [],
		wpad: true,
	},
	dhcp: { every: 300_000, relays: [] },
	dhcp6: { every: 300_000 },
	ra: { every: 300_000 },
};

t.test("every key has a default", async (t) => {
	t.strictSame(lures(""), DEFAULTS);
	t.strictSame(lures("[poison]\n[dhcp]\n[dhcp6]\n[ra]"), DEFAULTS);
});

t.test("every key", async (t) => {
	t.strictSame(
		lures(`
[poison]
every = 10
protocols = ["mdns", "llmnr"]
names = ["FILESRV", "a", "build-server-99"]
prefixes = ["WKS-", "0123456789"]
wpad = false

[dhcp]
every = 86400
relays = ["192.0.2.254"]
[[dhcp.servers]]
ip = "192.0.2.1"
[[dhcp.servers]]
ip = "192.0.2.2"
mac = "02:00:00:00:00:02"
id = "192.0.2.3"

[dhcp6]
every = 0
[[dhcp6.servers]]
duid = "00030001020000000001"
[[dhcp6.servers]]
mac = "02:00:00:00:00:02"

[ra]
every = 12.5
routers = ["fe80::1", "02:00:00:00:00:02"]
`),
		{
			poison: {
				every: 10_000,
				protocols: ["mdns", "llmnr"],
				names: ["filesrv", "a", "build-server-99"],
				prefixes: ["wks-", "0123456789"],
				wpad: false,
			},
			dhcp: {
				every: 86_400_000,
				relays: ["192.0.2.254"],
				servers: [
					{ ip: "192.0.2.1" },
					{ ip: "192.0.2.2", mac: "02:00:00:00:00:02", id: "192.0.2.3" },
				],
			},
			dhcp6: {
				every: 0,
				servers: [
					{ duid: "00030001020000000001" },
					{ mac: "02:00:00:00:00:02" },
				],
			},
			ra: {
				every: 12_500,
				routers: [{ ip: "fe80::1" }, { mac: "02:00:00:00:00:02" }],
			},
		},
	);
});

t.test("an empty list is a list: nobody may be there", async (t) => {
	t.strictSame(
		lures("dhcp.servers = []\ndhcp6.servers = []\nra.routers = []"),
		{
			...DEFAULTS,
			dhcp: { ...DEFAULTS.dhcp, servers: [] },
			dhcp6: { ...DEFAULTS.dhcp6, servers: [] },
			ra: { ...DEFAULTS.ra, routers: [] },
		},
	);
});

t.test("one address, however it is written", async (t) => {
	const server = (keys: string) =>
		lures(`dhcp.servers = [{ ip = "192.0.2.1", ${keys} }]`).dhcp.servers?.[0];
	for (const mac of [
		"02:AA:BB:CC:DD:EE",
		"02-aa-bb-cc-dd-ee",
		"02-AA-bb-CC-dd-EE",
	])
		t.equal(server(`mac = "${mac}"`)?.mac, "02:aa:bb:cc:dd:ee", mac);

	const duidOf = (duid: string) =>
		lures(`dhcp6.servers = [{ duid = "${duid}" }]`).dhcp6.servers?.[0]?.duid;
	for (const duid of [
		"00:03:00:01:02:AA",
		"00-03-00-01-02-aa",
		"0003000102AA",
		"0003:0001:02aa",
	])
		t.equal(duidOf(duid), "0003000102aa", duid);
	t.equal(duidOf("000301"), "000301", "the shortest");
	t.equal(duidOf("ab".repeat(130)), "ab".repeat(130), "the longest");

	const router = (text: string) =>
		lures(`ra.routers = ["${text}"]`).ra.routers?.[0];
	for (const ip of ["FE80::1", "fe80:0:0:0:0:0:0:1", "fe80::0001"])
		t.strictSame(router(ip), { ip: "fe80::1" }, ip);
	t.strictSame(router("02-00-00-00-00-0A"), { mac: "02:00:00:00:00:0a" });
	t.strictSame(lures('dhcp.relays = ["192.0.2.9", "::ffff:c000:209"]').dhcp, {
		...DEFAULTS.dhcp,
		relays: ["192.0.2.9", "192.0.2.9"],
	});
});

const ADDRESS = "give one as 192.0.2.1 or fe80::1";
const MAC = "give one as 02:00:00:00:00:01";
const HEX = "give its bytes in hexadecimal";
const NAME = "letters, digits and -, at most 15";
const PREFIX = "letters, digits and -, at most 10";
const EVERY = "seconds, 10 to 86400, or 0 for never";

/** What stands on the second line, where something is wrong with it, and what. */
type Case = [line: string, column: number, error: string];

function refuses(name: string, table: string, cases: readonly Case[]): void {
	t.test(name, async (t) => {
		for (const [line, column, error] of cases)
			t.strictSame(
				read(`${table}\n${line}`),
				[`/etc/tocsin.toml:2:${column}: ${error}`],
				line,
			);
	});
}

refuses("what [poison] refuses", "[poison]", [
	["every = 9.9", 9, `bad 'every' 9.9: ${EVERY}`],
	["every = 86401", 9, `bad 'every' 86401: ${EVERY}`],
	["every = -60", 9, `bad 'every' -60: ${EVERY}`],
	['every = "60"', 9, "every: expected a number, not '60'"],
	["every = nan", 9, "every: expected a number, not 'NaN'"],
	["every = inf", 9, "every: expected a number, not 'Infinity'"],
	['protocols = ["dns"]', 14, "protocols: 'dns' is none of llmnr, nbns, mdns"],
	['protocols = "llmnr"', 13, "protocols: expected a list, not 'llmnr'"],
	[
		"protocols = []",
		13,
		"protocols: name at least one protocol, or let 'every' be 0",
	],
	['names = ["a.b"]', 10, `bad name 'a.b': ${NAME}`],
	['names = [""]', 10, `bad name '': ${NAME}`],
	['names = ["-a"]', 10, `bad name '-a': ${NAME}`],
	['names = ["a-"]', 10, `bad name 'a-': ${NAME}`],
	['names = ["a\\n"]', 10, `bad name 'a\\x0a': ${NAME}`],
	['names = ["abcdefghijklmnop"]', 10, `bad name 'abcdefghijklmnop': ${NAME}`],
	["names = [1]", 10, "names: expected a string, not '1'"],
	['prefixes = ["WKS_"]', 13, `bad name 'WKS_': ${PREFIX}`],
	['prefixes = ["-"]', 13, `bad name '-': ${PREFIX}`],
	['prefixes = ["01234567890"]', 13, `bad name '01234567890': ${PREFIX}`],
	['wpad = "no"', 8, "wpad: expected true or false, not 'no'"],
	[
		"evry = 60",
		1,
		"unknown key 'evry': known are every, protocols, names, prefixes, wpad",
	],
]);

refuses("what [dhcp] refuses", "[dhcp]", [
	["every = 1", 9, `bad 'every' 1: ${EVERY}`],
	["server = []", 1, "unknown key 'server': known are every, servers, relays"],
	['servers = ["192.0.2.1"]', 12, "servers: expected a table, not '192.0.2.1'"],
	["servers = 1", 11, "servers: expected a list, not '1'"],
	["servers = [{}]", 12, "ip: is missing"],
	[
		'servers = [{ ip = "192.0.2.256" }]',
		19,
		`bad address '192.0.2.256': ${ADDRESS}`,
	],
	[
		'servers = [{ ip = "192.0.2.1/24" }]',
		19,
		`bad address '192.0.2.1/24': ${ADDRESS}`,
	],
	[
		'servers = [{ ip = "192.0.2.1", mac = "02:00:00:00:01" }]',
		38,
		`bad MAC address '02:00:00:00:01': ${MAC}`,
	],
	[
		'servers = [{ ip = "192.0.2.1", mac = "02:00-00:00:00:01" }]',
		38,
		`bad MAC address '02:00-00:00:00:01': ${MAC}`,
	],
	[
		'servers = [{ ip = "192.0.2.1", id = "dhcp" }]',
		37,
		`bad address 'dhcp': ${ADDRESS}`,
	],
	[
		'servers = [{ ip = "192.0.2.1", macs = "" }]',
		32,
		"unknown key 'macs': known are ip, mac, id",
	],
	['relays = ["fe80::1%eth0"]', 11, `bad address 'fe80::1%eth0': ${ADDRESS}`],
	["relays = [10]", 11, "relays: expected a string, not '10'"],
]);

refuses("what [dhcp6] refuses", "[dhcp6]", [
	["every = 90000", 9, `bad 'every' 90000: ${EVERY}`],
	["relays = []", 1, "unknown key 'relays': known are every, servers"],
	["servers = [{}]", 12, "a DHCPv6 server needs a duid or a mac"],
	['servers = [{ duid = "0003" }]', 21, `bad DUID '0003': ${HEX}`],
	['servers = [{ duid = "00030" }]', 21, `bad DUID '00030': ${HEX}`],
	['servers = [{ duid = "00 03 00" }]', 21, `bad DUID '00 03 00': ${HEX}`],
	[
		`servers = [{ duid = "${"ab".repeat(131)}" }]`,
		21,
		`bad DUID '${"ab".repeat(131)}': ${HEX}`.slice(0, 297).concat("..."),
	],
	['servers = [{ mac = "" }]', 20, `bad MAC address '': ${MAC}`],
	[
		'servers = [{ mac = "02:00:00:00:00:01", ip = "fe80::1" }]',
		41,
		"unknown key 'ip': known are duid, mac",
	],
]);

refuses("what [ra] refuses", "[ra]", [
	["every = 5", 9, `bad 'every' 5: ${EVERY}`],
	["router = []", 1, "unknown key 'router': known are every, routers"],
	[
		'routers = ["gateway"]',
		12,
		"bad router 'gateway': give its address (fe80::1) or its MAC",
	],
	[
		'routers = [{ ip = "fe80::1" }]',
		12,
		"routers: expected a string, not a table",
	],
]);

t.test("all errors, each with its line", async (t) => {
	t.strictSame(
		read(`[dhcp]
servers = [
	{ ip = "192.0.2.1" },
	{ ip = "192.0.2.2", mak = "02:00:00:00:00:02" },
]
every = 3

[[dhcp6.servers]]
mac = "02:00:00:00:00:02"
[[dhcp6.servers]]
uuid = "00030001"

[poison]
names = [
	"good",
	"not good"]
`),
		[
			"/etc/tocsin.toml:4:22: unknown key 'mak': known are ip, mac, id",
			`/etc/tocsin.toml:6:9: bad 'every' 3: ${EVERY}`,
			"/etc/tocsin.toml:10:1: a DHCPv6 server needs a duid or a mac",
			"/etc/tocsin.toml:11:1: unknown key 'uuid': known are duid, mac",
			`/etc/tocsin.toml:16:2: bad name 'not good': ${NAME}`,
		],
	);
	t.strictSame(read("ra = 1\n"), [
		"/etc/tocsin.toml:1:6: ra: expected a table, not '1'",
	]);
});

t.test("a typo never widens: no key is taken for another", async () => {
	const KNOWN: Record<string, readonly string[]> = {
		poison: ["every", "protocols", "names", "prefixes", "wpad"],
		dhcp: ["every", "servers", "relays"],
		dhcp6: ["every", "servers"],
		ra: ["every", "routers"],
	};
	const table = fc.constantFrom(...Object.keys(KNOWN));
	const key = fc.stringMatching(/^[a-z]{1,10}$/);
	fc.assert(
		fc.property(table, key, (table, key) => {
			fc.pre(!KNOWN[table]?.includes(key));
			const errors = read(`[${table}]\n${key} = []`);
			return (
				Array.isArray(errors) &&
				errors.join() ===
					`/etc/tocsin.toml:2:1: unknown key '${key}': known are ${KNOWN[table]?.join(", ")}`
			);
		}),
	);
});
