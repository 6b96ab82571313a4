import t from "tap";
import { toRanges } from "../../src/config/portset.ts";
import { isProbe } from "../../src/watch/command.ts";
import { HELP } from "../../src/watch/help.ts";
import { parseOptions } from "../../src/watch/options.ts";

const SERVICES = `telnet	23/tcp
domain	53/tcp
domain	53/udp
tftp	69/udp
`;

const read = (line: string) =>
	parseOptions(line.split(" ").filter(Boolean), SERVICES);

function options(line: string) {
	const { options, errors } = read(line);
	t.same(errors, [], `no error in '${line}'`);
	return options;
}

t.test("nothing said leaves all to the configuration", async (t) => {
	t.same(read(""), {
		action: "watch",
		errors: [],
		options: {
			config: undefined,
			interfaces: [],
			segment: false,
			tcpOnly: false,
			allExcept: false,
			ports: undefined,
			to: [],
			home: [],
			ipOptions: false,
			evidence: undefined,
			user: undefined,
			json: false,
			syslog: { via: "local" },
			facility: "auth",
			tag: "tocsin",
			fallback: "/var/log/tocsin.log",
			state: undefined,
			words: [],
			forget: false,
			socket: undefined,
			since: undefined,
			kinds: [],
			network: undefined,
			follow: false,
		},
	});
});

t.test("the command; watch before an option or a port", async (t) => {
	for (const line of ["watch", "-s", "--json 23", "23", "telnet", "udp:69"])
		t.match(read(line), { action: "watch", errors: [] }, line);
	t.match(read("all"), { action: "watch", errors: [] });
	t.match(read("replay a.pcap"), { action: "replay", errors: [] });
	t.match(read("check"), { action: "check", errors: [] });
	const commands =
		"the commands are watch, replay, check, probe, learned, alerts, status, notify, test-alert";
	for (const word of ["testalert", "Watch", "nosuch", "a,b"])
		t.same(
			read(`${word} -s`).errors,
			[
				`unknown command or service '${word}': ${commands}; a service is one of /etc/services, else give its port number`,
			],
			word,
		);
});

t.test("probe and learned", async (t) => {
	const words = (line: string) => {
		const { action, options, errors } = read(line);
		t.same(errors, [], `no error in '${line}'`);
		return [action, options.forget, ...options.words];
	};
	for (const what of ["poison", "dhcp", "ra"])
		t.same(words(`probe ${what}`), ["probe", false, what]);
	const line = "probe -i eth* dhcp -c /tmp/a --user daemon";
	t.same(words(line), ["probe", false, "dhcp"]);
	t.match(options(line), {
		interfaces: ["eth*"],
		config: "/tmp/a",
		user: "daemon",
	});
	t.same(words("learned"), ["learned", false]);
	t.same(words("learned --forget"), ["learned", true]);
	for (const line of ["--forget a b", "a b --forget", "--forget -- a b"])
		t.same(words(`learned ${line}`), ["learned", true, "a", "b"], line);
});

t.test("--state", async (t) => {
	for (const command of ["watch", "check", "probe ra", "learned"])
		t.equal(options(`${command} --state /srv/tocsin`).state, "/srv/tocsin");
	t.equal(options("--state=/a").state, "/a");
});

t.test("isProbe", async (t) => {
	for (const word of ["poison", "dhcp", "ra"]) t.equal(isProbe(word), true);
	for (const word of ["dhcp6", "Poison", "", undefined])
		t.equal(isProbe(word), false);
});

t.test("help and version win over errors", async (t) => {
	for (const line of ["-h", "--help", "replay --help", "--frob -h", "99999 -h"])
		t.match(read(line), { action: "help", errors: [] }, line);
	for (const line of ["-V", "check --version", "-sV"])
		t.match(read(line), { action: "version", errors: [] }, line);
});

