/** What the tests of tocsin's detectors share: an attacker for each case, and the proof that it was heard. */
import { appendFileSync } from "node:fs";
import type { Test } from "tap";
import {
	addHost,
	type Host,
	must,
	type Peer,
	peer,
	runIn,
	start,
	waitFor,
} from "./harness.ts";
import type { Case, Version } from "./scans.ts";
import { startTocsin, type Tocsin, type Told } from "./tocsin.ts";
import { packetsOf, thresholdOf } from "./wire.ts";

/** Where each proof goes, one JSON object a line: scripts/detected.ts makes the README's table of it. */
const TABLE = process.env.TOCSIN_TABLE ?? "/tmp/detected.jsonl";

/** ms from the packet that makes an alert due to its arrival (issue 3). */
export const AT_ONCE = 1_000;

/** What a case turned out to be; `seconds` from the attacker's first packet to the alert's arrival. */
export interface Proof {
	name: string;
	version: Version;
	kind: string;
	technique: string;
	hint?: string;
	seconds: number;
}

export function record(proof: Proof): void {
	appendFileSync(TABLE, `${JSON.stringify(proof)}\n`);
}

export const addressOf = ({ ipv4, ipv6 }: Host, version: Version) =>
	version === 4 ? ipv4 : ipv6;

/** 16 further addresses of the victim's, which attackers reach through it. */
const NETWORK = { 4: "10.78.0.16/28", 6: "2001:db8:78::10/124" } as const;
const NETWORKS = ["10.78.0.0/24", "2001:db8:78::/64"] as const;

/** A host that serves TCP port 8000 on 17 addresses of each version. */
export async function addVictim(): Promise<Host> {
	const victim = await addHost("victim");
	const lines = Array.from({ length: 16 }, (_, i) => [
		`address add 10.78.0.${16 + i}/24 dev eth0`,
		`address add 2001:db8:78::${(16 + i).toString(16)}/64 dev eth0 nodad`,
	]);
	await ip(victim, lines.flat());
	// its banner saves nmap -sV ten seconds
	const script = `require("node:net").createServer((peer) => peer.on("error", () => {}).write("SSH-2.0-OpenSSH_9.2\\r\\n"))
		.listen(8000, "::", () => console.log("ready"))`;
	await start(
		process.execPath,
		["-e", script],
		(_, output) => output.includes("ready"),
		{ at: victim },
	);
	return victim;
}

export function ip(host: Host, lines: string[]): Promise<string> {
	const options = { at: host, input: lines.join("\n") };
	return must(peer("ip"), ["-batch", "-"], options);
}

let attackers = 0;

/** A host that no alert knows yet. */
export async function addAttacker(victim: Host): Promise<Host> {
	attackers++;
	const host = await addHost(`attacker${attackers}`);
	await ip(host, [
		`route add ${NETWORKS[0]} via ${victim.ipv4}`,
		`route add ${NETWORKS[1]} via ${victim.ipv6}`,
		// a victim that drops what we send would not even tell its MAC
		...[victim.ipv4, victim.ipv6].map(
			(to) => `neigh replace ${to} lladdr ${victim.mac} dev eth0`,
		),
	]);
	return host;
}

/** A case's arguments with the addresses in their places. */
export function argumentsOf(each: Case, source: Host, victim: Host): string[] {
	const places: Record<string, string> = {
		VICTIM: addressOf(victim, each.version),
		VICTIM_MAC: victim.mac.replaceAll(":", "-"),
		NETWORK: NETWORK[each.version],
		SOURCE: addressOf(source, each.version),
	};
	return each.args.map((word) => places[word] ?? word);
}

/** ECS writes `02-00-00-00-00-0A`. */
const macOf = (told: Told): string | undefined =>
	told.source?.mac?.replaceAll("-", ":").toLowerCase();

export interface Lookout {
	readonly tocsin: Tocsin;
	/** Alerts about what a host sent. */
	from(host: Host): Told[];
	/** Runs a case's tool on a host of its own, and checks that it is told: what, who, and how soon. */
	prove(t: Test, each: Case): Promise<void>;
	/** Ends the watch, and checks that no case made more lines than it may. */
	finish(t: Test): Promise<void>;
}

