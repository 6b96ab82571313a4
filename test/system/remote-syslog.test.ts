import { existsSync, readFileSync } from "node:fs";
import t, { type Test } from "tap";
import type { ConnectionAlert } from "../../src/alert/alert.ts";
import { textLine } from "../../src/alert/text.ts";
import {
	type Remote,
	type RemoteOptions,
	remoteSink,
} from "../../src/delivery/remote.ts";
import type { Entry } from "../../src/delivery/sink.ts";
import { fake } from "../delivery/servers.ts";
import {
	addHost,
	enterSandbox,
	makeCertificate,
	must,
	peer,
	type Rsyslog,
	type SyslogLine,
	startRsyslog,
	waitFor,
} from "./harness.ts";

enterSandbox(import.meta.url);

const tls = await makeCertificate();
const PORTS = { udp: 514, tcp: 601, tls: 6514 };
const VIAS = ["udp", "tcp", "tls"] as const;
const SENDER = { facility: "auth", tag: "klaxon", pid: 4711 };

/** Another input, whose structured data is taken to pieces by rsyslog itself. */
const PARSING_PORT = 1514;
const PARSED = "/run/parsed";
const PARSING = `
module(load="mmpstrucdata")
template(name="parsed" type="string" string="%$!rfc5424-sd!klaxon@32473%\\n")
ruleset(name="parsing") {
	action(type="mmpstrucdata")
	action(type="omfile" file="${PARSED}" template="parsed")
}
input(type="imudp" port="${PARSING_PORT}" ruleset="parsing")
`;

const HOSTILE: ConnectionAlert = {
	kind: "connection",
	time: Date.UTC(2026, 1, 3, 4, 5, 6, 7),
	transport: "tcp",
	service: "rexec",
	source: { ip: "2001:db8::7", port: 40312, name: "evil.example.net" },
	destination: { ip: "2001:db8::1", port: 512 },
	ident: { kind: "user", os: "UNIX", user: String.raw`j"o]e\\ [x="]` },
	data: String.raw`GET "/]" \\\\x00\x0a<13>1 - [a@1 b="c"]`,
};
const entryOf = (alert: ConnectionAlert): Entry => ({
	time: alert.time,
	level: "notice",
	line: textLine(alert),
	alert,
});
const entry = (line: string): Entry => ({ time: 0, level: "notice", line });

function target(via: Remote["via"], host: string): Remote {
	return via === "tls"
		? { via, host, port: PORTS.tls, tls: { ca: tls.ca } }
		: { via, host, port: PORTS[via] };
}

function sinkTo(t: Test, to: Remote, opts: RemoteOptions = {}) {
	const sink = remoteSink(to, SENDER, { hostname: "trap.example", ...opts });
	t.teardown(() => sink.close());
	return sink;
}

const startServer = (): Promise<Rsyslog> =>
	startRsyslog({
		socket: false,
		udp: PORTS.udp,
		tcp: PORTS.tcp,
		tls: { ...tls, port: PORTS.tls },
		extra: PARSING,
	});

let server = await startServer();
t.teardown(() => server.stop());

t.test("rsyslog understands an alert as it was meant", async (t) => {
	for (const via of VIAS)
		for (const host of ["127.0.0.1", "::1", "localhost"])
			t.test(`${via} to ${host}`, async (t) => {
				const sink = sinkTo(t, target(via, host));
				const before = server.lines().length;
				t.equal(await sink.deliver([entryOf(HOSTILE), entry("x")]), undefined);
				t.equal(await sink.close(), undefined);
				const lines = await server.waitForLines(before + 2);
				const [alert, word] = lines.slice(before) as [SyslogLine, SyslogLine];
				t.match(alert, {
					facility: "auth",
					severity: "notice",
					version: "1",
					host: "trap.example",
					app: "klaxon",
					pid: "4711",
					msgid: "connection",
					message: textLine(HOSTILE),
					input: via === "udp" ? "imudp" : "imtcp",
				});
				t.equal(new Date(alert.time).getTime(), HOSTILE.time);
				t.equal(
					alert.structured,
					'[klaxon@32473 src="2001:db8::7" kind="connection" proto="tcp" sport="40312"' +
						String.raw` dst="2001:db8::1" dport="512" user="j\"o\]e\\\\ [x=\"\]" name="evil.example.net"` +
						String.raw` data="GET \"/\]\" \\\\\\\\x00\\x0a<13>1 - [a@1 b=\"c\"\]"]`,
				);
				t.match(word, { structured: "-", msgid: "-", message: "x" });
			});
});

