import fc from "fast-check";
import t from "tap";
import { configSchema, parseConfig } from "../../src/config/config.ts";
import { keysOf } from "../../src/config/tables.ts";

/** Behind `[[sink]]` and what a type needs. */
type Case = [line: string, error: string];

function refuses(type: string, needs: string, cases: readonly Case[]): void {
	t.test(`what ${type} refuses`, async (t) => {
		const head = `[[sink]] # 1\ntype = "${type}"\n${needs}`;
		const first = head.split("\n").length;
		for (const [line, error] of cases)
			t.same(
				parseConfig("t.toml", `${head}${line}\n`),
				[`t.toml:${/^\d+:\d+:/.test(error) ? "" : `${first}:`}${error}`],
				line,
			);
	});
}

const NAME = "letters, digits, - and _, at most 32";
const DURATION = "give seconds, or a number with ms, s, min, h or d";

refuses("journal", "", [
	['name = "a b"', `8: name: ${NAME}, not 'a b'`],
	['name = ""', `8: name: ${NAME}, not ''`],
	[
		"when = {}",
		"8: this sink wants everything, so leave 'when' out, or: name one of source, destination, port, protocol, kind, technique, severity, interface, mac, hours",
	],
	[
		'when = { kind = "scna" }',
		"17: unknown kind 'scna': one of connection, probe, scan, sweep, ping, poison, rogue-dhcp, rogue-ra, sensor",
	],
	[
		'when = { kind = "scan", kinds = 1 }',
		"25: unknown key 'kinds': known are source, destination, port, protocol, kind, technique, severity, interface, mac, hours, until, why",
	],
	['when = "scan"', "8: when: expected a table, not 'scan'"],
	['limit = "1x"', `9: bad duration '1x': ${DURATION}`],
	["limit = 0", "9: bad duration '0': 1s to 7d"],
	[
		"batch = { max = 1 }",
		"1: unknown key 'batch': known are type, name, when, limit, template",
	],
	["template = 1", "12: template: expected a string, not '1'"],
	[
		'name = "x"\n[[sink]]\ntype = "journal"\nname = "x"',
		"6:8: 'x' is the name of another sink: give each its own",
	],
]);

t.test("an unknown placeholder is named", async (t) => {
	t.match(
		parseConfig(
			"t.toml",
			'[[sink]]\ntype = "journal"\ntemplate = "{sorce.ip}"',
		),
		[/^t\.toml:3:12: unknown placeholder '\{sorce\.ip\}': known are /],
	);
});

refuses("file", 'path = "/x"\n', [
	['format = "xml"', "10: format: 'xml' is none of json, text, cef"],
	["size = 9999", "8: bad size '9999': at least 10kB, or 0 for no rotation"],
	[
		'size = "ten"',
		"8: bad size 'ten': give bytes, or a number with kB, MB, GB, KiB, MiB or GiB",
	],
	["keep = -1", "8: keep: give at least 0, not '-1'"],
	["keep = 1001", "8: keep: give at most 1000, not '1001'"],
	["keep = 1.5", "8: keep: expected a whole number, not '1.5'"],
	['template = "{message}"', `12: 'template' is for format = "text"`],
]);

refuses("syslog", "", [
	[
		'url = "local:"\nformat = "rfc3164"',
		"4:10: 'format' is for udp, tcp and tls",
	],
	[
		'url = "udp://x"\nbatch = { max = 2 }',
		"4:9: 'batch' is for tcp and tls: udp keeps nothing back",
	],
	[
		'url = "tcp://x"\nbatch = { max = 0 }',
		"4:17: max: give at least 1, not '0'",
	],
	[
		'url = "tcp://x"\nbatch = { gather = "2h" }',
		"4:20: bad duration '2h': 0s to 1h",
	],
	[
		'url = "tcp://x"\nbatch = { size = 2 }',
		"4:11: unknown key 'size': known are gather, every, max",
	],
]);

const ADDRESS = "give one as ops@example.net or Ops <ops@example.net>";
const SERVER =
	"give smtp://HOST[:587] (STARTTLS is demanded), smtps://HOST[:465] or smtp+plain://HOST[:25]";

