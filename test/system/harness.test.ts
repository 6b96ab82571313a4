import { lookupService, reverse } from "node:dns/promises";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:tls";
import t from "tap";
import {
	addHost,
	connectAndReset,
	enterSandbox,
	home,
	makeCertificate,
	peer,
	readAll,
	run,
	runIn,
	start,
	startDnsmasq,
	startInetd,
	startOidentd,
	startRsyslog,
	startSocketActivate,
	startXinetd,
} from "./harness.ts";

enterSandbox(import.meta.url);

/** Accepts on the descriptor it is given, serves one connection and goes: what "wait" means. */
const waiter = "/tmp/waiter.mjs";
writeFileSync(
	waiter,
	`import net from "node:net";
	const server = net.createServer((socket) => { socket.end("waited"); server.close(); });
	server.listen({ fd: Number(process.argv[2]) });`,
);
const wait = `${process.execPath} node ${waiter} 0`;

t.test("the sandbox is private", async (t) => {
	t.match(readFileSync("/proc/1/cmdline", "utf8"), "sandbox.sh");
	t.equal(readFileSync("/etc/resolv.conf", "utf8"), "");
	const { stdout } = await run(peer("ip"), ["-brief", "link"]);
	t.match(stdout, /^lo +UNKNOWN .*LOOPBACK,UP/);
	t.equal(stdout.trim().split("\n").length, 1, "no interface but lo");
});

t.test("rsyslog keeps what it gets, whichever way it comes", async (t) => {
	const tls = { port: 6514, ...(await makeCertificate()) };
	const syslog = await startRsyslog({ udp: 514, tcp: 601, tls });
	const logger = (...args: string[]) => run("/usr/bin/logger", args);
	await logger("-p", "auth.notice", "-t", "klaxon", "--id=12", "local \u0001");
	await logger("-n", "127.0.0.1", "-d", "-P", "514", "--rfc5424", "by udp");
	await logger("-n", "127.0.0.1", "-T", "-P", "601", "--rfc5424", "by tcp");
	const socket = connect({ port: 6514, ca: readFileSync(tls.ca) });
	await once(socket, "secureConnect");
	socket.end('<37>1 - h klaxon 7 - [a@1 b="c"] by tls\n');
	const lines = await syslog.waitForLines(4);
	t.match(lines[0], {
		facility: "auth",
		severity: "notice",
		tag: "klaxon[12]:",
		message: "local \u0001",
		host: "trap",
		raw: /^<37>.* klaxon\[12\]: local .$/,
	});
	const [last] = await syslog.waitForLines((line) => line.message === "by tls");
	t.match(last, { app: "klaxon", pid: "7", structured: '[a@1 b="c"]' });
	await syslog.stop();
	const { code } = await logger("--socket-errors=on", "nobody listens");
	t.equal(code, 1, "gone, and its socket with it");
});

for (const kind of ["openbsd", "inetutils"] as const)
	t.test(`${kind}-inetd serves nowait and wait`, async (t) => {
		const inetd = await startInetd(
			kind,
			`# a comment
			7001 stream tcp nowait root /bin/echo echo at once
			7002 stream tcp wait root ${wait}\n`.replace(/^\t+/gm, ""),
		);
		t.equal(`${await readAll("127.0.0.1", 7001)}`, "at once\n");
		t.equal(`${await readAll("127.0.0.1", 7002)}`, "waited");
		t.equal(`${await readAll("127.0.0.1", 7002)}`, "waited", "and again");
		await inetd.stop();
		await t.rejects(readAll("127.0.0.1", 7001), { code: "ECONNREFUSED" });
	});

t.test("xinetd serves nowait and wait", async (t) => {
	const service = (name: string, port: number, more: string) =>
		`service ${name}\n{\ntype = UNLISTED\nport = ${port}\nprotocol = tcp\nsocket_type = stream\nuser = root\nflags = IPv4\n${more}\n}\n`;
	const xinetd = await startXinetd(
		service(
			"now",
			7001,
			"wait = no\nserver = /usr/bin/printenv\nserver_args = REMOTE_HOST",
		) +
			service(
				"later",
				7002,
				`wait = yes\nserver = ${process.execPath}\nserver_args = ${waiter} 0`,
			),
	);
	t.equal(`${await readAll("127.0.0.1", 7001)}`, "127.0.0.1\n");
	t.equal(`${await readAll("127.0.0.1", 7002)}`, "waited");
	await xinetd.stop();
});

