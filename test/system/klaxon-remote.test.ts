import { chmodSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import t from "tap";
import {
	enterSandbox,
	makeCertificate,
	startInetd,
	startRsyslog,
	waitFor,
} from "./harness.ts";
import {
	alertLine,
	exitRecorder,
	inetdLine,
	startLog,
	touch,
} from "./klaxon.ts";

enterSandbox(import.meta.url);

const certificate = await makeCertificate();
// klaxon runs as nobody.
chmodSync(dirname(certificate.ca), 0o755);
const log = await startLog();
const recorder = exitRecorder();
const FALLBACK = "/tmp/klaxon-fallback.log";

/** Traps on successive ports, each with its own way to the server. */
const WAYS = {
	7001: "udp://127.0.0.1:10514",
	7002: "tcp://[::1]:10601",
	7003: `tls://localhost:16514?ca=${certificate.ca}`,
};
const conf = Object.entries(WAYS)
	.map(([port, url]) =>
		inetdLine(port, `-n --fallback ${FALLBACK} --syslog ${url} rexec`, {
			program: recorder.path,
		}),
	)
	.join("");

const inetd = await startInetd("openbsd", conf);
t.teardown(() => inetd.stop());

t.test(
	"a nowait klaxon tells a real rsyslog over UDP, TCP and TLS",
	async (t) => {
		const server = await startRsyslog({
			socket: false,
			udp: 10514,
			tcp: 10601,
			tls: { ...certificate, port: 16514 },
		});
		t.teardown(() => server.stop());
		for (const port of Object.keys(WAYS)) {
			const { from, to, said } = await touch("127.0.0.1", Number(port));
			t.equal(said, "");
			const text = alertLine({ from, to, service: "rexec" });
			const [line] = await server.waitForLines(
				({ message }) => message === text,
			);
			const facts = `kind="connection" proto="tcp" sport="${from.port}" dst="127.0.0.1" dport="${port}"`;
			t.match(line, {
				facility: "auth",
				severity: "notice",
				app: "klaxon",
				version: "1",
				msgid: "connection",
				structured: /^\[klaxon@32473 .*\]$/,
			});
			t.ok(line?.structured.includes(facts));
		}
		t.same(
			await log.messages(),
			[],
			"nothing went to this machine's own syslog",
		);
		await waitFor("exit codes", () => recorder.codes().length === 3);
		t.same(recorder.codes(), ["0", "0", "0"]);
	},
);

t.test(
	"without a server the line is in the fallback file: exit 69",
	async (t) => {
		for (const [i, port] of Object.keys(WAYS).entries()) {
			const { from, to, said } = await touch("127.0.0.1", Number(port));
			t.equal(said, "");
			await waitFor("exit code", () => recorder.codes().length === 4 + i);
			t.equal(recorder.codes().at(-1), "69");
			const [line, reason] = readFileSync(FALLBACK, "utf8")
				.split("\n")
				.slice(-3);
			const text = alertLine({ from, to, service: "rexec" });
			t.ok(line?.endsWith(` ${text}`));
			t.match(
				line,
				/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d \S+ klaxon\[\d+\]: /,
			);
			t.match(
				reason,
				/klaxon: the lines above were not delivered: \w+:\/\/.*refused/,
			);
		}
	},
);
