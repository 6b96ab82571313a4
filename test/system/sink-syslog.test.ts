import t from "tap";
import { alertLine } from "../../src/alert/render.ts";
import { remoteSink } from "../../src/delivery/remote.ts";
import { remoteBatchSink } from "../../src/delivery/remotebatch.ts";
import { PROBE, SCAN } from "../alert/samples.ts";
import { entryOf } from "../delivery/world.ts";
import { enterSandbox, makeCertificate, startRsyslog } from "./harness.ts";

enterSandbox(import.meta.url);

const SENDER = { facility: "auth", tag: "tocsin", pid: 4711 };
const HOST = "127.0.0.1";

t.test("rsyslog understands RFC 3164 by UDP, TCP and TLS", async (t) => {
	const certificate = await makeCertificate();
	const rsyslog = await startRsyslog({
		udp: 514,
		tcp: 601,
		tls: { ...certificate, port: 6514 },
	});
	t.teardown(() => rsyslog.stop());
	const opts = { format: "rfc3164", hostname: "guard.example.net" } as const;
	const tls = { ca: certificate.ca };
	const sinks = [
		remoteSink({ via: "udp", host: HOST, port: 514 }, SENDER, opts),
		remoteBatchSink({ via: "tcp", host: HOST, port: 601 }, SENDER, opts),
		remoteBatchSink({ via: "tls", host: HOST, port: 6514, tls }, SENDER, opts),
	];
	for (const [i, sink] of sinks.entries()) {
		t.equal(await sink.deliver([entryOf(PROBE), entryOf(SCAN)]), undefined);
		const lines = (await rsyslog.waitForLines(2 * i + 2)).slice(2 * i);
		for (const [line, alert] of [
			[lines[0], PROBE],
			[lines[1], SCAN],
		] as const)
			t.match(line, {
				facility: "auth",
				severity: "notice",
				host: "guard",
				tag: "tocsin[4711]:",
				message: alertLine(alert),
				version: "0",
			});
		t.equal(await sink.close(), undefined);
	}
});

t.test("a batch is whole, however large", async (t) => {
	const rsyslog = await startRsyslog({ tcp: 602, socket: false });
	t.teardown(() => rsyslog.stop());
	const target = { via: "tcp", host: HOST, port: 602 } as const;
	const sink = remoteBatchSink(target, SENDER);
	const batch = Array.from({ length: 3000 }, (_, i) => entryOf(SCAN, `${i}`));
	t.equal(await sink.deliver(batch), undefined);
	const lines = await rsyslog.waitForLines(3000);
	t.equal(lines.length, 3000);
	t.match(lines[0], { msgid: "scan", app: "tocsin" });
	await rsyslog.stop();
	t.equal(await sink.deliver(batch), "tcp://127.0.0.1:602: connection refused");
});
