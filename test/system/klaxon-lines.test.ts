import t from "tap";
import {
	addHost,
	enterSandbox,
	home,
	peer,
	run,
	runIn,
	startInetd,
	waitFor,
} from "./harness.ts";
import { alertLine, inetdLine, startLog, touch } from "./klaxon.ts";

enterSandbox(import.meta.url);

const log = await startLog();

/** Touches a trap with these options, started by inetd for each connection. */
async function touched(
	args: string,
	options: Parameters<typeof touch>[2] = {},
	port: string | number = 7001,
) {
	const inetd = await startInetd("openbsd", inetdLine(port, args));
	const number = port === "tcpmux" ? 1 : Number(port);
	const result = await touch("127.0.0.1", number, options);
	const lines = await log.drain();
	await inetd.stop();
	return { ...result, lines, message: lines[0]?.message };
}

t.test("--classic: the original's line", async (t) => {
	const { from, message } = await touched("-n --classic rexec");
	t.equal(message, `ALERT: host 127.0.0.1:${from.port} accessing port rexec`);
});

t.test("without SERVICE the port's name, or its number", async (t) => {
	const named = await touched("-n", {}, "tcpmux");
	t.equal(named.message, alertLine({ ...named, service: "tcpmux" }));
	const numbered = await touched("-n", {}, 7009);
	t.equal(numbered.message, alertLine({ ...numbered, service: "7009" }));
});

t.test("--banner is all that is ever said", async (t) => {
	const { said, message, ...ends } = await touched("-n --banner go-away rexec");
	t.equal(said, "go-away");
	t.equal(message, alertLine({ ...ends, service: "rexec" }));
});

t.test("--read logs the first bytes, escaped", async (t) => {
	const send = Buffer.from('root\0"x"\n\x1b[31m\\ and what is beyond');
	const { said, message, ...ends } = await touched("-n --read 15 rexec", {
		send,
	});
	t.equal(said, "");
	const more = 'data="root\\x00\\"x\\"\\x0a\\x1b[31m\\\\"';
	t.equal(message, alertLine({ ...ends, service: "rexec", more }));
	const silent = await touched("-n --read 16 rexec");
	t.equal(silent.message, alertLine({ ...silent, service: "rexec" }));
});

t.test("--facility, --level, --tag", async (t) => {
	const args = "-n --facility local3 --level warning --tag klaxon.x rexec";
	const { lines } = await touched(args);
	t.match(lines[0], { facility: "local3", severity: "warning" });
	t.match(lines[0]?.tag, /^klaxon\.x\[\d+\]:$/);
});

t.test("a real telnet", async (t) => {
	const inetd = await startInetd("openbsd", inetdLine("tcpmux", "-n tcpmux"));
	t.teardown(() => inetd.stop());
	const telnet = await run(peer("telnet"), ["127.0.0.1", "1"], {
		keepOpen: true,
	});
	t.match(telnet.stdout + telnet.stderr, /Connection closed by foreign host/);
	t.match(await log.messages(), [
		/^ALERT: host 127\.0\.0\.1 accessing port tcpmux /,
	]);
});

t.test(
	"nmap -sT over 20 traps in wait mode: 20 alerts that name it",
	async (t) => {
		const ports = Array.from({ length: 20 }, (_, i) => 7001 + i);
		const wait = { wait: "wait" };
		const conf = ports
			.map((port) => inetdLine(port, "-n --idle 1", wait))
			.join("");
		const inetd = await startInetd("openbsd", conf);
		t.teardown(() => inetd.stop());
		const scanner = await addHost("scanner");
		const args = ["-n", "-Pn", "-sT", "-p", "7001-7020", home.ipv4];
		const { stdout } = await runIn(scanner, peer("nmap"), args, {
			timeout: 30_000,
		});
		t.equal(stdout.match(/\/tcp open/g)?.length, 20);
		const lines: string[] = [];
		const told = async () => {
			lines.push(...(await log.messages()));
			return lines.length >= 20;
		};
		await waitFor("20 alerts", told, 20_000);
		await inetd.stop();
		await told();
		t.equal(lines.length, 20);
		lines.sort();
		for (const [i, port] of ports.entries())
			t.match(
				lines[i],
				new RegExp(
					`^ALERT: host ${scanner.ipv4} accessing port ${port} .* sport=\\d+ dst=${home.ipv4} dport=${port}$`,
				),
			);
	},
);
