import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t, { type Test } from "tap";
import { mailSink } from "../../src/delivery/mail.ts";
import { SCAN } from "../alert/samples.ts";
import { mailTo } from "./mailbox.ts";
import { parseMime } from "./mime.ts";
import { timed } from "./servers.ts";
import { entryOf, worldOf } from "./world.ts";

const ENTRIES = [entryOf(SCAN)];

/** A sendmail(8) that does what the script says. */
function program(t: Test, script: string, whole = 60_000) {
	const path = join(t.testdir(), "sendmail");
	writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
	const config = mailTo(0, {}, { server: { via: "sendmail", path } });
	const limits = { connect: 300, idle: 300, whole };
	return { path, sink: mailSink(config, worldOf(), limits) };
}

t.test(
	"sendmail gets the mail on its standard input, the addresses as arguments",
	async (t) => {
		const { path, sink } = program(
			t,
			'printf "%s\\n" "$@" > "$0.args"; cat > "$0.mail"',
		);
		t.equal(await sink.deliver(ENTRIES), undefined);
		t.equal(
			readFileSync(`${path}.args`, "utf8"),
			"-i\n-f\ntocsin@example.net\nops@example.net\nnight@example.org\n",
		);
		const mail = readFileSync(`${path}.mail`, "utf8");
		t.notOk(mail.includes("\r"));
		t.equal(
			parseMime(mail.replaceAll("\n", "\r\n")).headers.subject,
			"[guard] 192.0.2.7 scanning 96 ports of 192.0.2.1",
		);
	},
);

t.test(
	"a sendmail that fails, hangs or is missing is the reason",
	async (t) => {
		const failing = program(t, 'echo "no \x1b[31mrelay" >&2; exit 75');
		t.equal(
			await failing.sink.deliver(ENTRIES),
			`${failing.path}: exit 75: no \\x1b[31mrelay`,
		);
		const chatty = program(t, "yes >&2 & yes >&2", 1500);
		const [ms, why] = await timed(chatty.sink.deliver(ENTRIES));
		t.equal(why, `${chatty.path}: killed after 1.5 s: y`);
		t.ok(ms < 8000);
		const server = { via: "sendmail", path: "/nonexistent" } as const;
		const missing = mailSink(mailTo(0, {}, { server }), worldOf());
		t.equal(
			await missing.deliver(ENTRIES),
			"/nonexistent: no such program: install it, or name another",
		);
	},
);
