import { spawn } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import t from "tap";
import { credentialsOf, peerCredentials } from "../../src/runtime/peercred.ts";

const isRoot = process.getuid?.() === 0;
const own = {
	pid: process.pid,
	uid: process.getuid?.(),
	gid: process.getgid?.(),
};

async function accept(server: Server): Promise<Socket> {
	const [socket] = await once(server, "connection");
	return socket;
}

t.test("a peer is known by its numbers", async (t) => {
	const path = `${t.testdir()}/sock`;
	const server = createServer().listen(path);
	await once(server, "listening");
	const client = connect(path);
	const socket = await accept(server);
	t.same(credentialsOf(socket), own);
	client.destroy();
	t.same(credentialsOf(socket), own, "also when it has gone");
	socket.destroy();
	t.equal(credentialsOf(socket), undefined, "but not when we have");
	server.close();
});

t.test("another process and another user", async (t) => {
	const path = `/tmp/peercred-${process.pid}.sock`;
	const server = createServer().listen({ path, writableAll: true });
	await once(server, "listening");
	const code = `require("net").connect(${JSON.stringify(path)}).resume()`;
	const user = isRoot ? { uid: 4321, gid: 1234 } : {};
	const child = spawn(process.execPath, ["-e", code], {
		...user,
		cwd: "/",
		stdio: "inherit",
		env: {},
	});
	const socket = await accept(server);
	t.same(credentialsOf(socket), { ...own, ...user, pid: child.pid });
	socket.destroy();
	server.close();
	await once(child, "exit");
});

t.test("what is no connected Unix socket has no peer", async (t) => {
	const server = createServer().listen(0, "127.0.0.1");
	await once(server, "listening");
	const client = connect((server.address() as { port: number }).port);
	const socket = await accept(server);
	t.equal(credentialsOf(socket), undefined, "TCP");
	t.equal(peerCredentials(openSync("/dev/null", "r")), undefined, "a file");
	t.equal(peerCredentials(99_999), undefined, "no descriptor");
	t.equal(peerCredentials(-1), undefined, "never one");
	client.destroy();
	socket.destroy();
	server.close();
});
