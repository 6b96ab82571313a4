/** What a rule ignores is not told, and all else is; the last line says how often. */
import { writeFileSync } from "node:fs";
import t from "tap";
import { addHost, enterSandbox, home, peer, runIn } from "./harness.ts";
import { startTocsin } from "./tocsin.ts";

enterSandbox(import.meta.url);

t.test(
	"a host's pings are ignored, another's are not, nor its scan",
	async (t) => {
		const friend = await addHost("friend");
		const stranger = await addHost("stranger");
		const file = "/tmp/ignore.toml";
		writeFileSync(
			file,
			`[[ignore]]\nsource = "${friend.ipv4}"\nkind = "ping"\nwhy = "monitoring"\n`,
		);
		const watch = await startTocsin(["-i", "lan0", "-c", file]);
		const ping = ["-c", "1", "-W", "1", home.ipv4];
		await runIn(friend, peer("ping"), ping);
		await runIn(stranger, peer("ping"), ping);
		const nmap = ["-n", "-Pn", "-sS", "-p", "1-30", home.ipv4];
		await runIn(friend, peer("nmap"), nmap, { timeout: 20_000 });
		await watch.waitFor("the scan", ({ event }) => event.action === "scan");
		await watch.waitFor("a ping", ({ event }) => event.action === "ping");
		const alerts = await watch.finish();
		const pings = alerts.filter(({ event }) => event.action === "ping");
		t.same([...new Set(pings.map(({ source }) => source.ip))], [stranger.ipv4]);
		const stop = alerts.find(({ klaxon }) => klaxon.state === "stop");
		t.match(stop.message, / lost; ignored [1-9]\d* by rule 1 \(monitoring\) /);
	},
);
