import fc from "fast-check";
import t from "tap";
import type { Alert } from "../../src/alert/alert.ts";
import { parseConfig } from "../../src/config/config.ts";
import type { Rule } from "../../src/config/rules.ts";
import {
	createRules,
	ignoredText,
	ruleFacts,
} from "../../src/delivery/rules.ts";
import { anyAlert, PING, PROBE, SCAN, SWEEP } from "../alert/samples.ts";

function rules(...tables: string[]): Rule[] {
	const toml = tables.map((table) => `[[ignore]]\n${table}\n`).join("");
	const config = parseConfig("t.toml", toml);
	if (Array.isArray(config)) throw new Error(config.join("\n"));
	return config.ignore;
}

/** Whether a rule of one table ignores an alert. */
const ignores = (table: string, alert: Alert) =>
	createRules({ ignore: rules(table), limit: [], route: [] }).ignores(alert);

const probe: Alert = {
	...PROBE,
	kind: "probe",
	time: new Date(2026, 10, 23, 23, 30).getTime(),
	interface: "eth0",
	carrier: "tcp",
	technique: "syn",
	source: { ip: "192.0.2.7", mac: "02:00:00:00:00:02" },
	destination: { ip: "198.51.100.1", port: 22 },
};

t.test("each condition", async (t) => {
	for (const [yes, no] of [
		['source = "192.0.2.0/24"', 'source = "192.0.3.0/24"'],
		['source = ["10.0.0.0/8", "192.0.2.7"]', 'source = "::/0"'],
		['destination = "198.51.100.1"', 'destination = "198.51.100.2"'],
		["port = [21, 22]", 'port = "23-65535"'],
		['protocol = "tcp"', 'protocol = "udp"'],
		['kind = ["scan", "probe"]', 'kind = "scan"'],
		['technique = "syn"', 'technique = "fin"'],
		['severity = "notice"', 'severity = "warning"'],
		['interface = "eth*"', 'interface = "!eth0"'],
		['mac = "02:00:00:00:00:02"', 'mac = "02:00:00:00:00:03"'],
		[
			'kind = "probe"\nhours = "22:00-06:00"',
			'kind = "probe"\nhours = "06:00-22:00"',
		],
		[
			'kind = "probe"\nhours = "23:30-23:31"',
			'kind = "probe"\nhours = "23:31-23:30"',
		],
		[
			'kind = "probe"\nuntil = 2027-01-01',
			'kind = "probe"\nuntil = 2026-11-01',
		],
	] as const) {
		t.equal(ignores(yes, probe), true, yes);
		t.equal(ignores(no, probe), false, no);
	}
});

t.test("all conditions must hold", async (t) => {
	t.equal(ignores('source = "192.0.2.7"\nport = 22', probe), true);
	t.equal(ignores('source = "192.0.2.7"\nport = 23', probe), false);
});

t.test("of many ports and hosts all must be meant", async (t) => {
	const scan = { ...SCAN, kind: "scan", technique: "syn" } as typeof SCAN;
	const few: Alert = { ...scan, ports: [22, 80], portCount: 2 };
	t.equal(ignores("port = [22, 80]", few), true);
	t.equal(ignores("port = 22", few), false);
	t.equal(
		ignores('port = "all"', { ...few, portCount: 3 }),
		false,
		"one isn't named",
	);
	const sweep: Alert = {
		...SWEEP,
		hosts: ["192.0.2.1", "192.0.2.2"],
		hostCount: 2,
	};
	t.equal(ignores('destination = "192.0.2.0/24"', sweep), true);
	t.equal(ignores('destination = "192.0.2.1"', sweep), false);
	t.equal(
		ignores('destination = "192.0.2.0/24"', { ...sweep, hostCount: 3 }),
		false,
	);
});

t.test("decoys and spoofed sources are nobody's", async (t) => {
	const sources = { ips: ["192.0.2.7", "192.0.2.8"], count: 2 };
	t.equal(ignores('source = "192.0.2.0/24"', { ...probe, sources }), false);
	const many = { ...probe, source: { ip: "many" } };
	t.equal(ignores('source = "0.0.0.0/0"', many), false);
});

t.test("what tocsin says of itself is ignored only by name", async (t) => {
	const drops: Alert = {
		kind: "sensor",
		time: 0,
		state: "drops",
		message: "x",
		interface: "eth0",
	};
	t.equal(ignores('severity = "warning"', drops), false);
	t.equal(ignores('interface = "eth0"', drops), false);
	t.equal(ignores('kind = "sensor"\nseverity = "warning"', drops), true);
});

t.test("a fact that isn't there fits nothing", async () => {
	const tables = [
		['source = ["0.0.0.0/0", "::/0"]', "source"],
		['destination = ["0.0.0.0/0", "::/0"]', "destinations"],
		['port = "all"', "ports"],
		['mac = "02:00:00:00:00:02"', "mac"],
		['interface = "*"', "interface"],
	] as const;
	fc.assert(
		fc.property(
			anyAlert,
			fc.constantFrom(...tables),
			(alert, [table, fact]) =>
				ruleFacts(alert)[fact] !== undefined || !ignores(table, alert),
		),
	);
});

t.test("the first that fits counts", async (t) => {
	const all = rules(
		'port = 22\nwhy = "backup"',
		'kind = ["probe", "ping"]',
		'kind = "sweep"',
	);
	const { ignores, acted } = createRules({ ignore: all, limit: [], route: [] });
	t.same([probe, probe, { ...PING }, SCAN].map(ignores), [
		true,
		true,
		true,
		false,
	]);
	t.same(acted(), [
		{ block: "ignore", n: 1, why: "backup", count: 2 },
		{ block: "ignore", n: 2, why: undefined, count: 1 },
	]);
	t.equal(ignoredText(acted()), "; ignored 2 by rule 1 (backup), 1 by rule 2");
	t.equal(ignoredText([]), "");
});

t.test("each block has a first that fits", async (t) => {
	const [probes = {}, pings = {}] = rules('kind = "probe"', 'kind = "ping"');
	const { limit, route, ignores, acted } = createRules({
		ignore: [],
		limit: [
			{ ...pings, window: 0, burst: 1 },
			{ window: 60_000, burst: 2, why: "all" },
		],
		route: [
			{ ...probes, to: ["mail"] },
			{ ...pings, to: [] },
		],
	});
	t.match(limit({ ...PING }), { window: 0 });
	t.match(limit(probe), { window: 60_000, burst: 2 });
	t.same(route(probe), ["mail"]);
	t.same(route({ ...PING }), []);
	t.equal(route(SCAN), undefined);
	t.equal(ignores(probe), false);
	t.same(acted(), [
		{ block: "limit", n: 1, why: undefined, count: 1 },
		{ block: "limit", n: 2, why: "all", count: 1 },
		{ block: "route", n: 1, why: undefined, count: 1 },
		{ block: "route", n: 2, why: undefined, count: 1 },
	]);
});
