import { createSocket } from "node:dgram";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { build } from "esbuild";
import t from "tap";
import type { Remote } from "../../src/delivery/remote.ts";
import { makeCertificate } from "../system/certificate.ts";
import { run } from "../system/process.ts";
import { temporary } from "../system/temporary.ts";
import { entry, fake, HOSTNAME, SENDER, timed, wire } from "./servers.ts";

const bundle = `${temporary("remote")}/remote.cjs`;
await build({
	entryPoints: [
		new URL("../../src/delivery/remote.ts", import.meta.url).pathname,
	],
	outfile: bundle,
	bundle: true,
	minify: true,
	format: "cjs",
	platform: "node",
	logLevel: "error",
});
const certificate = await makeCertificate();

/** What deliver() and close() answered in a process that ended by itself, as the trap does in nowait mode. */
async function logOnce(
	target: Remote,
	env = {},
	last = "sink.close()",
): Promise<string> {
	const args = [target, SENDER, { hostname: HOSTNAME }].map((part) =>
		JSON.stringify(part),
	);
	const code = `
		const sink = require(${JSON.stringify(bundle)}).remoteSink(${args});
		sink.deliver([${JSON.stringify(entry("a"))}])
			.then(async (why) => console.log(why, await ${last}));
	`;
	const [ms, result] = await timed(
		run(process.execPath, ["--throw-deprecation", "-e", code], {
			env: { TZ: "UTC", ...env },
		}),
	);
	if (ms > 3000) return `${ms} ms`;
	return result.stdout + result.stderr;
}

t.test("one entry, then the end", async (t) => {
	t.test("udp", async (t) => {
		const server = createSocket("udp4").bind(0, "127.0.0.1");
		t.teardown(() => server.close());
		await once(server, "listening");
		const received = once(server, "message");
		const { port } = server.address();
		t.equal(
			await logOnce({ via: "udp", host: "127.0.0.1", port }),
			"undefined undefined\n",
		);
		t.equal(String((await received)[0]), wire("a"));
	});

	t.test("tcp", async (t) => {
		const { port, text } = await fake(t);
		t.equal(
			await logOnce({ via: "tcp", host: "localhost", port }),
			"undefined undefined\n",
		);
		t.equal(text(), `${wire("a")}\n`);
	});

	t.test("tls, by the system's CAs", async (t) => {
		const { port, text } = await fake(t, undefined, {
			cert: readFileSync(certificate.cert),
			key: readFileSync(certificate.key),
		});
		const target = { via: "tls", host: "localhost", port, tls: {} } as const;
		// OpenSSL's own way to say where they are.
		const env = { SSL_CERT_FILE: certificate.ca };
		t.equal(await logOnce(target, env), "undefined undefined\n");
		t.equal(text(), `${wire("a").length} ${wire("a")}`);
		t.equal(
			await logOnce(target, env, "null"),
			"undefined null\n",
			"a connection that nobody closes holds no process",
		);
	});

	t.test("nobody there", async (t) => {
		for (const via of ["udp", "tcp"] as const)
			t.equal(
				await logOnce({ via, host: "127.0.0.1", port: 7 }),
				`${via}://127.0.0.1:7: connection refused undefined\n`,
			);
	});
});
