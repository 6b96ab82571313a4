import t from "tap";
import { enterSandbox, peer, runIn } from "./harness.ts";
import { DROPPED } from "./scans.ts";
import { addAttacker, addVictim, ip, proveAll } from "./tocsin-detect.ts";

enterSandbox(import.meta.url);

const victim = await addVictim();
// The kernel hears but finds no way back: to whoever asks, as a firewall that drops.
await ip(victim, [
	"route del 10.77.0.0/24",
	"route add blackhole 10.77.0.0/24",
	"route del 2001:db8:77::/64 dev eth0",
	"route add blackhole 2001:db8:77::/64",
]);

t.test("nobody gets an answer", async (t) => {
	const host = await addAttacker(victim);
	for (const to of [victim.ipv4, victim.ipv6]) {
		const words = ["-c", "1", "-W", "1", to];
		const { stdout } = await runIn(host, peer("ping"), words);
		t.match(stdout, /1 packets transmitted, 0 received/);
	}
});

for (const version of [4, 6] as const)
	t.test(`what is dropped silently, IPv${version}`, (t) => {
		const cases = DROPPED.filter((each) => each.version === version);
		return proveAll(t, cases, victim, { at: victim });
	});
