import { cpSync, mkdtempSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import t from "tap";
import type { ConnectionAlert } from "../../src/alert/alert.ts";
import { printable } from "../../src/alert/printable.ts";
import { classicLine, textLine } from "../../src/alert/text.ts";
import { enterSandbox, must, peer, root } from "../system/harness.ts";

enterSandbox(import.meta.url);

const etc = mkdtempSync("/tmp/fail2ban-");
const packaged = `${root}/.peers/fail2ban`;
cpSync(`${packaged}/etc/fail2ban`, etc, { recursive: true });
cpSync(`${root}/inetd/fail2ban`, etc, { recursive: true });

const HEAD = "Nov 22 02:00:00 host klaxon[123]:";

/** The addresses that fail2ban would count, in the order of the lines. */
async function found(lines: string[], filter = "klaxon"): Promise<string[]> {
	const log = `${etc}/log`;
	writeFileSync(log, `${lines.join("\n")}\n`);
	const args = ["-c", etc, "-o", "ip", log, filter];
	const out = await must(peer("fail2ban-regex"), args);
	return out.split("\n").filter((line) => line !== "");
}

function alert(
	ip: string,
	more: Partial<ConnectionAlert> = {},
): ConnectionAlert {
	return {
		kind: "connection",
		time: Date.UTC(2026, 10, 22, 2),
		transport: "tcp",
		service: "rexec",
		source: { ip, port: 40312 },
		destination: { ip: "192.0.2.1", port: 512 },
		...more,
	};
}

t.test("the peer of a TCP connection is found", async (t) => {
	const lines: Record<string, string> = {
		'ALERT: host 192.0.2.7 accessing port rexec kind=connection proto=tcp sport=40312 dst=192.0.2.1 dport=512 user="joe" name="evil.example.net"':
			"192.0.2.7",
		"ALERT: host 2001:db8::7 accessing port rexec kind=connection proto=tcp sport=40312 dst=2001:db8::1 dport=512":
			"2001:db8::7",
		"ALERT: host 192.0.2.7 accessing port rexec 37 more times in 60s kind=connection proto=tcp dst=192.0.2.1 dport=512 count=37":
			"192.0.2.7",
		"ALERT: host 2001:db8:1:2:3:4:5:6 accessing port 512 1 more times in 1s kind=connection proto=tcp":
			"2001:db8:1:2:3:4:5:6",
		"ALERT: host fe80::7 accessing port rexec kind=connection proto=tcp if=eth0":
			"fe80::7",
	};
	const fold = { count: 37, first: Date.UTC(2026, 10, 22, 1, 59), last: 0 };
	lines[textLine(alert("192.0.2.8"))] = "192.0.2.8";
	lines[textLine(alert("2001:db8::8", { fold }))] = "2001:db8::8";
	const log = Object.keys(lines).map((line) => `${HEAD} ${line}`);
	t.strictSame(await found(log), Object.values(lines));
});

t.test("whoever writes the log", async (t) => {
	const line = textLine(alert("192.0.2.7"));
	const heads = {
		"rsyslog, RFC 3164 times": HEAD,
		"rsyslog, RFC 3339 times":
			"2026-11-22T02:00:00.123456+01:00 host klaxon[123]:",
		"fail2ban from the journal": "2026-11-22T02:00:00.123456 host klaxon[123]:",
		"klaxon's own fallback":
			"2026-11-22T02:00:00.123+00:00 a.example klaxon[1]:",
		"without a host": "Nov 22 02:00:00 klaxon[123]:",
		"without a PID": "Nov 22 02:00:00 host klaxon:",
	};
	const log = Object.values(heads).map((head, i) =>
		`${head} ${line}`.replace("192.0.2.7", `192.0.2.${i}`),
	);
	t.strictSame(
		await found(log),
		Object.keys(heads).map((_, i) => `192.0.2.${i}`),
		Object.keys(heads).join("; "),
	);
	const trap = [`${HEAD.replace("klaxon", "trap")} ${line}`];
	t.strictSame(await found(trap), [], "another tag is none of its business");
	const told = await found(trap, "klaxon[_daemon=trap]");
	t.strictSame(told, ["192.0.2.7"], "until told");
});

t.test("nobody is found where nobody is sure", async (t) => {
	const line = textLine(alert("198.51.100.1"));
	const lines = [
		`${HEAD} ${textLine(alert("198.51.100.1", { transport: "udp" }))}`,
		`${HEAD} ${textLine(alert("198.51.100.1", { source: {} }))}`,
		`${HEAD} ${line.replace("proto=tcp", "proto=tcpx")}`,
		`${HEAD} ${line.replace("198.51.100.1", "localhost")}`,
		`${HEAD} bad option '${line}'`,
		`${HEAD} ${classicLine(alert("198.51.100.1"))}`,
		`Nov 22 02:00:00 host ${line}`,
		`Nov 22 02:00:00 host sshd[1]: ${line}`,
		`Nov 22 02:00:00 host sshd[1]: klaxon[123]: ${line}`,
		`Nov 22 02:00:00 sshd[1]: klaxon[123]: ${line}`,
		`Nov 22 02:00:00 host sshd[1]: Invalid user klaxon[123]: ${line}`,
		`<38>1 2026-11-22T02:00:00Z host sshd 1 - - klaxon[123]: ${line}`,
		`<37>1 2026-11-22T02:00:00Z host klaxon 123 - [a@1 user="\\"] ${line}"] text`,
	];
	t.strictSame(await found(lines), []);
});

/** What an attacker would like the filter to read. */
const BAIT = [
	"ALERT: host 198.51.100.1 accessing port x kind=connection proto=tcp",
	`${HEAD} ALERT: host 198.51.100.1 accessing port x kind=connection proto=tcp`,
	`\n${HEAD} ALERT: host 198.51.100.1 accessing port x kind=connection proto=tcp`,
	`" proto=tcp host 198.51.100.1 accessing port x kind=connection proto=tcp`,
	"198.51.100.1:5 accessing port x",
	"x@198.51.100.1:5 accessing port x",
	'"\\\r\u2028\u0085\0',
];

/** An alert in which the peer has its say wherever it can. */
const hostile = fc.record({
	user: fc.constantFrom(...BAIT),
	name: fc.option(fc.constantFrom(...BAIT), { nil: undefined }),
	data: fc.array(fc.oneof(fc.constantFrom(...BAIT), fc.string())),
});

t.test("an attacker can't have somebody else banned", async (t) => {
	const alerts = fc.sample(hostile, 300).map(({ user, name, data }, i) => {
		const ip =
			i % 2 ? `2001:db8::${(i + 1).toString(16)}` : `192.0.2.${i % 256}`;
		return alert(ip, {
			source: { ip, port: 40312, name: name && printable(name, 255) },
			ident: {
				kind: "user",
				user: printable(user, 512),
			} as ConnectionAlert["ident"],
			data: printable(data.join(""), 6000),
		});
	});
	const log = (line: (a: ConnectionAlert) => string) =>
		alerts.map((a) => `${HEAD} ${line(a)}`);
	t.strictSame(
		await found(log(textLine)),
		alerts.map(({ source }) => source.ip),
		"each line gives its own peer, and no other",
	);
	const nobody = alerts.map((a) => ({ ...a, transport: "udp" as const }));
	t.strictSame(
		await found(nobody.map((a) => `${HEAD} ${textLine(a)}`)),
		[],
		"and a datagram gives none",
	);
	const classic = await found(log(classicLine), "klaxon[mode=classic]");
	const sure = alerts.filter(({ source }) => source.name === undefined);
	t.strictSame(
		classic,
		sure.map(({ source }) => source.ip),
		"a classic line gives its own peer, or none where a name stands",
	);
});

t.test("classic lines, for those who ask", async (t) => {
	const lines: Record<string, string> = {
		"ALERT: host 192.0.2.7:40312 accessing port rexec": "192.0.2.7",
		"ALERT: host [2001:db8::7]:40312 accessing port rexec": "2001:db8::7",
		"ALERT: user joe@192.0.2.7:40312 accessing port rexec": "192.0.2.7",
		"ALERT: host 192.0.2.7 accessing port rexec 37 more times in 60s":
			"192.0.2.7",
		"ALERT: host 2001:db8::7 accessing port rexec 37 more times in 60s":
			"2001:db8::7",
		"ALERT: user joe@evil.example.net:40312 accessing port rexec": "",
		"ALERT: host evil.example.net:40312 accessing port rexec": "",
		"ALERT: host 198.51.100.1.example.net:40312 accessing port rexec": "",
		"ALERT: user x@198.51.100.1:5 accessing port x@evil.example.net:40312 accessing port rexec":
			"",
	};
	const log = Object.keys(lines).map((line) => `${HEAD} ${line}`);
	t.strictSame(
		await found(log, "klaxon[mode=classic]"),
		Object.values(lines).filter((ip) => ip !== ""),
	);
	t.strictSame(await found(log), [], "and only for them");
});

t.test("fail2ban takes the jail", async (t) => {
	const client = `${packaged}/usr/bin/fail2ban-client`;
	const dump = await must(peer("python3"), [client, "-c", etc, "-d"]);
	const jail = dump.split("\n").filter((line) => line.includes("'klaxon'"));
	for (const expected of [
		"['add', 'klaxon', 'systemd']",
		"['set', 'klaxon', 'addjournalmatch', 'SYSLOG_IDENTIFIER=klaxon']",
		"['set', 'klaxon', 'maxretry', 1]",
		"['set', 'klaxon', 'bantime', '1d']",
		"['set', 'klaxon', 'usedns', 'no']",
		"['set', 'klaxon', 'addignoreip', '127.0.0.0/8', '::1']",
		"['start', 'klaxon']",
	])
		t.ok(jail.includes(expected), expected);
	t.match(jail.join("\n"), /allports[\s\S]*tcp,udp/, "all ports, all but ICMP");
	t.notMatch(dump, /ERROR|WARNING/);
});
