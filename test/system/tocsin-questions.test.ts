/** Every question we send is valid to a strict parser: tshark sees nothing malformed and warns of nothing. */
import { writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import t from "tap";
import { addHost, enterSandbox, must, peer, start } from "./harness.ts";
import { startTocsin } from "./tocsin.ts";

enterSandbox(import.meta.url);

/** ms in which all lures ask at least once with `every = 10`. */
const ALL_ASKED = 25_000;
const FILE = "/tmp/questions.pcap";
const OURS = "eth.src == 02:00:00:00:00:01";
/** What each lure sends, and how many of it there are at least in a cycle. */
const QUESTIONS = {
	"LLMNR over IPv4": ["llmnr && ip", 9],
	"LLMNR over IPv6": ["llmnr && ipv6", 9],
	"mDNS over IPv4": ["mdns && ip", 9],
	"mDNS over IPv6": ["mdns && ipv6", 9],
	NetBIOS: ["nbns", 18],
	DISCOVER: ["dhcp.option.dhcp == 1", 1],
	INFORM: ["dhcp.option.dhcp == 8", 1],
	"INIT-REBOOT": ["dhcp.option.dhcp == 3", 1],
	SOLICIT: ["dhcpv6.msgtype == 1", 1],
	"INFORMATION-REQUEST": ["dhcpv6.msgtype == 11", 1],
	"router solicitation": ["icmpv6.type == 133", 1],
} as const;

const CHECKS = ["ip", "udp", "tcp"].flatMap((protocol) => [
	"-o",
	`${protocol}.check_checksum:TRUE`,
]);

/** Frames of ours that fit a display filter, a line each. */
async function frames(filter: string): Promise<string[]> {
	const text = await must(
		peer("tshark"),
		["-r", FILE, ...CHECKS, "-Y", `${OURS} && (${filter})`],
		{ timeout: 30_000 },
	);
	return text.split("\n").filter((line) => line !== "");
}

t.test("what tshark says of a round of questions", async (t) => {
	const host = await addHost("listener");
	const dump = await start(
		peer("tcpdump"),
		["-i", "eth0", "-U", "-w", FILE],
		(_, output) => output.includes("listening on"),
		{ at: host },
	);
	const tables = ["poison", "dhcp", "dhcp6", "ra"];
	writeFileSync(
		"/tmp/q.toml",
		tables.map((name) => `[${name}]\nevery = 10\n`).join(""),
	);
	const watch = await startTocsin(["-i", "lan0", "-c", "/tmp/q.toml"]);
	await sleep(ALL_ASKED);
	t.same(
		(await watch.finish()).filter(({ event }) => event.action !== "sensor"),
		[],
	);
	await dump.stop("SIGINT");
	await dump.ended;
	for (const [name, [filter, least]] of Object.entries(QUESTIONS)) {
		const { length } = await frames(filter);
		t.ok(length >= least, `${name}: ${length}`);
	}
	t.same(await frames("_ws.malformed"), [], "nothing is malformed");
	// PI_WARN of Wireshark's proto.h. mDNS has no ids (RFC 6762 section 18.1), so that asking again looks the same
	const isWarned = "_ws.expert.severity >= 0x600000";
	const isRepeated = '_ws.expert.message matches "DNS query retransmission"';
	t.same(
		await frames(`${isWarned} && !(mdns && ${isRepeated})`),
		[],
		"no warning",
	);
	const bad =
		"ip.checksum.status == 0 || udp.checksum.status == 0 || icmpv6.checksum.status == 0";
	t.same(await frames(bad), [], "all checksums are right");
});
