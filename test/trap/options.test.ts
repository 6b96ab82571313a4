import t from "tap";
import { DEFAULTS, parseOptions } from "../../src/trap/options.ts";

const read = (line: string) => parseOptions(line.split(" ").filter(Boolean));
const options = (line: string) => {
	const { options, errors } = read(line);
	t.same(errors, [], `no error in '${line}'`);
	return options;
};

t.test("the defaults are the design's", async (t) => {
	t.same(options(""), {
		...DEFAULTS,
		service: undefined,
		identMs: undefined,
		numeric: false,
		listen: [],
		idleMs: 60_000,
		readBytes: 0,
		banner: undefined,
		classic: false,
		json: false,
		syslog: { via: "local" },
		facility: "auth",
		level: "notice",
		tag: "klaxon",
		config: undefined,
		fallback: "/var/log/klaxon.log",
		user: "nobody",
		action: "run",
	});
});

t.test("every option", async (t) => {
	t.equal(options("--ident").identMs, 3000);
	t.equal(options("-i").identMs, 3000);
	t.equal(options("-i rexec").service, "rexec");
	t.equal(options("--ident=0.5").identMs, 500);
	t.equal(options("-i5").identMs, 5000);
	t.match(options("-ni rexec"), {
		numeric: true,
		identMs: 3000,
		service: "rexec",
	});
	t.match(options("-in rexec"), {
		numeric: true,
		identMs: 3000,
		service: "rexec",
	});
	t.equal(options("--idle 2.5").idleMs, 2500);
	t.equal(options("--idle=0").idleMs, 0);
	t.equal(options("--read 64").readBytes, 64);
	t.same(parseOptions(["--banner", "go away"]).options.banner, "go away");
	t.equal(options("--banner=").banner, "");
	t.equal(options("--classic").classic, true);
	t.equal(options("--json").json, true);
	t.equal(options("-c /etc/tocsin.toml").config, "/etc/tocsin.toml");
	t.equal(options("-c/etc/tocsin.toml").config, "/etc/tocsin.toml");
	t.match(options("--facility local0 --level info --tag trap"), {
		facility: "local0",
		level: "info",
		tag: "trap",
	});
	t.equal(options("--fallback /tmp/x").fallback, "/tmp/x");
	t.equal(options("--user daemon").user, "daemon");
	t.equal(options("--version").action, "version");
	t.equal(options("-h").action, "help");
	t.equal(options("-- -x".replace("-x", "512")).service, "512");
});

t.test("--listen", async (t) => {
	const at = (line: string) => options(`--listen ${line}`).listen;
	const tcp = "tcp" as const;
	t.same(at("7001"), [{ transport: tcp, address: undefined, port: 7001 }]);
	t.same(at("127.0.0.1:1,7"), [
		{ transport: tcp, address: "127.0.0.1", port: 1 },
		{ transport: tcp, address: "127.0.0.1", port: 7 },
	]);
	t.same(at("[::1]:1"), [{ transport: tcp, address: "::1", port: 1 }]);
	t.same(at("udp:69"), [{ transport: "udp", address: undefined, port: 69 }]);
	t.same(at("[fe80::1%eth0]:udp:69,70"), [
		{ transport: "udp", address: "fe80::1%eth0", port: 69 },
		{ transport: tcp, address: "fe80::1%eth0", port: 70 },
	]);
	t.same(
		at("21-23").map(({ port }) => port),
		[21, 22, 23],
	);
	t.same(
		options("-l 1 -l udp:2").listen.map(({ port }) => port),
		[1, 2],
	);
});

t.test("--syslog", async (t) => {
	const to = (url: string) => options(`--syslog ${url}`).syslog;
	t.same(to("udp://log.example.net"), {
		via: "udp",
		host: "log.example.net",
		port: 514,
	});
	t.same(to("tcp://192.0.2.1"), { via: "tcp", host: "192.0.2.1", port: 601 });
	t.same(to("tcp://[2001:db8::1]:10514"), {
		via: "tcp",
		host: "2001:db8::1",
		port: 10514,
	});
	t.same(to("tls://log.example.net?ca=/etc/ca.pem"), {
		via: "tls",
		host: "log.example.net",
		port: 6514,
		tls: { ca: "/etc/ca.pem" },
	});
	t.same(to("stdout:"), { via: "stdout" });
});

t.test("an error names the offender, and the rest is still read", async (t) => {
	const cases: [line: string, offender: RegExp][] = [
		["--frobnicate", /unknown option '--frobnicate'/],
		["-x", /unknown option '-x'/],
		["--constructor", /unknown option '--constructor'/],
		["--numeric=yes", /--numeric takes no value, but got 'yes'/],
		["--idle", /--idle needs a value/],
		["--idle soon", /'soon' for --idle/],
		["--idle -1", /'-1' for --idle/],
		["--read 9999", /'9999' for --read/],
		["--ident=x", /'x' for --ident/],
		["--listen 99999", /bad port '99999'/],
		["--listen 0", /bad port '0'/],
		["--listen 9-7", /bad port '9-7'/],
		["--listen nosuch", /unknown service 'nosuch'/],
		["--listen 1-9999", /too many ports in '1-9999'/],
		["--listen 1-512,600", /too many ports at '1-512,600'/],
		["--listen 1,,2", /unknown service ''/],
		["--syslog ftp://x", /bad syslog URL 'ftp:\/\/x'/],
		["--syslog udp://h:0", /bad port '0'/],
		["--syslog udp://h?ca=/x", /only tls:\/\/ takes/],
		["--syslog tls://h?pin=1", /bad TLS setting 'pin=1'/],
		["--facility beer", /unknown facility 'beer'/],
		["--level loud", /unknown level 'loud'/],
		["--tag a:b", /bad tag 'a:b'/],
		["--fallback log", /bad fallback 'log': give an absolute path/],
		["--user -x", /bad user '-x'/],
		["99999", /bad port '99999'/],
		["a b", /'b' is too much/],
		["a;b", /bad service 'a;b'/],
	];
	for (const [line, offender] of cases) {
		const { options, errors } = read(`-n ${line}`);
		t.equal(errors.length, 1, line);
		t.match(errors[0], offender);
		t.equal(options.numeric, true);
	}
	t.match(read("--foo rexec --bar"), {
		options: { service: "rexec" },
		errors: [/--foo/, /--bar/],
	});
});