t.test(
	"rsyslog's own parser takes the structured data to pieces",
	async (t) => {
		const to = { via: "udp", host: "127.0.0.1", port: PARSING_PORT } as const;
		t.equal(await sinkTo(t, to).deliver([entryOf(HOSTILE)]), undefined);
		const json = await waitFor("it", () =>
			existsSync(PARSED) ? readFileSync(PARSED, "utf8") : undefined,
		);
		t.same(JSON.parse(json), {
			src: "2001:db8::7",
			kind: "connection",
			proto: "tcp",
			sport: "40312",
			dst: "2001:db8::1",
			dport: "512",
			user: HOSTILE.ident?.kind === "user" && HOSTILE.ident.user,
			name: "evil.example.net",
			data: HOSTILE.data,
		});
	},
);

t.test("a burst arrives whole and in order", async (t) => {
	const lines = Array.from(
		{ length: 1000 },
		(_, i) => `${i} ${"x".repeat(500)}`,
	);
	for (const via of VIAS)
		t.test(via, async (t) => {
			const sink = sinkTo(t, target(via, "127.0.0.1"));
			const before = server.lines().length;
			t.equal(await sink.deliver(lines.map(entry)), undefined);
			t.equal(await sink.close(), undefined);
			const count = () => server.lines().length - before;
			await waitFor(
				() => `1000, not ${count()}`,
				() => count() >= 1000,
			);
			const got = server.lines().slice(before);
			t.strictSame(
				got.map(({ message }) => message),
				lines,
			);
		});
});

t.test("rsyslog stops and starts again between batches", async (t) => {
	const sinks = VIAS.map((via) => [
		via,
		sinkTo(t, target(via, "127.0.0.1")),
	]) as [Remote["via"], ReturnType<typeof sinkTo>][];
	for (const [via, sink] of sinks)
		t.equal(await sink.deliver([entry(`${via} 1`)]), undefined);
	await server.waitForLines(({ message }) => message === "tls 1");
	await server.stop();
	for (const [via, sink] of sinks)
		t.match(await sink.deliver([entry(`${via} 2`)]), /: connection refused$/);
	server = await startServer();
	for (const [via, sink] of sinks)
		t.equal(await sink.deliver([entry(`${via} 3`)]), undefined);
	for (const [, sink] of sinks) t.equal(await sink.close(), undefined);
	await server.waitForLines(3);
	t.same(
		server.lines().map(({ message }) => message),
		VIAS.map((via) => `${via} 3`),
	);
});

t.test("a name of which one address has no server", async (t) => {
	for (const address of ["127.0.0.1", "::1"]) {
		const { port, text } = await fake(t, undefined, undefined, address);
		const sink = sinkTo(t, { via: "tcp", host: "localhost", port });
		t.equal(await sink.deliver([entry("x")]), undefined);
		t.equal(await sink.close(), undefined);
		t.match(text(), / x\n$/);
	}
});

t.test("a server's machine that is silently gone", async (t) => {
	const host = await addHost("gone");
	const remote = await startRsyslog({
		socket: false,
		tcp: PORTS.tcp,
		at: host,
	});
	t.teardown(() => remote.stop());
	const opts = { deadlineMs: 300, farewellMs: 300 };
	const sink = sinkTo(t, target("tcp", host.ipv4), opts);
	t.equal(await sink.deliver([entry("1")]), undefined);
	await remote.waitForLines(1);

	await must(peer("ip"), ["link", "set", "port2", "down"]);
	t.equal(await sink.deliver([entry("2")]), undefined, "can't be known yet");
	t.match(await sink.close(), /no answer to our farewell, the last lines may/);
	t.match(await sink.deliver([entry("3")]), /: timed out$/);
	const tlsSink = sinkTo(t, target("tls", host.ipv4), opts);
	t.match(await tlsSink.deliver([entry("3")]), /: timed out$/);
	t.equal(await must(peer("ss"), ["-Htn", "state", "syn-sent"]), "");
});
