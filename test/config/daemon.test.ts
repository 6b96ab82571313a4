import t from "tap";
import { type Config, parseConfig } from "../../src/config/config.ts";

function read(text: string): Config {
	const config = parseConfig("t.toml", text);
	if (Array.isArray(config)) throw new Error(config.join("\n"));
	return config;
}

t.test("defaults", async (t) => {
	const { socket, handover, status, history, limit, route } = read("");
	t.same(
		{ socket, handover, status, history, limit, route },
		{
			socket: "/run/tocsin/tocsin.sock",
			handover: ["nobody"],
			status: {},
			history: { age: 7_776_000_000, size: 200_000_000 },
			limit: [],
			route: [],
		},
	);
});

t.test("every key", async (t) => {
	t.match(
		read(`socket = "/run/t.sock"
handover = ["nobody", "klaxon"]
[status]
listen = "[::1]:9877"
[history]
age = "1h"
size = "1MB"
`),
		{
			socket: "/run/t.sock",
			handover: ["nobody", "klaxon"],
			status: { listen: { host: "::1", port: 9877 } },
			history: { age: 3_600_000, size: 1_000_000 },
		},
	);
	t.same(read('status.listen = "127.1.2.3:1"').status, {
		listen: { host: "127.1.2.3", port: 1 },
	});
});

t.test("limits and routes", async (t) => {
	const { limit, route } = read(`[[limit]]
kind = "ping"
window = "1h"
burst = 3
why = "monitoring"
[[limit]]
window = 0
[[route]]
severity = "warning"
to = ["mail", "journal"]
[[route]]
kind = "sensor"
to = []
[[route]]
to = "journal"
[[sink]]
type = "mail"
to = "a@b"
[[sink]]
type = "journal"
`);
	t.same(limit, [
		{ kind: ["ping"], window: 3_600_000, burst: 3, why: "monitoring" },
		{ window: 0, burst: 1 },
	]);
	t.same(route, [
		{ severity: ["warning"], to: ["mail", "journal"] },
		{ kind: ["sensor"], to: [] },
		{ to: ["journal"] },
	]);
});

t.test("what is wrong is fatal, with its place", async (t) => {
	const listen = (text: string) =>
		`bad address '${text}': give one of this machine alone, as 127.0.0.1:9877 or [::1]:9877`;
	const known =
		"source, destination, port, protocol, kind, technique, severity, interface, mac, hours, until, why";
	for (const [toml, error] of [
		['socket = "run"', "1:10: socket: give an absolute path, not 'run'"],
		["handover = [1]", "1:13: handover: expected a string, not '1'"],
		['handover = "nobody"', "1:12: handover: expected a list, not 'nobody'"],
		['handover = ["a b"]', "1:13: handover: give a user's name, not 'a b'"],
		...[
			"0.0.0.0:9877",
			"127.0.0.1",
			"127.0.0.1:0",
			"[::]:1",
			"127.0.0.256:1",
		].map((text) => [`[status]\nlisten = "${text}"`, `2:10: ${listen(text)}`]),
		["status.port = 1", "1:1: unknown key 'port': known are listen"],
		['[history]\nage = "59min"', "2:7: bad duration '59min': 1h to 3650d"],
		[
			"history.size = 999999",
			"1:16: bad size '999999': the history needs at least 1MB",
		],
		["[[limit]]\nburst = 2", "1:1: window: is missing"],
		['[[limit]]\nwindow = "8d"', "2:10: bad duration '8d': 0s to 7d"],
		[
			"[[limit]]\nwindow = 1\nburst = 0",
			"3:9: burst: give at least 1, not '0'",
		],
		[
			"[[limit]]\nwindow = 1\nwidow = 1",
			`3:1: unknown key 'widow': known are ${known}, window, burst`,
		],
		['[[limit]]\nwindow = 1\nkind = "x"', /^t\.toml:3:8: unknown kind 'x'/],
		["[[route]]\n", "1:1: to: is missing"],
		["[[route]]\nto = 1", "2:6: to: give names of sinks, not '1'"],
		['[[route]]\nto = ["mail"]', "2:7: unknown sink 'mail': there is none"],
		[
			'[[sink]]\ntype = "journal"\n[[sink]]\ntype = "journal"\n[[route]]\nto = "mail"',
			"6:6: unknown sink 'mail': known are journal, journal-2",
		],
	] as [string, string | RegExp][])
		t.match(
			parseConfig("t.toml", toml),
			[typeof error === "string" ? `t.toml:${error}` : error],
			toml,
		);
	t.match(parseConfig("t.toml", `socket = "/${"x".repeat(107)}"`), [
		/^t\.toml:1:10: socket: give at most 107 bytes, not /,
	]);
});