refuses("mail", "", [
	["", "1:1: to: is missing"],
	["to = []", "6: give 1 to 100 addresses"],
	['to = "ops"', `6: bad address 'ops': ${ADDRESS}`],
	['to = ["a@b", "a@b@c"]', `14: bad address 'a@b@c': ${ADDRESS}`],
	['to = "-oQ/tmp@x"', `6: bad address '-oQ/tmp@x': ${ADDRESS}`],
	[
		'to = "a@b\\r\\nBcc: c@d"',
		`6: bad address 'a@b\\x0d\\x0aBcc: c@d': ${ADDRESS}`,
	],
	['to = "a@b, c@d"', `6: bad address 'a@b, c@d': ${ADDRESS}`],
	['to = "A <a@b> <c@d>"', `6: bad address 'A <a@b> <c@d>': ${ADDRESS}`],
	['to = "a@-b"', `6: bad address 'a@-b': ${ADDRESS}`],
	["to = 3", `6: bad address '3': ${ADDRESS}`],
]);

refuses("mail", 'to = "a@b"\n', [
	[
		'from = "tocsin"',
		"8: bad address 'tocsin': give one as tocsin@example.net or Tocsin <tocsin@example.net>",
	],
	['server = "mail.x"', `10: bad mail server 'mail.x': ${SERVER}`],
	[
		'server = "smtp://x:99999"',
		`10: bad mail server 'smtp://x:99999': ${SERVER}`,
	],
	[
		'server = "smtp://u:hunter2@x"',
		"10: a mail server's URL has no user in it: give 'user' and 'password_file'",
	],
	[
		'sendmail = "sendmail"',
		"12: sendmail: give an absolute path, not 'sendmail'",
	],
	[
		'server = "smtp://x"\nsendmail = "/s"',
		"5:12: 'server' and 'sendmail': give one of them",
	],
	['user = "u"', "8: 'user' is for a server: give 'server'"],
	['ca = "/c"', "6: 'ca' is for a server: give 'server'"],
	['password_env = "P"', "1:1: a password needs a 'user' and a 'server'"],
	['server = "smtp://x"\npassword_env = "P"', "1:1: a password needs a 'user'"],
	[
		'server = "smtp://x"\nuser = "u"',
		"5:8: 'user' needs a password: give 'password_file'",
	],
	[
		'server = "smtp+plain://x"\nuser = "u"\npassword = "hunter2"',
		"4:10: smtp+plain:// would send the password in the clear: use smtp:// or smtps://",
	],
	[
		'server = "smtp+plain://x"\nca = "/c"',
		"5:6: 'ca' is for smtp:// and smtps://",
	],
	[
		'subject = "a\\nb"',
		"11: subject: one line, at most 500 characters, not 'a\\x0ab'",
	],
	[
		'server = "smtps://x"\nuser = "u"\npassword = "hunter2"\npassword_file = "/p"',
		"7:17: 'password' and 'password_file': give one of them",
	],
]);

refuses("exec", "", [
	["argv = []", "8: argv: name a program"],
	['argv = ["sh", "-c"]', "9: bad program 'sh': give its absolute path"],
	[
		'argv = ["/bin/{source.ip}"]',
		"9: bad program '/bin/{source.ip}': give its absolute path",
	],
	['argv = "/bin/x y"', "8: argv: expected a list, not '/bin/x y'"],
	[
		'argv = ["/bin/x", "a\\u0000"]',
		"19: argv: an argument can't hold a zero, not 'a\\x00'",
	],
	[
		'argv = ["/x"]\ntimeout = "2min"',
		"4:11: bad duration '2min': 100ms to 1min",
	],
	['argv = ["/x"]\nat_once = 65', "4:11: at_once: give at most 64, not '65'"],
]);

refuses("webhook", "", [
	["", "1:1: a webhook needs 'url', 'url_file', 'url_env' or 'url_credential'"],
	['url_file = "u"', "12: url_file: give an absolute path, not 'u'"],
	['url_env = "1U"', "11: url_env: give a variable's name, not '1U'"],
	[
		'url_credential = "../x"',
		"18: url_credential: give a credential's name, not '../x'",
	],
]);

