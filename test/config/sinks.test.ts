import { hostname } from "node:os";
import t from "tap";
import { parseConfig, type SinkConfig } from "../../src/config/config.ts";
import { sinkTypes } from "../../src/config/sinks.ts";

const read = (text: string) => parseConfig("/etc/tocsin.toml", text);

function sinks(text: string): SinkConfig[] {
	const config = read(text);
	if (Array.isArray(config)) throw new Error(config.join("\n"));
	return config.sinks;
}

const SINGLY = { gather: 0, every: 0, max: 1 };

t.test("each type with its defaults", async (t) => {
	const defaults: [toml: string, sink: object][] = [
		[
			'type = "file"\npath = "/x"',
			{
				type: "file",
				name: "file",
				path: "/x",
				format: "json",
				size: 10_485_760,
				keep: 5,
				batch: SINGLY,
			},
		],
		[
			'type = "syslog"\nurl = "local:"',
			{
				type: "syslog",
				name: "syslog",
				target: { via: "local" },
				format: "rfc5424",
				batch: SINGLY,
			},
		],
		[
			'type = "syslog"\nurl = "tcp://log"\nformat = "rfc3164"',
			{
				type: "syslog",
				name: "syslog",
				target: { via: "tcp", host: "log", port: 601 },
				format: "rfc3164",
				batch: { gather: 200, every: 0, max: 500 },
			},
		],
		['type = "journal"', { type: "journal", name: "journal", batch: SINGLY }],
		[
			'type = "mail"\nto = "ops@example.net"',
			{
				type: "mail",
				name: "mail",
				to: ["ops@example.net"],
				from: `tocsin@${hostname()}`,
				server: { via: "sendmail", path: "/usr/sbin/sendmail" },
				batch: { gather: 30_000, every: 300_000, max: 500 },
				when: undefined,
				limit: undefined,
				subject: undefined,
				template: undefined,
			},
		],
		[
			'type = "exec"\nargv = ["/bin/x", "{source.ip}"]',
			{
				type: "exec",
				name: "exec",
				argv: ["/bin/x", "{source.ip}"],
				timeout: 30_000,
				atOnce: 1,
				batch: SINGLY,
			},
		],
		[
			'type = "webhook"\nurl = "http://[::1]:8080/hook"',
			{
				type: "webhook",
				name: "webhook",
				preset: "generic",
				url: { from: "value", value: "http://[::1]:8080/hook" },
				method: "POST",
				headers: {},
				token: undefined,
				status: [],
				timeout: 10_000,
				batch: SINGLY,
				when: undefined,
				limit: undefined,
				ca: undefined,
				template: undefined,
			},
		],
		[
			'type = "desktop"',
			{
				type: "desktop",
				name: "desktop",
				popup: true,
				wall: true,
				users: [],
				batch: SINGLY,
			},
		],
	];
	for (const [toml, sink] of defaults)
		t.same(sinks(`[[sink]]\n${toml}`), [sink], toml);
});

t.test("the presets' batches", async (t) => {
	const batch = (keys: string) =>
		sinks(`[[sink]]\ntype = "webhook"\nurl_env = "HOOK"\n${keys}`)[0]?.batch;
	for (const preset of ["slack", "teams", "discord", "ntfy"])
		t.same(
			batch(`preset = "${preset}"`),
			{ gather: 1000, every: 1000, max: 20 },
			preset,
		);
	t.same(batch('preset = "alertmanager"'), {
		gather: 1000,
		every: 0,
		max: 200,
	});
	t.same(batch('preset = "slack"\nbatch = { every = "2min" }'), {
		gather: 1000,
		every: 120_000,
		max: 20,
	});
	t.same(batch("batch = { gather = 5, every = 0, max = 10 }"), {
		gather: 5000,
		every: 0,
		max: 10,
	});
});

t.test("mail with everything", async (t) => {
	const [sink] = sinks(`[[sink]]
type = "mail"
name = "ops"
when = { kind = ["scan", "connection"], hours = "22:00-06:00" }
limit = "1h"
to = ["ops@example.net", "On Call <on.call+night@example.net>", '"Ops, all" <a@b>']
from = "tocsin@example.net"
server = "smtps://[2001:db8::1]:4650"
user = "tocsin"
password_file = "/etc/tocsin/smtp"
ca = "/etc/ssl/ca.pem"
subject = "{count} alerts"
template = """
{lines}
"""
batch = { gather = "1min", every = "10min", max = 50 }
`);
	t.same(sink, {
		type: "mail",
		name: "ops",
		when: { kind: ["scan", "connection"], hours: { from: 1320, to: 360 } },
		limit: 3_600_000,
		to: [
			"ops@example.net",
			"On Call <on.call+night@example.net>",
			'"Ops, all" <a@b>',
		],
		from: "tocsin@example.net",
		server: {
			via: "smtp",
			host: "2001:db8::1",
			port: 4650,
			security: "tls",
			user: "tocsin",
			password: { from: "file", path: "/etc/tocsin/smtp" },
			ca: "/etc/ssl/ca.pem",
		},
		subject: "{count} alerts",
		template: "{lines}\n",
		batch: { gather: 60_000, every: 600_000, max: 50 },
	});
	const server = (url: string) => {
		const [mail] = sinks(`[[sink]]\ntype="mail"\nto="a@b"\nserver = "${url}"`);
		return mail?.type === "mail" ? mail.server : undefined;
	};
	t.match(server("smtp://m"), { port: 587, security: "starttls" });
	t.match(server("smtps://m"), { port: 465, security: "tls" });
	t.match(server("smtp+plain://m"), { port: 25, security: "none" });
});

t.test("where secrets may stand", async (t) => {
	const secrets = (keys: string) => {
		const [hook] = sinks(`[[sink]]\ntype = "webhook"\n${keys}`);
		return hook?.type === "webhook" ? [hook.url, hook.token] : [];
	};
	t.same(secrets('url_file = "/u"\ntoken = "abc"'), [
		{ from: "file", path: "/u" },
		{ from: "value", value: "abc" },
	]);
	t.same(secrets('url_env = "U"\ntoken_credential = "hook.token"'), [
		{ from: "env", name: "U" },
		{ from: "credential", name: "hook.token" },
	]);
});

t.test("names: the type, then numbers; none twice", async (t) => {
	const names = (...lines: string[]) =>
		sinks(
			lines.map((line) => `[[sink]]\ntype = "journal"\n${line}\n`).join(""),
		).map(({ name }) => name);
	t.same(names("", "", ""), ["journal", "journal-2", "journal-3"]);
	t.same(names("", 'name = "journal"', ""), [
		"journal-2",
		"journal",
		"journal-3",
	]);
});

t.test("only the types that are named are made", async (t) => {
	const all = [
		"file",
		"syslog",
		"journal",
		"mail",
		"exec",
		"webhook",
		"desktop",
	];
	const cases: [raw: unknown, types: string[]][] = [
		[{}, ["file"]],
		[{ sink: [{ type: "mail" }, { type: "journal" }] }, ["journal", "mail"]],
		[{ sink: [{ type: "mail" }, { type: "mial" }] }, all],
		[{ sink: [{}] }, all],
		[{ sink: [null] }, all],
		[{ sink: 3 }, all],
		[{ sink: { type: "mail" } }, all],
	];
	for (const [raw, types] of cases)
		t.same(sinkTypes(raw), types, JSON.stringify(raw));
});