t.test("every option", async (t) => {
	t.equal(options("-c /tmp/a.toml").config, "/tmp/a.toml");
	t.equal(options("check --config=/tmp/a.toml").config, "/tmp/a.toml");
	t.same(options("-i eth* --interface !veth* -ilo").interfaces, [
		"eth*",
		"!veth*",
		"lo",
	]);
	t.match(options("-sTA"), { segment: true, tcpOnly: true, allExcept: true });
	t.match(options("--segment --tcp-only --all-except --ip-options --json"), {
		segment: true,
		tcpOnly: true,
		allExcept: true,
		ipOptions: true,
		json: true,
	});
	t.match(options("--to 192.0.2.0/24 --to ::1 --home 10.0.0.0/8"), {
		to: [{ bits: 120 }, { bits: 128 }],
		home: [{ bits: 104 }],
	});
	t.equal(options("-o evidence.pcap").evidence, "evidence.pcap");
	t.equal(options("--evidence /tmp/x").evidence, "/tmp/x");
	t.equal(options("--user daemon").user, "daemon");
	t.same(options("--syslog udp://192.0.2.1").syslog, {
		via: "udp",
		host: "192.0.2.1",
		port: 514,
	});
	t.match(options("--facility local0 --tag bell --fallback /tmp/f"), {
		facility: "local0",
		tag: "bell",
		fallback: "/tmp/f",
	});
});

t.test("ports", async (t) => {
	const ports = (line: string) => {
		const { tcp, udp } = options(line).ports ?? {};
		return [tcp && toRanges(tcp), udp && toRanges(udp)];
	};
	t.same(ports("23"), [[[23, 23]], [[23, 23]]]);
	t.same(ports("watch 1,7-9 -s 12"), [
		[
			[1, 1],
			[7, 9],
			[12, 12],
		],
		[
			[1, 1],
			[7, 9],
			[12, 12],
		],
	]);
	t.same(ports("telnet,udp:7 tcp:domain"), [
		[
			[23, 23],
			[53, 53],
		],
		[[7, 7]],
	]);
	t.same(ports("domain tftp"), [
		[[53, 53]],
		[
			[53, 53],
			[69, 69],
		],
	]);
	t.same(ports("all"), [[[0, 65535]], [[0, 65535]]]);
	t.same(ports("-s -- 23"), [[[23, 23]], [[23, 23]]]);
	t.same(ports("-s"), [undefined, undefined]);
});

t.test("replay's files", async (t) => {
	t.same(options("replay -s a.pcap --home 10.0.0.0/8 - -- -x").words, [
		"a.pcap",
		"-",
		"-x",
	]);
});