t.test("a webhook's URL", async (t) => {
	const wrong = (url: string) =>
		parseConfig("t.toml", `[[sink]]\ntype = "webhook"\nurl = "${url}"`);
	for (const url of ["x", "ftp://x", "http://", "https://x/a b"])
		t.same(
			wrong(url),
			["t.toml:3:7: bad URL: give it as https://HOST[:PORT]/PATH"],
			url,
		);
	t.same(wrong("https://user:hunter2@x"), [
		"t.toml:3:7: a user and a password in the URL are not sent: give 'token_file', or 'headers'",
	]);
	t.match(wrong("https://x/?ip={sorce.ip}"), [
		/^t\.toml:3:7: unknown placeholder '\{sorce\.ip\}'/,
	]);
	t.match(wrong("https://x/?ip={source.ip}"), { sinks: [{ name: "webhook" }] });
});

refuses("webhook", 'url = "http://x"\n', [
	[
		'preset = "matrix"',
		"10: preset: 'matrix' is none of generic, slack, teams, discord, ntfy, alertmanager",
	],
	['method = "DELETE"', "10: method: 'DELETE' is none of POST, PUT, GET"],
	[
		'headers = { "X Y" = "1" }',
		"21: bad header 'X Y': a name is letters, digits and -",
	],
	[
		'headers = { Host = "y" }',
		"20: header 'Host': is not for a configuration to set",
	],
	[
		'headers = { Transfer-Encoding = "chunked" }',
		"33: header 'Transfer-Encoding': is not for a configuration to set",
	],
	[
		'headers = { X-Key = "hunter2\\r\\nX: y" }',
		"21: header 'X-Key': its value is printable ASCII on one line, at most 2000 characters",
	],
	["headers = { X = 7 }", "17: X: expected a string"],
	[
		'headers = { authorization = "Basic x" }\ntoken = "t"',
		"4:29: a token and header 'authorization': give one of them",
	],
	["status = 99", "10: status: give at least 200, not '99'"],
	["status = [200, 600]", "16: status: give at most 599, not '600'"],
	['status = "ok"', "10: status: give status codes, 200 to 599, not 'ok'"],
	['timeout = "61s"', "11: bad duration '61s': 1s to 1min"],
]);

refuses("desktop", "", [
	[
		"popup = false\nwall = false",
		"4:8: without 'popup' and 'wall' it tells nobody",
	],
	['users = ["-x"]', "10: users: give a user's name, not '-x'"],
]);

t.test("a secret is quoted by no error", async (t) => {
	for (const line of [
		'password = ["hunter2"]',
		'password = "hunter2\\n"',
		'pasword = "hunter2"',
		'type = "webhook"\nurl = "hunter2"',
		'type = "webhook"\nurl = "https://hunter2:x@y"',
		'type = "webhook"\nurl = "https://hooks/hunter2\\n"',
		'type = "webhook"\nurl = ["https://hunter2"]',
		'type = "webhook"\nurl = "http://x"\ntoken = "hunter2 x"',
		'type = "webhook"\nurl = "http://x"\ntoken = { hunter2 = "hunter2" }',
		'type = "webhook"\nurl = "http://x"\nheaders = "hunter2"',
		'type = "webhook"\nurl = "http://x"\nheaders = { X = ["hunter2"] }',
		"password = hunter2",
		'password = "hunter2',
	]) {
		const type = line.startsWith("type") ? "" : 'type = "mail"\nto = "a@b"\n';
		const errors = parseConfig("t.toml", `[[sink]]\n${type}${line}\n`);
		t.ok(Array.isArray(errors) && errors.length > 0, line);
		t.notMatch(String(errors), /hunter2/);
	}
});

t.test("a typo never widens: no key is taken for another", async () => {
	const known = keysOf(configSchema());
	const table = fc.constantFrom(
		"limit",
		"route",
		"status",
		"history",
		"ignore",
	);
	const key = fc.stringMatching(/^[a-z_]{1,10}$/);
	fc.assert(
		fc.property(table, key, (table, key) => {
			fc.pre(!known[table]?.includes(key));
			const isMany = /limit|route|ignore/.test(table);
			const head = isMany ? `[[${table}]]` : `[${table}]`;
			const errors = parseConfig("t", `${head}\nkind = "scan"\n${key} = 1`);
			return (
				Array.isArray(errors) &&
				errors.includes(
					`t:3:1: unknown key '${key}': known are ${known[table]?.join(", ")}`,
				)
			);
		}),
	);
});
