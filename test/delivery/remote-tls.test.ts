import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { TlsOptions } from "node:tls";
import t, { type Test } from "tap";
import type { TlsFiles } from "../../src/config/target.ts";
import { type RemoteOptions, remoteSink } from "../../src/delivery/remote.ts";
import { makeCertificate } from "../system/certificate.ts";
import { must, peer } from "../system/process.ts";
import { temporary } from "../system/temporary.ts";
import {
	entry,
	type Fake,
	fake,
	HOSTNAME,
	SENDER,
	timed,
	wire,
} from "./servers.ts";

const good = await makeCertificate();
const other = await makeCertificate();
const folder = temporary("remote-tls");
const frame = (line: string) => `${wire(line).length} ${wire(line)}`;

const options = (pair: { cert: string; key: string }): TlsOptions => ({
	cert: readFileSync(pair.cert),
	key: readFileSync(pair.key),
});

function sinkTo(
	t: Test,
	server: Fake,
	tls: TlsFiles,
	opts: RemoteOptions = {},
	host = "127.0.0.1",
) {
	const target = { via: "tls", host, port: server.port, tls } as const;
	const sink = remoteSink(target, SENDER, { hostname: HOSTNAME, ...opts });
	t.teardown(() => sink.close());
	return sink;
}

t.test("all batches by one connection, octets counted", async (t) => {
	for (const host of ["127.0.0.1", "localhost"])
		for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
			const server = await fake(t, undefined, { ...options(good), maxVersion });
			const sink = sinkTo(t, server, { ca: good.ca }, {}, host);
			t.equal(await sink.deliver([entry("a"), entry("b")]), undefined);
			t.equal(await sink.deliver([entry("c")]), undefined);
			t.equal(await sink.close(), undefined);
			t.equal(server.text(), ["a", "b", "c"].map(frame).join(""));
			t.equal(server.sockets.length, 1);
		}
});

t.test("a server that restarts", async (t) => {
	const first = await fake(t, undefined, options(good));
	const sink = sinkTo(t, first, { ca: good.ca });
	t.equal(await sink.deliver([entry("a")]), undefined);
	first.server.close();
	first.sockets[0]?.end();
	await sleep(20);
	const second = await fake(
		t,
		undefined,
		options(good),
		"127.0.0.1",
		first.port,
	);
	t.equal(await sink.deliver([entry("b")]), undefined);
	t.equal(await sink.close(), undefined);
	t.equal(second.text(), frame("b"));
});

t.test("a server that proves nothing gets nothing", async (t) => {
	const expired = `${folder}/expired.pem`;
	await must(peer("openssl"), [
		...["x509", "-in", good.cert, "-signkey", good.key],
		...["-days", "-1", "-out", expired],
	]);
	const named = await makeCertificate(["DNS:syslog.example"]);
	const cases: [string, { cert: string; key: string }, TlsFiles, RegExp][] = [
		["by another CA", good, { ca: other.ca }, /: self-signed certificate$/],
		["not by the system's CAs", good, {}, /: self-signed certificate$/],
		[
			"expired",
			{ cert: expired, key: good.key },
			{ ca: expired },
			/: certificate has expired$/,
		],
		[
			"of another name",
			named,
			{ ca: named.ca },
			/: IP: 127\.0\.0\.1 is not in the cert's list/,
		],
	];
	for (const [name, pair, tls, why] of cases)
		t.test(name, async (t) => {
			const server = await fake(t, undefined, options(pair));
			const sink = sinkTo(t, server, tls);
			t.match(await sink.deliver([entry("a")]), why);
			t.equal(await sink.close(), undefined, "nothing else was lost");
			t.equal(server.text(), "");
		});

	t.test("of another host", async (t) => {
		const server = await fake(t, undefined, options(named));
		const sink = sinkTo(t, server, { ca: named.ca }, {}, "localhost");
		t.match(await sink.deliver([entry("a")]), /Host: localhost\. is not in /);
		t.equal(server.text(), "");
	});

	t.test("too old", async (t) => {
		const server = await fake(t, undefined, {
			...options(good),
			minVersion: "TLSv1",
			maxVersion: "TLSv1.1",
			ciphers: "DEFAULT@SECLEVEL=0",
		});
		const sink = sinkTo(t, server, { ca: good.ca });
		t.match(await sink.deliver([entry("a")]), /protocol version/);
		t.equal(server.text(), "");
	});
});

t.test("a client certificate", async (t) => {
	for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const)
		t.test(maxVersion, async (t) => {
			const server = await fake(t, undefined, {
				...options(good),
				ca: readFileSync(other.ca),
				requestCert: true,
				maxVersion,
			});
			const ours = { cert: other.cert, key: other.key };
			const sink = sinkTo(t, server, { ca: good.ca, ...ours });
			t.equal(await sink.deliver([entry("a")]), undefined);
			t.equal(await sink.close(), undefined);
			t.equal(server.text(), frame("a"));

			const none = sinkTo(t, server, { ca: good.ca });
			const delivered = await none.deliver([entry("b")]);
			// By TLS 1.3 we hear of it after having written.
			t.match(delivered ?? (await none.close()), /certificate|handshake|reset/);
			t.equal(server.text(), frame("a"));
		});
});

t.test("files that can't be used", async (t) => {
	const junk = `${folder}/junk.pem`;
	writeFileSync(junk, "-----BEGIN CERTIFICATE-----\nAAAA\n");
	const server = await fake(t, undefined, options(good));
	const cases: [TlsFiles, RegExp][] = [
		[{ ca: `${folder}/none` }, /none: no such file or directory$/],
		[{ ca: folder }, /: illegal operation on a directory$/],
		[{ ca: junk }, /: (self-signed certificate|bad certificate or key: .+)$/],
		[{ ca: good.ca, key: junk, cert: good.cert }, /bad certificate or key: ./],
		[{ ca: good.ca, key: good.key, cert: other.cert }, /key: .*mismatch$/],
	];
	for (const [tls, why] of cases) {
		const sink = sinkTo(t, server, tls);
		t.match(await sink.deliver([entry("a")]), why);
		t.equal(await sink.close(), undefined);
	}
	t.equal(server.text(), "");
});

t.test("a server that does not speak TLS", async (t) => {
	t.test("silent", async (t) => {
		const server = await fake(t);
		const sink = sinkTo(t, server, { ca: good.ca }, { deadlineMs: 200 });
		const [ms, why] = await timed(sink.deliver([entry("a")]));
		t.equal(why, `tls://127.0.0.1:${server.port}: timed out`);
		t.ok(ms < 4000, `${ms} ms`);
		t.notMatch(server.text(), /<37>/);
	});

	t.test("talking", async (t) => {
		const server = await fake(t, (socket) => socket.write("220 hello\r\n"));
		const sink = sinkTo(t, server, { ca: good.ca });
		t.match(await sink.deliver([entry("a")]), /: wrong version number$/);
	});

	t.test("closing", async (t) => {
		const server = await fake(t, (socket) => socket.end());
		const sink = sinkTo(t, server, { ca: good.ca });
		t.match(await sink.deliver([entry("a")]), /: (connection reset|closed by)/);
		t.equal(await sink.close(), undefined);
	});
});
