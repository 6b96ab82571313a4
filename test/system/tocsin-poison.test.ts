/** Poisoners with every dodge: each cycle names the attacker. */
import { writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import t from "tap";
import {
	addHost,
	enterSandbox,
	type Peer,
	root,
	run,
	runIn,
	start,
} from "./harness.ts";
import type { Habits } from "./poisoner.ts";
import { startTocsin, TOCSIN, type Told } from "./tocsin.ts";

enterSandbox(import.meta.url);

/** ms for a cycle, which begins at once and asks for some seconds. */
const CYCLE = 8_000;

const attacker = await addHost("attacker");
const mac = attacker.mac.toUpperCase().replaceAll(":", "-");
const ALL: Habits["protocols"] = ["llmnr", "nbns", "mdns"];

function startPoisoner(habits: Partial<Habits>): Promise<Peer> {
	const all: Habits = { ip: attacker.ipv4, protocols: ALL, ...habits };
	const sockets = all.protocols.flatMap((protocol) =>
		protocol === "nbns" ? [protocol] : [`${protocol} 4`, `${protocol} 6`],
	);
	return start(
		process.execPath,
		[`${root}/test/system/poisoner.ts`, JSON.stringify(all)],
		(_, output) => sockets.every((one) => output.includes(`listens to ${one}`)),
		{ at: attacker },
	);
}

const FILE = "/tmp/poison.toml";
writeFileSync(FILE, "[dhcp]\nevery = 0\n[dhcp6]\nevery = 0\n[ra]\nevery = 0\n");
const watchArgs = ["-i", "lan0", "-c", FILE];
const isPoison = ({ event }: Told) => event.action === "poison";

const DODGES: Record<
	string,
	{ habits: Partial<Habits>; confidence?: string; told: object }
> = {
	"Responder's answers to all": {
		habits: {},
		told: { tool: "responder", answer: attacker.ipv4 },
	},
	"LLMNR alone": {
		habits: { protocols: ["llmnr"] },
		told: { technique: "llmnr" },
	},
	"mDNS alone": {
		habits: { protocols: ["mdns"] },
		told: { technique: "mdns" },
	},
	"NetBIOS alone": {
		habits: { protocols: ["nbns"] },
		told: { technique: "nbns" },
	},
	"random TTLs": { habits: { ttl: "random" }, told: { tool: undefined } },
	"another address": {
		habits: { hands: "10.77.0.99" },
		told: { answer: "10.77.0.99" },
	},
	"the third time only": { habits: { from: 3 }, told: {} },
	"wpad alone": { habits: { only: "wpad" }, told: { names: ["wpad"] } },
	"suffix 20 alone": {
		habits: { protocols: ["nbns"], suffix: 0x20 },
		told: { technique: "nbns" },
	},
	"a compression loop": {
		habits: { garbage: "loop", protocols: ["llmnr"] },
		told: { note: "malformed" },
	},
	"a cut header": {
		habits: { garbage: "truncated", protocols: ["llmnr"] },
		told: { note: "malformed" },
	},
	"a label past the end": {
		habits: { garbage: "past-end", protocols: ["llmnr"] },
		told: { note: "malformed" },
	},
};

for (const [name, { habits, told }] of Object.entries(DODGES))
	t.test(name, async (t) => {
		const poisoner = await startPoisoner(habits);
		const watch = await startTocsin(watchArgs);
		const high = await watch.waitFor(
			name,
			(one) => isPoison(one) && one.klaxon.confidence === "high",
			CYCLE,
		);
		const low = watch.alarms().find(isPoison);
		t.match(low.source, { ip: /^(10\.77\.0\.2|fe80::ff:fe00:2)$/, mac });
		t.match(high, { source: { mac }, klaxon: told });
		t.comment(high.message);
		const alerts = (await watch.finish()).filter(isPoison);
		t.same(
			[...new Set(alerts.map(({ source }) => source.mac))],
			[mac],
			"nobody else",
		);
		await poisoner.stop();
	});

t.test(
	"a name that one host has: told as such, and not asked for again",
	async (t) => {
		const poisoner = await startPoisoner({
			only: "wpad",
			protocols: ["llmnr"],
		});
		const file = "/tmp/exists.toml";
		writeFileSync(
			file,
			"[poison]\nevery = 10\n[dhcp]\nevery = 0\n[dhcp6]\nevery = 0\n[ra]\nevery = 0\n",
		);
		const watch = await startTocsin(["-i", "lan0", "-c", file]);
		const first = await watch.waitFor("it", isPoison, CYCLE);
		t.match(first.klaxon, { confidence: "low", names: ["wpad"] });
		const second = await watch.waitFor(
			"the verdict",
			({ klaxon }) => klaxon.exists,
			30_000,
		);
		t.match(second.klaxon, { confidence: "low", names: ["wpad"] });
		t.comment(second.message);
		await sleep(5_000); // a cycle that is under way goes on
		const asked = poisoner.output().length;
		await sleep(CYCLE + 10_000);
		t.equal(poisoner.output().length, asked, "asked no more");
		const told = (await watch.finish()).filter(isPoison);
		t.same([...new Set(told.map(({ klaxon }) => klaxon.confidence))], ["low"]);
		await poisoner.stop();
	},
);

t.test("probe: who answers, now, without rights", async (t) => {
	const command = ["probe", "poison", "-i", "lan0", "-c", FILE];
	const nobody = [
		"--reuid=65534",
		"--regid=65534",
		"--clear-groups",
		"--bounding-set=-all",
		"--inh-caps=-all",
		"--",
	];
	const probe = () =>
		process.getuid?.() === 0 && process.env.KLAXON_SANDBOX === "root"
			? run("/usr/bin/setpriv", [...nobody, TOCSIN, ...command], {
					timeout: 20_000,
				})
			: runIn(undefined, TOCSIN, command, { timeout: 20_000 });
	const clean = await probe();
	t.equal(clean.stdout, "nobody answered on lan0\n");
	t.equal(clean.code, 0);
	const poisoner = await startPoisoner({});
	const dirty = await probe();
	t.equal(dirty.code, 1);
	const lines = dirty.stdout.trimEnd().split("\n");
	for (const line of lines) {
		t.match(
			line,
			/^NO {2}ALERT: host (10\.77\.0\.2|fe80::ff:fe00:2) answering for/,
		);
		t.match(line, ` mac=${attacker.mac}`);
	}
	t.comment(dirty.stdout);
	await poisoner.stop();
});