t.test("systemd-socket-activate serves both ways", async (t) => {
	const perConnection = ["-l", "7001", "-a", "--inetd", "/bin/echo", "at once"];
	const one = await startSocketActivate(perConnection);
	t.equal(`${await readAll("::1", 7001)}`, "at once\n");
	await one.stop();
	const whole = ["-l", "127.0.0.1:7002", process.execPath, waiter, "3"];
	await startSocketActivate(whole);
	t.equal(`${await readAll("127.0.0.1", 7002)}`, "waited");
});

t.test("dnsmasq answers", async (t) => {
	const dns = await startDnsmasq({
		hosts: { "evil.example.net": ["192.0.2.7", "2001:db8::7"] },
		pointers: {
			"192.0.2.8": "liar.example.net",
			"2001:db8::8": "liar.example.net",
		},
	});
	t.same(await reverse("192.0.2.7"), ["evil.example.net"]);
	t.same(await reverse("2001:db8::8"), ["liar.example.net"]);
	t.match(await lookupService("2001:db8::7", 512), {
		hostname: "evil.example.net",
	});
	await t.rejects(reverse("192.0.2.9"), { code: "ENOTFOUND" });
	t.match(dns.output(), "query[PTR] 9.2.0.192.in-addr.arpa");
	await dns.stop();
});

t.test("hosts reach the sandbox and each other", async (t) => {
	const alice = await addHost("alice");
	const bob = await addHost("bob");
	const xinetd = await startInetd(
		"openbsd",
		"exec stream tcp nowait root /bin/echo echo hello\n",
	);
	const nmap = (host: typeof alice, ...args: string[]) =>
		runIn(host, peer("nmap"), ["-n", "-Pn", ...args]);
	t.match((await nmap(alice, "-p512", home.ipv4)).stdout, "512/tcp open  exec");
	t.match(
		(await nmap(alice, "-sT", "-6", "-p512", home.ipv6)).stdout,
		"512/tcp open",
	);
	t.match((await nmap(alice, "-p512", bob.ipv4)).stdout, "512/tcp closed");
	const telnet = await runIn(bob, peer("telnet"), [home.ipv6, "512"], {
		keepOpen: true,
	});
	t.match(telnet.stdout, /Connected to .*hello/s);
	await xinetd.stop();
});

t.test("oidentd knows whose connection it is", async (t) => {
	const carol = await addHost("carol");
	const oidentd = await startOidentd([], { at: carol });
	const inetd = await startInetd(
		"openbsd",
		"7001 stream tcp nowait root /bin/cat cat\n",
	);
	const script = `require("net").connect(7001, "${home.ipv4}", function () { console.log(this.localPort); })`;
	const client = await start(
		process.execPath,
		["-e", script],
		(_, said) => said.endsWith("\n"),
		{ at: carol },
	);
	const port = client.output().trim();
	const ask = (send: string) => readAll(carol.ipv4, 113, { send });
	t.match(`${await ask(`${port},7001\r\n`)}`, `${port},7001:USERID:UNIX:root`);
	t.match(`${await ask("1,2\r\n")}`, "1,2:ERROR:NO-USER");
	for (const each of [client, inetd, oidentd]) await each.stop();
});

t.test("a client can leave without a word", async (t) => {
	const inetd = await startInetd(
		"openbsd",
		"7001 stream tcp nowait root /bin/echo echo x\n",
	);
	const end = await connectAndReset("127.0.0.1", 7001, "127.0.0.9");
	t.match(end, { address: "127.0.0.9", port: Number });
	await inetd.stop();
});

t.test("fail2ban-regex and systemd-analyze run", async (t) => {
	const line =
		"Nov 22 02:45:59 trap klaxon[12]: ALERT: host 192.0.2.7 accessing port exec";
	const regex = await run(peer("fail2ban-regex"), [
		line,
		"ALERT: host <HOST> accessing",
	]);
	t.match(regex.stdout, "1 matched");
	writeFileSync("/tmp/x.service", "[Service]\nExecStart=/bin/true\n");
	const verify = await run(peer("systemd-analyze"), [
		"verify",
		"/tmp/x.service",
	]);
	t.equal(verify.code, 0, verify.stderr);
});
