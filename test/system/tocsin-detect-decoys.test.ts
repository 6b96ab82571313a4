import t from "tap";
import { enterSandbox, type Host, peer, runIn } from "./harness.ts";
import {
	AT_ONCE,
	addAttacker,
	addressOf,
	addVictim,
	lookOut,
	record,
} from "./tocsin-detect.ts";

enterSandbox(import.meta.url);

const victim = await addVictim();

/** Five addresses that nobody has; ME is where the true one goes. */
const DECOYS = {
	4: ["10.77.0.201", "198.51.100.7", "203.0.113.80", "10.77.0.202", "9.9.9.9"],
	6: [1, 2, 3, 4, 5].map((n) => `2001:db8:77::d${n}`),
} as const;

const scans = [
	["-sS", "scan", "syn", 4, "nmap"],
	["-sX", "scan", "xmas", 4, "nmap"],
	["-sA", "scan", "ack", 4, "nmap"],
	["-sU", "scan", "udp", 4, undefined],
	["-sS", "scan", "syn", 6, "nmap"],
] as const;

for (const [option, kind, technique, version, hint] of scans)
	t.test(`nmap ${option} -D, IPv${version}`, async (t) => {
		const lookout = await lookOut(victim, { at: victim });
		const host = await addAttacker(victim);
		const decoys = DECOYS[version];
		const own = addressOf(host, version);
		const all = [...decoys.slice(0, 3), "ME", ...decoys.slice(3)].join(",");
		const words = `-n -Pn ${option} -p 1-30 --max-retries 0 -D ${all}`;
		const target = addressOf(victim, version);
		const began = Date.now();
		const running = runIn(host, peer("nmap"), [
			...(version === 6 ? ["-6"] : []),
			...words.split(" "),
			target,
		]);
		const { tocsin } = lookout;
		const told = await tocsin.waitFor("a scan", ({ event, klaxon }) => {
			return event.action === kind && klaxon.phase === "start";
		});
		const arrived = Date.now();
		await running;

		t.equal(told.klaxon.technique, technique);
		t.equal(told.klaxon.tool, hint, "the tool it looks like");
		t.equal(told.source.ip, undefined, "nobody is accused by address");
		t.equal(told.source.mac, ecs(host), "but by MAC");
		t.strictSame(
			[...told.klaxon.sources].sort(),
			[...decoys, own].sort(),
			"all addresses, the true one among them",
		);
		t.equal(told.klaxon.sourceCount, 6);
		const late = arrived - Date.parse(told.klaxon.last);
		t.ok(late <= AT_ONCE, `told ${late} ms after the last packet it counts`);

		const alerts = (await tocsin.finish()).filter(
			({ event }) => event.action !== "sensor",
		);
		const lines = alerts.map(({ message }) => message);
		t.ok(lines.length <= 4, `${lines.length} lines`, { lines });
		t.strictSame(
			alerts.filter(({ event }) => event.action === kind).length,
			2,
			"its beginning and its end",
		);
		for (const alert of alerts)
			t.equal(alert.source.mac, ecs(host), "nobody else");
		record({
			name: `nmap ${option} -D, 5 decoys`,
			...{ version, kind, technique },
			...(hint ? { hint } : {}),
			seconds: (arrived - began) / 1000,
		});
	});

function ecs({ mac }: Host): string {
	return mac.toUpperCase().replaceAll(":", "-");
}
