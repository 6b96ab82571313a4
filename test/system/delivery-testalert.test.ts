/** What `tocsin test-alert` says of sinks that work and of those that don't, and `tocsin check` before it; no secret in either. */
import {
	chmodSync,
	copyFileSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import t, { type Test } from "tap";
import { mailbox } from "../delivery/mailbox.ts";
import { parseMime } from "../delivery/mime.ts";
import { fake } from "../delivery/servers.ts";
import { web } from "../delivery/web.ts";
import { configure, listen, makeOut, OUT, script, tocsin } from "./delivery.ts";
import {
	enterSandbox,
	makeCertificate,
	must,
	privileged,
	type Result,
} from "./harness.ts";

enterSandbox(import.meta.url);
makeOut();

const CONFIG = "/tmp/testalert.toml";
const PASSWORD = "correct-horse";
const PATH = "/services/T0123/battery-staple";
const TOKEN = "sesame-open";
const MARK = "test-alert: nobody was here";

const certificate = await makeCertificate();
const CA = `${OUT}/ca.pem`;
copyFileSync(certificate.ca, CA);
chmodSync(CA, 0o644);

/** A secret in a file of the daemon's user. */
async function secret(name: string, text: string): Promise<string> {
	const path = `${OUT}/${name}`;
	writeFileSync(path, `${text}\n`, { mode: 0o600 });
	if (privileged) await must("/bin/chown", ["nobody", path]);
	return path;
}

/** Real servers; the web server answers with `status`, and both tell what they were told. */
async function servers(t: Test, status: number) {
	const box = await mailbox(t, {
		cert: readFileSync(certificate.cert),
		key: readFileSync(certificate.key),
		authOptional: false,
		onAuth: ({ username, password }, _, done) =>
			username === "ops" && password === PASSWORD
				? done(null, { user: "ops" })
				: done(new Error(`not ${username} with ${password}`)),
	});
	const site = await web(t, (response, { url, headers }) =>
		response
			.writeHead(status)
			.end(`nothing at ${url} for ${headers.authorization}`),
	);
	const log = await fake(t, (socket) => socket.on("end", () => socket.end()));
	return { box, site, log, ear: await listen(t) };
}

type Servers = Awaited<ReturnType<typeof servers>>;

const sinks = (
	{ box, site, log }: Servers,
	url: string,
	token: string,
	password: string,
	program: string,
) => `
[[sink]]
type = "mail"
name = "oncall"
to = "ops@example.net"
server = "smtp://localhost:${box.port}"
user = "ops"
password_file = "${password}"
ca = "${CA}"

[[sink]]
type = "webhook"
name = "chat"
preset = "slack"
url_file = "${url}"

[[sink]]
type = "webhook"
name = "siem"
url = "http://127.0.0.1:${site.port}/siem"
token_file = "${token}"

[[sink]]
type = "exec"
name = "bell"
argv = ["${program}", "{source.ip}"]
when = { kind = "poison" }

[[sink]]
type = "syslog"
name = "central"
url = "tcp://127.0.0.1:${log.port}"

[[sink]]
type = "file"
name = "log"
path = "${OUT}/alerts.json"
`;

function hasNoSecret(t: Test, { stdout, stderr }: Result, password: string) {
	const all = stdout + stderr;
	const coded = Buffer.from(`\0ops\0${password}`).toString("base64");
	for (const secret of [password, coded, PATH, "battery", TOKEN])
		t.notOk(all.includes(secret), `${secret} is not told: ${all}`);
}

t.test("all sinks work", async (t) => {
	const all = await servers(t, 200);
	const { box, site, log, ear } = all;
	const config = configure(
		CONFIG,
		sinks(
			all,
			await secret("url", `http://127.0.0.1:${site.port}${PATH}`),
			await secret("token", TOKEN),
			await secret("password", PASSWORD),
			script(`${OUT}/bell`, `echo "$1" >${OUT}/rung; cat >>${OUT}/rung\n`),
		),
	);
	const result = await tocsin("test-alert", "-c", config, "--syslog", ear.url);
	t.equal(result.code, 0, result.stdout + result.stderr);
	t.same(result.stdout.replace(/\d+\.\d/g, "N").split("\n"), [
		"ok  main syslog: taken in N s",
		"ok  oncall (mail): taken in N s",
		"ok  chat (webhook): taken in N s",
		"ok  siem (webhook): taken in N s",
		"ok  bell (exec): taken in N s",
		"ok  central (syslog): taken in N s",
		"ok  log (file): taken in N s",
		"",
	]);
	hasNoSecret(t, result, PASSWORD);
	const bodies = (raw: string) => parseMime(raw).parts.map(({ body }) => body);
	for (const [where, text] of [
		["syslog", ear.lines.join("\n")],
		["mail", box.mails.flatMap(({ raw }) => bodies(raw)).join("\n")],
		["chat", site.asked.find(({ url }) => url === PATH)?.body],
		["siem", site.asked.find(({ url }) => url === "/siem")?.body],
		["exec", readFileSync(`${OUT}/rung`, "utf8")],
		["tcp", log.text()],
		["file", readFileSync(`${OUT}/alerts.json`, "utf8")],
	])
		t.ok(text?.includes(MARK), `marked: ${where}: ${text}`);
	t.match(readFileSync(`${OUT}/rung`, "utf8"), /^192\.0\.2\.1\n\{/);
	t.equal(box.mails.length, 1);
	t.equal(site.asked.length, 2);
	const siem = site.asked.find(({ url }) => url === "/siem");
	t.equal(siem?.headers.authorization, `Bearer ${TOKEN}`);

	const check = await tocsin("check", "-c", config);
	for (const name of ["mail 'oncall'", "webhook 'chat'", "exec 'bell'"])
		t.match(check.stdout, `ok  ${name}: tried by tocsin test-alert\n`);
	hasNoSecret(t, check, PASSWORD);
	t.equal(site.asked.length, 2, "check asks nobody");
});

t.test("each sink that fails is told, with its reason", async (t) => {
	const wrong = "wrong-horse";
	const all = await servers(t, 404);
	const { box, site, log, ear } = all;
	log.server.close();
	const config = configure(
		CONFIG,
		sinks(
			all,
			await secret("url", `http://127.0.0.1:${site.port}${PATH}`),
			await secret("token", TOKEN),
			await secret("password", wrong),
			script(`${OUT}/bell`, "echo the bell is broken >&2\nexit 3\n"),
		),
	);
	const result = await tocsin("test-alert", "-c", config, "--syslog", ear.url);
	t.equal(result.code, 1, result.stderr);
	const says = (what: string, why: RegExp) => {
		const line = result.stdout
			.split("\n")
			.find((line) => line.slice(4).startsWith(what));
		t.match(line, why);
	};
	says("main syslog", /^ok {2}/);
	says(
		"oncall",
		/^NO {2}oncall \(mail\): smtp:\/\/localhost:\d+: .+; check 'user' and the password$/,
	);
	says(
		"chat",
		/^NO {2}chat \(webhook\): http:\/\/127\.0\.0\.1:\d+: answered 404/,
	);
	says(
		"siem",
		/^NO {2}siem \(webhook\): http:\/\/127\.0\.0\.1:\d+: answered 404/,
	);
	says(
		"bell",
		/^NO {2}bell \(exec\): \/tmp\/out\/bell: exit 3: the bell is broken$/,
	);
	says(
		"central",
		/^NO {2}central \(syslog\): tcp:\/\/127\.0\.0\.1:\d+: connection refused/,
	);
	says("log", /^ok {2}log/);
	hasNoSecret(t, result, wrong);
	t.same(box.mails, []);
});

t.test("what can't work is told before it matters", async (t) => {
	const all = await servers(t, 200);
	const { site, ear } = all;
	const password = await secret("password", PASSWORD);
	const url = await secret("url", `http://127.0.0.1:${site.port}${PATH}`);
	rmSync(`${OUT}/token`, { force: true });
	rmSync(`${OUT}/bell`, { force: true });
	if (privileged) await must("/bin/chown", ["root", password]);
	else chmodSync(password, 0o000);
	chmodSync(url, 0o644);
	const config = configure(
		CONFIG,
		sinks(all, url, `${OUT}/token`, password, `${OUT}/bell`),
	);
	const check = await tocsin("check", "-c", config);
	t.not(check.code, 0);
	for (const line of [
		`NO  mail 'oncall': nobody can't read ${password}: chown nobody ${password}`,
		`NO  webhook 'chat': others may read ${url}: chmod o= ${url}`,
		`NO  webhook 'siem': can't read ${OUT}/token: ENOENT`,
		`NO  exec 'bell': ${OUT}/bell doesn't exist`,
	])
		t.ok(check.stdout.includes(`${line}\n`), `${line} in ${check.stdout}`);
	hasNoSecret(t, check, PASSWORD);
	const result = await tocsin("test-alert", "-c", config, "--syslog", ear.url);
	t.equal(result.code, 1, result.stderr);
	t.match(
		result.stdout,
		/^NO {2}oncall \(mail\): .*can't read .*password: EACCES$/m,
	);
	t.match(
		result.stdout,
		/^NO {2}chat \(webhook\): .*others may read .*url: chmod o= /m,
	);
	t.match(result.stdout, /^NO {2}bell \(exec\): .*bell: no such program/m);
	hasNoSecret(t, result, PASSWORD);
	t.same(site.asked, [], "nothing is sent without its secrets");
});
