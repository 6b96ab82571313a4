import { type StdioOptions, spawnSync } from "node:child_process";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import t, { type Test } from "tap";
import { peerFromEnvironment } from "../../src/trap/identify.ts";
import { systemdSockets } from "../../src/trap/inherited.ts";

t.test("systemd's sockets, only when they are for this process", async (t) => {
	const env = {
		LISTEN_FDS: "3",
		LISTEN_PID: "7",
		LISTEN_FDNAMES: "rexec:klaxon.socket:a b",
	};
	t.same(systemdSockets(env, 7), [
		{ fd: 3, name: "rexec" },
		{ fd: 4 },
		{ fd: 5 },
	]);
	t.same(systemdSockets(env, 8), []);
	t.same(systemdSockets({}, 7), []);
	t.same(systemdSockets({ LISTEN_FDS: "1", LISTEN_PID: "7" }, 7), [{ fd: 3 }]);
	t.same(systemdSockets({ ...env, LISTEN_FDS: "-1" }, 7), []);
	t.same(systemdSockets({ ...env, LISTEN_FDS: "x" }, 7), []);
});

t.test(
	"the super-server's word on the peer, only when it is an address",
	async (t) => {
		const xinetd = { REMOTE_HOST: "::ffff:192.0.2.7" };
		t.same(peerFromEnvironment(xinetd), { ip: "192.0.2.7", port: 0 });
		const systemd = { REMOTE_ADDR: "2001:db8::7", REMOTE_PORT: "40312" };
		t.same(peerFromEnvironment(systemd), { ip: "2001:db8::7", port: 40312 });
		t.equal(peerFromEnvironment({ REMOTE_HOST: "<no address>" }), undefined);
		t.equal(
			peerFromEnvironment({ REMOTE_HOST: "evil\nALERT: host" }),
			undefined,
		);
		t.equal(peerFromEnvironment({}), undefined);
	},
);

const source = (file: string) =>
	JSON.stringify(import.meta.resolve(`../../src/trap/${file}`));

/** A connection over loopback; both sides end with the test. */
async function connection(
	t: Test,
): Promise<{ client: Socket; accepted: Socket; port: number; fd: number }> {
	const server = createServer({ pauseOnConnect: true });
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	const { port } = server.address() as { port: number };
	const client = connect(port, "127.0.0.1");
	const [accepted] = (await once(server, "connection")) as [Socket];
	t.teardown(() => {
		client.destroy();
		accepted.destroy();
		server.close();
	});
	const { fd } = (accepted as unknown as { _handle: { fd: number } })._handle;
	return { client, accepted, port, fd };
}

/** Runs a module with the given standard descriptors. */
const runScript = (script: string, stdio: StdioOptions) =>
	spawnSync(
		process.execPath,
		["--input-type=module-typescript", "-e", script],
		{
			stdio,
		},
	);

t.test("both ends of a connection, nothing for what is none", async (t) => {
	const script = `
		import { bareEnds } from ${source("bare.ts")};
		process.stdout.write(JSON.stringify(bareEnds(0) ?? null));`;
	const { client, port, fd } = await connection(t);
	const { stdout } = runScript(script, [fd, "pipe", "inherit"]);
	const end = (port?: number) => ({ ip: "127.0.0.1", port });
	t.same(JSON.parse(String(stdout)), {
		peer: end(client.localPort),
		here: end(port),
	});
	for (const input of ["pipe", "ignore"] as const) {
		const none = runScript(script, [input, "pipe", "inherit"]);
		t.equal(String(none.stdout), "null");
	}
});

t.test("1 and 2 are turned away from the peer, nothing else", async (t) => {
	const script = `
		import { writeSync } from "node:fs";
		import { guardOutput } from ${source("inherited.ts")};
		const guarded = guardOutput();
		writeSync(1, "said to the peer");
		writeSync(2, "said to the peer");
		process.exit(guarded ? 3 : 4);`;
	const { client, accepted, fd } = await connection(t);
	const heard: Buffer[] = [];
	client.on("data", (chunk) => heard.push(chunk));
	t.equal(runScript(script, [fd, fd, fd]).status, 3);
	accepted.destroy();
	await once(client, "close");
	t.equal(Buffer.concat(heard).toString(), "");
	const free = runScript(script, ["ignore", "pipe", "pipe"]);
	t.equal(free.status, 4);
	t.equal(String(free.stdout), "said to the peer");
});
