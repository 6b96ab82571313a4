import t from "tap";
import {
	addHost,
	enterSandbox,
	type Host,
	home,
	must,
	runIn,
	startInetd,
	startOidentd,
	waitFor,
} from "./harness.ts";
import { inetdLine, startLog } from "./klaxon.ts";

enterSandbox(import.meta.url);

const log = await startLog();
const [anna, bert] = [await addHost("anna"), await addHost("bert")];

/** Connects from a host, and waits until the trap hangs up; prints the port it came from. */
async function poke(from: Host, address: string, port: number) {
	const script = `const socket = require("net").connect(${port}, "${address}");
		socket.on("connect", () => console.log(socket.localPort)).on("error", () => {}).resume();`;
	const said = await must(process.execPath, ["-e", script], { at: from });
	return Number(said);
}

/** How many connections a host has accepted since it was plugged in (snmp's tcpPassiveOpens). */
async function accepted(host: Host): Promise<number> {
	const { stdout } = await runIn(host, "cat", ["/proc/net/snmp"]);
	const [names = "", values = ""] = stdout.match(/^Tcp:.*$/gm) ?? [];
	const column = names.split(" ").indexOf("PassiveOpens");
	return Number(values.split(" ")[column]);
}

t.test("the user that a real oidentd names stands in the line", async (t) => {
	const oidentd = await startOidentd([], { at: anna });
	const inetd = await startInetd(
		"openbsd",
		inetdLine("exec", "-n --ident rexec"),
	);
	t.teardown(() => Promise.all([oidentd.stop(), inetd.stop()]));
	for (const [peer, here] of [
		[anna.ipv4, home.ipv4],
		[anna.ipv6, home.ipv6],
	] as const) {
		const sport = await poke(anna, here, 512);
		t.same(await log.messages(), [
			`ALERT: host ${peer} accessing port rexec kind=connection proto=tcp sport=${sport} dst=${here} dport=512 user="root"`,
		]);
	}
});

t.test("no ident server is no reason to be silent", async (t) => {
	const inetd = await startInetd("openbsd", inetdLine("exec", "-ni rexec"));
	t.teardown(() => inetd.stop());
	await poke(anna, home.ipv4, 512);
	t.match(await log.messages(), [/ dport=512 ident=refused$/]);
});

t.test(
	"two klaxons with --ident on port 113 don't ask each other",
	async (t) => {
		const conf =
			inetdLine("113", "-n --ident auth") + inetdLine("79", "-n -i finger");
		const servers = [
			await startInetd("openbsd", conf, { at: anna }),
			await startInetd("openbsd", conf, { at: bert }),
		];
		t.teardown(() => Promise.all(servers.map((server) => server.stop())));
		const count = async () => (await accepted(anna)) + (await accepted(bert));

		const before = await count();
		await poke(anna, bert.ipv4, 113);
		t.match(await log.messages(), [
			/accessing port auth .* dport=113 ident=loop$/,
		]);
		t.equal(await count(), before + 1, "one poke, one connection");

		// The count does see the question that a klaxon on any other port asks.
		await poke(anna, bert.ipv4, 79);
		const lines: string[] = [];
		await waitFor("both alerts", async () => {
			lines.push(...(await log.messages()));
			return lines.length >= 2;
		});
		t.match(
			lines.sort(),
			[
				/host 10\.77\.0\.2 accessing port finger .* ident=(closed|reset)$/,
				/host 10\.77\.0\.3 accessing port auth .* ident=loop$/,
			].sort(),
		);
		t.equal(
			await count(),
			before + 3,
			"the poke and one question, which goes no further",
		);
	},
);
