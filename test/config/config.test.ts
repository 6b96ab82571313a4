import { join } from "node:path";
import t from "tap";
import { loadConfig, parseConfig } from "../../src/config/config.ts";

const read = (text: string) => parseConfig("/etc/tocsin.toml", text);

t.test("sinks with their defaults", async (t) => {
	t.match(read(""), { sinks: [] });
	t.match(
		read(`
[[sink]]
type = "file"
path = "/var/log/klaxon.json"

[[sink]]
type = "file"
path = "/var/log/klaxon.txt"
format = "text"

[[sink]]
type = "syslog"
url = "tls://log.example.net?ca=/etc/ca.pem"
`),
		{
			sinks: [
				{ type: "file", path: "/var/log/klaxon.json", format: "json" },
				{ type: "file", path: "/var/log/klaxon.txt", format: "text" },
				{
					type: "syslog",
					target: {
						via: "tls",
						host: "log.example.net",
						port: 6514,
						tls: { ca: "/etc/ca.pem" },
					},
				},
			],
		},
	);
});

t.test("where it keeps what it learned", async (t) => {
	t.match(read(""), { state: "/var/lib/tocsin" });
	t.match(read('state = "/srv/tocsin"'), { state: "/srv/tocsin" });
});

t.test("an error names the file, the line and the offender", async (t) => {
	const cases: [text: string, error: string | RegExp][] = [
		[
			"sinks = 1",
			"/etc/tocsin.toml:1:1: unknown key 'sinks': known are state, socket, handover, status, history, watch, poison, dhcp, dhcp6, ra, ignore, limit, route, sink",
		],
		[
			'\n\n[[sink]]\ntype = "fil"',
			"/etc/tocsin.toml:4:8: type: 'fil' is none of file, syslog, journal, mail, exec, webhook, desktop",
		],
		["[[sink]]\n", "/etc/tocsin.toml:1:1: type: is missing"],
		['[[sink]]\ntype = "file"', "/etc/tocsin.toml:1:1: path: is missing"],
		[
			'[[sink]]\ntype = "file"\npath = "log"',
			"/etc/tocsin.toml:3:8: path: give an absolute path, not 'log'",
		],
		[
			'[[sink]]\ntype="file"\npath="/x"\n\n[[sink]]\ntype = "file"\npath = "/y"\nfromat = "text"',
			"/etc/tocsin.toml:8:1: unknown key 'fromat': known are type, name, when, limit, path, format, size, keep, template",
		],
		[
			'[[sink]]\ntype = "syslog"\nurl = "ftp://x"',
			/^\/etc\/tocsin\.toml:3:7: bad syslog URL 'ftp:\/\/x'/,
		],
		[
			'[[sink]]\ntype = "syslog"\nurl = "stdout:"',
			"/etc/tocsin.toml:3:7: stdout: is no sink",
		],
		[
			'state = "tocsin"',
			"/etc/tocsin.toml:1:9: state: give an absolute path, not 'tocsin'",
		],
		["sink = 3", "/etc/tocsin.toml:1:8: sink: expected a list, not '3'"],
		["a = 1\n[[", /^\/etc\/tocsin\.toml:2:\d+: Invalid TOML/],
	];
	for (const [text, error] of cases) {
		const errors = read(text);
		t.ok(Array.isArray(errors) && errors.length === 1, text);
		t.match(errors, [error]);
	}
});

t.test("a file that can't be read is named", async (t) => {
	const path = join(t.testdir(), "none.toml");
	t.match(loadConfig(path), [`can't read the configuration: ENOENT`]);
	const good = join(t.testdir({ "a.toml": "" }), "a.toml");
	t.match(loadConfig(good), { sinks: [], watch: { scope: "host" } });
});

t.test("a file that needn't be there is an empty one", async (t) => {
	const path = join(t.testdir({ "bad.toml": "x = 1" }), "none.toml");
	const optional = { optional: true };
	t.match(loadConfig(path, optional), { sinks: [], watch: { user: "nobody" } });
	t.match(loadConfig(join(path, "../bad.toml"), optional), [
		/bad\.toml:1:1: unknown key 'x'/,
	]);
	t.match(loadConfig(t.testdirName, optional), [
		"can't read the configuration: EISDIR",
	]);
});
