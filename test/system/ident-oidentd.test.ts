import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { userInfo } from "node:os";
import t, { type Test } from "tap";
import { type IdentQuery, queryIdent } from "../../src/trap/ident.ts";
import {
	enterSandbox,
	must,
	peer,
	privileged,
	startOidentd,
} from "./harness.ts";

enterSandbox(import.meta.url);

const me = userInfo().username;
const user = (name: string) => ({ kind: "user", os: "UNIX", user: name });
const error = (type: string) => ({ kind: "error", error: type });
const failed = (reason: string) => ({ kind: "failed", reason });

/** oidentd for one test, with its options and its configuration. */
async function oidentd(t: Test, args: string[] = [], conf = "") {
	const daemon = await startOidentd(args, { conf });
	t.teardown(() => daemon.stop());
	return daemon;
}

/** A trap on `host` that somebody connects to: our end of the connection, as the question wants it. */
async function touched(
	t: Test,
	{ host = "127.0.0.1", from = "127.0.0.1", poke = connectFrom(from) } = {},
): Promise<IdentQuery> {
	const server = createServer().listen(0, host);
	await once(server, "listening");
	const accepted = once(server, "connection");
	const done = poke(host, (server.address() as AddressInfo).port);
	const [ours] = (await accepted) as [Socket];
	t.teardown(async () => {
		ours.destroy();
		server.close();
		await done;
	});
	const { localAddress, localPort, remoteAddress, remotePort } = ours;
	return { localAddress, localPort, remoteAddress, remotePort } as IdentQuery;
}

type Poke = (host: string, port: number) => Promise<unknown>;

function connectFrom(localAddress: string): Poke {
	return (host, port) => {
		const socket = connect({ host, port, localAddress });
		return once(socket.on("error", () => {}).resume(), "close");
	};
}

/** Connects as another user and stays until the trap hangs up. */
const connectAsNobody: Poke = (host, port) => {
	const script = `require("node:net").connect(${port}, "${host}").resume()`;
	const command = [process.execPath, "-e", script];
	const drop = ["--reuid", "65534", "--regid", "65534", "--clear-groups"];
	return must("/usr/bin/setpriv", [...drop, ...command]);
};

t.test("who is it", async (t) => {
	await oidentd(t);
	await must(peer("ip"), "address add fe80::77/64 dev lo nodad".split(" "));
	const linkLocal = "fe80::77%lo";
	for (const [host, from] of [
		["127.0.0.1", "127.0.0.1"],
		["127.0.0.2", "127.0.0.3"],
		["::1", "::1"],
		[linkLocal, linkLocal],
	] as const) {
		const query = await touched(t, { host, from });
		t.strictSame(await queryIdent(query), user(me), `from ${from} to ${host}`);
	}
	const mapped = await touched(t, {
		host: "::",
		poke: (_, port) => connectFrom("127.0.0.1")("127.0.0.1", port),
	});
	t.equal(mapped.remoteAddress, "::ffff:127.0.0.1");
	t.strictSame(await queryIdent(mapped), user(me), "IPv4 on an IPv6 socket");
});

t.test("another user", async (t) => {
	await oidentd(t);
	const query = await touched(t, privileged ? { poke: connectAsNobody } : {});
	t.strictSame(await queryIdent(query), user(privileged ? "nobody" : me));
});

t.test("a connection that isn't there", async (t) => {
	await oidentd(t);
	const query = await touched(t, { host: "127.0.0.2" });
	t.strictSame(await queryIdent(query), user(me));
	const { localPort, remotePort } = query;
	const others = [
		{ localPort: localPort ^ 1 },
		{ localPort: remotePort, remotePort: localPort ^ 1 },
		{ localAddress: "127.0.0.4" }, // the server goes by where the question comes from
	];
	for (const other of others) {
		const ident = await queryIdent({ ...query, ...other });
		t.strictSame(ident, error("NO-USER"), JSON.stringify(Object.keys(other)));
	}
	for (const port of [0, 65536, 99999])
		t.strictSame(
			await queryIdent({ ...query, remotePort: port }),
			error("INVALID-PORT"),
			`port ${port}`,
		);
});

t.test("what oidentd's options change", async (t) => {
	const utf8 = { ...user(me), charset: "UTF-8" };
	const cases: [args: string[], known: object, unknown: object][] = [
		[["--error"], user(me), error("UNKNOWN-ERROR")],
		[["--other"], { ...user(me), os: "OTHER" }, error("NO-USER")],
		[["--other=PLAN9"], { ...user(me), os: "PLAN9" }, error("NO-USER")],
		[["--charset=UTF-8"], utf8, error("NO-USER")],
		[["--reply=nobody known"], user(me), user("nobody known")],
		[
			["--reply-all=\x1b[2Jjöe"],
			user("\\x1b[2Jj\\xc3\\xb6e"),
			user("\\x1b[2Jj\\xc3\\xb6e"),
		],
	];
	for (const [args, known, unknown] of cases)
		await t.test(args.join().replace(/=.*/, ""), async (t) => {
			await oidentd(t, args);
			const query = await touched(t);
			const absent = { ...query, localPort: query.localPort ^ 1 };
			t.strictSame(await queryIdent(query), known);
			t.strictSame(await queryIdent(absent), unknown);
		});
});

t.test("what its configuration lets a user say", async (t) => {
	const cases: Record<string, object> = {
		hide: error("HIDDEN-USER"),
		numeric: user(`${process.getuid?.()}`),
		'reply "a b : c\\"d"': user('a b : c"d'),
		'reply "\\x1b[31mred"': user("\\x1b[31mred"),
		[`reply "${"long".repeat(100)}"`]: user(`${"long".repeat(31)}l...`),
		[`reply "${"long".repeat(130)}"`]: failed("too-long"),
	};
	for (const [capability, want] of Object.entries(cases))
		await t.test(capability.slice(0, 20), async (t) => {
			await oidentd(t, [], `default { default { force ${capability} } }\n`);
			t.strictSame(await queryIdent(await touched(t)), want);
		});
	await t.test("random", async (t) => {
		await oidentd(t, [], "default { default { force random_numeric } }\n");
		const ident = await queryIdent(await touched(t));
		t.match(ident, { kind: "user", user: /^user\d{1,5}$/ });
	});
});

t.test("a server that has enough to do", async (t) => {
	await oidentd(t, ["--limit=1"]);
	const query = await touched(t);
	const idler = connect(113, "127.0.0.1");
	t.teardown(() => idler.destroy());
	await once(idler, "connect");
	const ident = await queryIdent(query);
	t.match(ident, { kind: "failed", reason: /^(closed|reset)$/ });
});

t.test("a server that hangs, and one that is gone", async (t) => {
	const daemon = await oidentd(t);
	const query = { ...(await touched(t)), timeoutMs: 200 };
	process.kill(daemon.pid, "SIGSTOP");
	t.strictSame(await queryIdent(query), failed("timeout"));
	process.kill(daemon.pid, "SIGCONT");
	t.strictSame(await queryIdent({ ...query, timeoutMs: 3000 }), user(me));
	await daemon.stop();
	t.strictSame(await queryIdent(query), failed("refused"));
});
