import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { loadConfig, parseConfig } from "../../src/config/config.ts";

const SECRETS = `[[sink]]
type = "mail"
to = "a@b"
server = "smtp://mail"
user = "u"
password = "hunter2"

[[sink]]
type = "webhook"
preset = "slack"
url = "https://hooks.slack.com/hunter2"

[[sink]]
type = "webhook"
url = "https://example.net/hook"
token = "hunter2"
headers = { X-Api-Key = "hunter2", X-Origin = "tocsin" }
`;

t.test("a secret that others can read is refused, not quoted", async (t) => {
	const file = join(t.testdir(), "tocsin.toml");
	writeFileSync(file, SECRETS);
	chmodSync(file, 0o644);
	const remedy = (key: string) =>
		`a secret that others can read: chmod o-r ${file}, or give '${key}'`;
	t.same(loadConfig(file), [
		`${file}:6:1: ${remedy("password_file")}`,
		`${file}:11:1: ${remedy("url_file")}`,
		`${file}:16:1: ${remedy("token_file")}`,
		`${file}:17:13: ${remedy("token_file")}`,
	]);
	chmodSync(file, 0o640);
	t.match(loadConfig(file), { sinks: [{ type: "mail" }, {}, {}] });
});

t.test("what is no secret may be read by all", async (t) => {
	const isPublic = (text: string) =>
		parseConfig("t.toml", text, undefined, true);
	t.match(
		isPublic(`[[sink]]
type = "mail"
to = "a@b"
server = "smtp://mail"
user = "u"
password_file = "/p"
[[sink]]
type = "webhook"
preset = "discord"
url_credential = "hook"
[[sink]]
type = "webhook"
preset = "ntfy"
url = "https://ntfy.example.net/alerts"
token_env = "T"
headers = { X-Origin = "tocsin" }
`),
		{ sinks: [{ name: "mail" }, { name: "webhook" }, { name: "webhook-2" }] },
	);
	for (const preset of ["slack", "teams", "discord"])
		t.match(
			isPublic(
				`[[sink]]\ntype = "webhook"\npreset = "${preset}"\nurl = "http://x"`,
			),
			[/^t\.toml:4:1: a secret that others can read/],
		);
});
