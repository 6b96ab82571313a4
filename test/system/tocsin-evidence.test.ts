import { chmodSync, mkdirSync } from "node:fs";
import t from "tap";
import { addHost, enterSandbox, home, must, peer, runIn } from "./harness.ts";
import { startTocsin } from "./tocsin.ts";

enterSandbox(import.meta.url);

const evil = await addHost("evil");
const FOLDER = "/run/evidence";
mkdirSync(FOLDER);
chmodSync(FOLDER, 0o777); // tocsin is nobody
const FILE = `${FOLDER}/tocsin.pcapng`;

t.test("the packets behind the alerts, and only they, are kept", async (t) => {
	const tocsin = await startTocsin(["-i", "lan0", "-o", FILE]);
	await runIn(evil, peer("nmap"), ["-sX", "-n", "-Pn", "-p1-9", home.ipv4]);
	await runIn(evil, peer("ping"), ["-c", "1", home.ipv4]);
	await tocsin.waitFor("the scan", ({ event }) => event.action === "scan");
	await tocsin.waitFor("the ping", ({ event }) => event.action === "ping");
	await tocsin.finish();
	const text = await must(peer("tcpdump"), ["-nnr", FILE], {
		changesUser: true,
	});
	const lines = text.trim().split("\n");
	const xmas = lines.filter((line) => / Flags \[FPU\]/.test(line));
	t.equal(new Set(xmas.map((line) => / > (\S+):/.exec(line)?.[1])).size, 9);
	t.equal(lines.filter((line) => /echo request/.test(line)).length, 1);
	const answers = lines.filter((line) => line.includes(`${home.ipv4}.1 >`));
	t.strictSame(answers, [], "our own answers are no evidence");
});

t.test("packets with IP options ring where wanted", async (t) => {
	const tocsin = await startTocsin(["-i", "lan0", "--ip-options"]);
	await runIn(evil, peer("ping"), ["-c", "1", "-R", home.ipv4]);
	const told = await tocsin.waitFor(
		"the options",
		({ klaxon }) => klaxon.technique === "ip-options",
	);
	t.equal(told.source.ip, evil.ipv4);
	await tocsin.finish();
});

t.test(
	"a file that can't be written is told before anything else",
	async (t) => {
		await t.rejects(
			startTocsin(["-i", "lan0", "-o", "/nowhere/x.pcapng"]),
			/can't keep evidence: ENOENT: no such file or directory, open '\/nowhere\/x.pcapng'/,
		);
	},
);
