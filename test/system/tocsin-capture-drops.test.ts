/** What the kernel had to drop is told, and the sums agree. */
import { setTimeout as sleep } from "node:timers/promises";
import t from "tap";
import { addHost, enterSandbox, home, peer, runIn } from "./harness.ts";
import { startTocsin, type Told } from "./tocsin.ts";

enterSandbox(import.meta.url);
const alice = await addHost("alice");

const isDrops = ({ klaxon }: Told) => klaxon.state === "drops";

t.test("a watch that was stopped under a flood", async (t) => {
	const tocsin = await startTocsin(["-i", "lan0"]);
	process.kill(tocsin.pid, "SIGSTOP");
	await runIn(alice, peer("hping3"), ["--flood", "-S", "-p", "23", home.ipv4], {
		timeout: 1_500,
	});
	process.kill(tocsin.pid, "SIGCONT");
	const drops = await tocsin.waitFor("drops", isDrops, 6_000);
	t.ok(drops.klaxon.count > 1_000, `${drops.klaxon.count} packets`);
	t.match(drops, {
		event: { kind: "event", action: "sensor" },
		observer: { ingress: { interface: { name: "lan0" } } },
		message: `ALERT: sensor drops: ${drops.klaxon.count} packets were lost on lan0 `,
	});
	// again within the minute: told at the end
	process.kill(tocsin.pid, "SIGSTOP");
	await runIn(alice, peer("hping3"), ["--flood", "-S", "-p", "23", home.ipv4], {
		timeout: 1_000,
	});
	process.kill(tocsin.pid, "SIGCONT");
	await sleep(500);
	const all = await tocsin.finish();
	const sum = all
		.filter(isDrops)
		.reduce((n, { klaxon }) => n + klaxon.count, 0);
	t.ok(sum > drops.klaxon.count);
	t.match(
		all.at(-1)?.message,
		new RegExp(`stopped after \\d+ packets, ${sum} lost `),
	);
});
