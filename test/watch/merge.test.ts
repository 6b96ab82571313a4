import t from "tap";
import { parseConfig } from "../../src/config/config.ts";
import { DEFAULT_TCP } from "../../src/config/ports.ts";
import { portsOf, toRanges } from "../../src/config/portset.ts";
import { mergeOptions } from "../../src/watch/merge.ts";
import { parseOptions } from "../../src/watch/options.ts";

const SERVICES = "telnet	23/tcp\n";

function merge(line: string, toml = "") {
	const config = parseConfig("tocsin.toml", toml, SERVICES);
	const { action, options } = parseOptions(
		line.split(" ").filter(Boolean),
		SERVICES,
	);
	if (Array.isArray(config) || action === "help" || action === "version")
		throw new Error(`${config}`);
	return mergeOptions(action, options, config);
}

const ranges = ({ tcp, udp }: ReturnType<typeof merge>) => [
	toRanges(tcp),
	toRanges(udp),
];

t.test("nothing said: the defaults", async (t) => {
	t.match(merge(""), {
		interfaces: [],
		scope: "host",
		tcp: portsOf(DEFAULT_TCP),
		protocols: ["tcp", "udp", "icmp", "sctp", "ip", "arp"],
		to: [],
		home: [],
		ipOptions: false,
		evidence: undefined,
		evidenceSize: 10_000_000,
		user: "nobody",
		json: false,
		syslog: { via: "local" },
		facility: "auth",
		tag: "tocsin",
		fallback: "/var/log/tocsin.log",
		files: [],
		sinks: [],
	});
});

t.test("the command line over the configuration", async (t) => {
	const toml = `
[watch]
interfaces = ["eth0"]
protocols = ["udp"]
to = ["192.0.2.1"]
home = ["192.0.2.0/24"]
evidence = "/a"
user = "a"
[[sink]]
type = "file"
path = "/b"
`;
	t.match(merge("", toml), {
		interfaces: ["eth0"],
		scope: "host",
		protocols: ["udp"],
		to: [{ bits: 128 }],
		home: [{ bits: 120 }],
		evidence: "/a",
		user: "a",
		sinks: [{ path: "/b" }],
	});
	t.match(
		merge(
			"-i lo -sT --to 10.0.0.0/8 --home 10.0.0.0/16 --ip-options -o /c --user b --json --syslog stdout:",
			toml,
		),
		{
			interfaces: ["lo"],
			scope: "segment",
			protocols: ["tcp"],
			to: [{ bits: 104 }],
			home: [{ bits: 112 }],
			ipOptions: true,
			evidence: "/c",
			user: "b",
			json: true,
			syslog: { via: "stdout" },
		},
	);
});

t.test("ports: named ones replace, exceptions win", async (t) => {
	const toml = "[watch]\ntcp = [1, 2, 3]\nudp = [4]\nexcept = [2, 4]";
	t.same(ranges(merge("", toml)), [
		[
			[1, 1],
			[3, 3],
		],
		[],
	]);
	t.same(ranges(merge("2 5", toml)), [[[5, 5]], [[5, 5]]]);
	t.same(ranges(merge("telnet", toml)), [[[23, 23]], []]);
	const { except } = merge("2", toml);
	t.same(toRanges(except.tcp), [
		[2, 2],
		[4, 4],
	]);
});

t.test("all except the named ones and the exceptions", async (t) => {
	t.same(ranges(merge("-A")), [[[0, 65535]], [[0, 65535]]]);
	t.same(ranges(merge("-A 1-65535")), [[[0, 0]], [[0, 0]]]);
	t.same(
		ranges(merge("-A telnet", "[watch]\ntcp = [1]\nexcept = { udp = [9] }")),
		[
			[
				[0, 22],
				[24, 65535],
			],
			[
				[0, 8],
				[10, 65535],
			],
		],
	);
});

t.test("a replay judges the segment until addresses are ours", async (t) => {
	const scope = (line: string, toml?: string) => merge(line, toml).scope;
	t.equal(scope("replay a"), "segment");
	t.equal(scope("replay --home 10.0.0.1 a"), "host");
	t.equal(scope("replay a", '[watch]\nhome = ["10.0.0.1"]'), "host");
	t.equal(scope("replay -s --home 10.0.0.1 a"), "segment");
	t.equal(
		scope("replay --home 10.0.0.1 a", '[watch]\nscope = "segment"'),
		"segment",
	);
	t.equal(scope("--home 10.0.0.1"), "host");
});

t.test("a replay only prints", async (t) => {
	const toml = '[watch]\nevidence = "/a"\n[[sink]]\ntype = "file"\npath = "/b"';
	t.match(merge("replay --json a b", toml), {
		files: ["a", "b"],
		json: true,
		syslog: { via: "stdout" },
		sinks: [],
		evidence: undefined,
	});
});

t.test("what tocsin asks, and where it keeps what it learned", async (t) => {
	const lures = {
		poison: { every: 0, names: ["filesrv"] },
		dhcp: { servers: [{ ip: "192.0.2.1" }] },
		ra: { routers: [] },
	};
	const toml = `
state = "/a"
poison = { every = 0, names = ["filesrv"] }
dhcp.servers = [{ ip = "192.0.2.1" }]
ra.routers = []
`;
	t.match(merge("", toml), { ...lures, state: "/a" });
	t.match(merge("replay a", toml), lures);
	t.equal(merge("replay a", toml).state, undefined);
	t.equal(merge("--state /b", toml).state, "/b");
	t.equal(merge("probe ra --state /b", toml).state, "/b");
	t.equal(merge("learned --forget 192.0.2.1").state, "/var/lib/tocsin");
	t.same(merge("probe ra", toml).files, []);
	t.same(merge("learned --forget 192.0.2.1").files, []);
});