t.test("each error names the offender and the remedy", async (t) => {
	const bounds = "ports are 0 to 65535";
	const cases: [line: string, ...errors: string[]][] = [
		["-q", "unknown option '-q': tocsin --help lists the options"],
		[
			"--constructor=1",
			"unknown option '--constructor': tocsin --help lists the options",
		],
		[
			"--level info",
			"unknown option '--level': tocsin --help lists the options",
			"'info'",
		],
		["--json=yes", "option --json takes no value, but got 'yes'"],
		["--tag", "option --tag needs a value"],
		["-i", "option -i needs a value"],
		[
			"-i eth[0]",
			"bad interface pattern 'eth[0]': a name with * and ?, and ! in front to exclude",
		],
		["--config=", "bad config '': give a file"],
		["--fallback log", "bad fallback 'log': give an absolute path"],
		["--user -x", "bad user '-x': give a user's name"],
		["--tag a:b", "bad tag 'a:b': letters, digits and . _ - only, at most 32"],
		["--facility beer", "unknown facility 'beer': one of kern, user"],
		["--syslog ftp://x", "bad syslog URL 'ftp://x': use local:"],
		[
			"--to 10.0.0.1/8",
			"bad network '10.0.0.1/8': bits are set behind its prefix; the network is 10.0.0.0/8, the address alone 10.0.0.1",
		],
		["--home x", "bad network 'x': give ADDRESS or ADDRESS/BITS"],
		["99999", `bad port '99999': ${bounds}`],
		[
			"-s 9-7,70000",
			"bad range '9-7': the lower port comes first",
			`bad port '70000': ${bounds}`,
		],
		[
			"tcp:tftp",
			"unknown service 'tftp': it is not in /etc/services for tcp; give its port number",
		],
		[
			"1,,2",
			"unknown service '': it is not in /etc/services for tcp or udp; give its port number",
		],
		["-s replay", "'replay' is a command: it comes first, before the options"],
		["replay", "replay needs a capture file: FILE..."],
		["replay -i lo a", "option -i is for watch and probe, not for replay"],
		["replay --evidence=x a", "option --evidence is for watch, not for replay"],
		[
			"check --segment",
			"option --segment is for watch and replay, not for check",
		],
		[
			"replay --state /a b",
			"option --state is for watch and check and probe and learned and alerts, not for replay",
		],
		["--state state", "bad state 'state': give an absolute path"],
		["--state=", "bad state '': give an absolute path"],
		["probe", "probe asks for one of poison, dhcp, ra, not ''"],
		["probe dns", "probe asks for one of poison, dhcp, ra, not 'dns'"],
		["probe dhcp ra", "probe asks for one of poison, dhcp, ra, not 'dhcp ra'"],
		["probe -s ra", "option -s is for watch and replay, not for probe"],
		["--forget", "option --forget is for learned, not for watch"],
		["probe --forget ra", "option --forget is for learned, not for probe"],
		[
			"learned 192.0.2.1 192.0.2.2",
			"learned takes options only, but got '192.0.2.1': --forget comes before what to forget",
		],
		["learned --forget=all", "option --forget takes no value, but got 'all'"],
		["learned -i lo", "option -i is for watch and probe, not for learned"],
		["-s probe", "'probe' is a command: it comes first, before the options"],
		["check 23", "check takes options only, but got '23'"],
		["-q --tag", "unknown option '-q'", "option --tag needs a value"],
	];
	for (const [line, ...expected] of cases) {
		const { errors } = read(line);
		t.equal(errors.length, expected.length, line);
		t.match(errors, expected);
	}
});

t.test("help fits a terminal and lists every option", async (t) => {
	for (const line of HELP.split("\n")) t.ok(line.length <= 80, line);
	for (const name of HELP.match(/--[a-z-]+/g) ?? [])
		t.notMatch(read(`${name} x`).errors.join(), /unknown option/, name);
	for (const name of [
		..."config interface segment tcp-only all-except to home ip-options".split(
			" ",
		),
		..."evidence user syslog fallback facility tag state json forget version help socket since kind source follow".split(
			" ",
		),
	])
		t.ok(HELP.includes(`--${name}`), name);
});

t.test("what was told, and how it goes", async (t) => {
	t.match(read("alerts --since 1h --kind scan,probe --kind ping -f --json"), {
		action: "alerts",
		errors: [],
		options: {
			since: 3_600_000,
			kinds: ["scan", "probe", "ping"],
			follow: true,
			json: true,
		},
	});
	t.match(options("alerts --source 192.0.2.0/24 --state /s").network, {
		bits: 120,
	});
	t.match(read("status --json --socket /run/s"), {
		action: "status",
		options: { json: true, socket: "/run/s" },
	});
	t.match(read("notify"), { action: "notify", errors: [] });
	t.match(read("test-alert -c /c --syslog udp://h --user daemon"), {
		action: "test-alert",
		errors: [],
	});
	for (const [line, error] of [
		[
			"alerts --since 1m",
			"bad duration '1m': give seconds, or a number with ms, s, min, h or d",
		],
		[
			"alerts --kind scans",
			"unknown kind 'scans': one of connection, probe, scan, sweep, ping, poison, rogue-dhcp, rogue-ra, sensor",
		],
		[
			"alerts --source 10.0.0.1/8",
			"bad network '10.0.0.1/8': bits are set behind its prefix; the network is 10.0.0.0/8, the address alone 10.0.0.1",
		],
		["alerts 23", "alerts takes options only, but got '23'"],
		["status --follow", "option --follow is for alerts, not for status"],
	] as const)
		t.same(read(line).errors, [error], line);
});