/** Starts tocsin at `at` (the sandbox itself when undefined) and a witness that writes down the packets there. */
export async function lookOut(
	victim: Host,
	{ at, args = [] }: { at: Host | undefined; args?: string[] },
): Promise<Lookout> {
	const file = `/tmp/${attackers}.pcap`;
	const device = at ? "eth0" : "lan0";
	const witness: Peer = await start(
		peer("tcpdump"),
		[..."--immediate-mode -Z root -s 128 -U -i".split(" "), device, "-w", file],
		(_, output) => output.includes("listening on"),
		at ? { at } : {},
	);
	const tocsin = await startTocsin(args, at ? { at } : {});
	const proven: { host: Host; each: Case }[] = [];
	const from = (host: Host) =>
		tocsin.alarms().filter((told) => macOf(told) === host.mac);

	/** Waits for an alert of a kind and technique about a host; `seconds` since its first such packet. */
	async function hear(
		host: Host,
		each: Pick<Case, "name" | "version" | "kind" | "technique" | "fragmented">,
	) {
		const { name, version, kind, technique } = each;
		const fits = (told: Told) =>
			macOf(told) === host.mac &&
			told.event.action === kind &&
			told.klaxon.technique === technique;
		const what = `${kind} ${technique} of ${name}`;
		const told = await tocsin.waitFor(what, fits, 8_000);
		const arrived = Date.now();
		// the witness writes when it gets to it
		const [first, due] = await waitFor(`packets of ${what}`, async () => {
			const packets = await packetsOf(file, host.mac, each);
			const due = thresholdOf(packets, each);
			return due === undefined ? undefined : [packets[0]?.time ?? due, due];
		});
		const seconds = (arrived - first) / 1000;
		const hint = told.klaxon.tool;
		record({
			...{ name, version, kind, technique, seconds },
			...(hint ? { hint } : {}),
		});
		return { told, delay: arrived - due };
	}

	/** Lets a new attacker do it; answers how long after it was due it was told, in ms. */
	async function attack(t: Test, each: Case): Promise<number> {
		const host = await addAttacker(victim);
		const words = argumentsOf(each, host, victim);
		const running = runIn(host, peer(each.tool), words, { timeout: 20_000 });
		const { told, delay } = await hear(host, each);
		const { ip } = told.source;
		const own = addressOf(host, each.version);
		if (each.decoys) {
			t.equal(ip, undefined, "no address is accused, only the MAC");
			const all = [...each.decoys, own].sort();
			t.strictSame([...told.klaxon.sources].sort(), all, "all are named");
			t.equal(told.klaxon.sourceCount, all.length);
		} else t.equal(ip, own, "who");
		t.equal(told.klaxon.tool, each.hint, "the tool it looks like");
		t.equal(told.klaxon.fragmented, each.fragmented, "in fragments or not");
		const fragmented = each.fragmented || each.technique === "fragment";
		for (const [kind, technique] of each.also ?? [])
			await hear(host, { ...each, kind, technique, fragmented });
		await running;
		proven.push({ host, each });
		return delay;
	}

	async function prove(t: Test, each: Case): Promise<void> {
		let delay = await attack(t, each);
		if (delay > AT_ONCE) {
			t.comment(`told after ${delay} ms: is the machine busy? Once more.`);
			delay = await attack(t, each);
		}
		t.ok(delay <= AT_ONCE, `told ${Math.round(delay)} ms after it was due`);
	}

	async function finish(t: Test): Promise<void> {
		await tocsin.finish();
		await witness.stop();
		for (const { host, each } of proven) {
			const lines = from(host).map(({ message }) => message);
			t.ok(lines.length <= each.lines, `${each.name}: ${lines.length} lines`, {
				lines,
			});
			t.equal(new Set(lines).size, lines.length, "none of them twice");
			t.notMatch(lines.join("\n"), /many hosts/, "it is one host");
		}
	}

	return { tocsin, from, prove, finish };
}

/** Cases that share a watch: more lines than these make in a minute are too many, and told as a sum. */
const SHARING = 6;

/** A subtest for each case, several at a time, and one for what those together wrote. */
export async function proveAll(
	t: Test,
	cases: readonly Case[],
	...where: Parameters<typeof lookOut>
): Promise<void> {
	t.jobs = SHARING;
	for (let i = 0; i < cases.length; i += SHARING) {
		const lookout = await lookOut(...where);
		const prove = (each: Case) =>
			t.test(`${each.name}, IPv${each.version}`, { buffered: true }, (t) =>
				lookout.prove(t, each),
			);
		await Promise.all(cases.slice(i, i + SHARING).map(prove));
		await t.test("a few lines each", (t) => lookout.finish(t));
	}
}
