/** What a network's hosts say to all, to our servers by the thousand, and what we ourselves do to others. */
import t from "tap";
import {
	enterSandbox,
	home,
	must,
	peer,
	runIn,
	startDnsmasq,
} from "./harness.ts";
import type { Told } from "./tocsin.ts";
import { listenForAlarms, runOn, startOn } from "./tocsin-silence.ts";

enterSandbox(import.meta.url);

const { alice, bob, silent } = await listenForAlarms(t);
const isPing = (told: Told) => told.event.action === "ping";

/** NetBIOS, SSDP, mDNS and LLMNR: who is asked, and where. */
const SEARCHES = [
	[4, 137, "10.77.0.255"],
	[4, 138, "10.77.0.255"],
	[4, 1900, "239.255.255.250"],
	[4, 5353, "224.0.0.251"],
	[4, 5355, "224.0.0.252"],
	[6, 1900, "ff02::c"],
	[6, 5353, "ff02::fb"],
	[6, 5355, "ff02::1:3"],
];

/** Everybody joins, asks and answers by unicast, from the service's port and from another. */
const CHATTER = (device: string) => `
	const searches = ${JSON.stringify(SEARCHES)};
	const sockets = [];
	for (const [version, port, group] of searches) {
		const s = await open(version, port);
		s.setBroadcast(true);
		if (version === 4 && !group.endsWith(".255")) s.addMembership(group, (process.argv[1]));
		if (version === 6) s.addMembership(group, "::%${device}");
		s.on("message", (data, from) => {
			if (data.toString() !== "question") return;
			s.send("answer", from.port, from.address);
			setTimeout(() => s.send("answer too late", from.port, from.address), 300);
		});
		sockets.push(s);
	}
	console.log("ready");
	for (let i = 0; i < 5; i++) for (const [n, [version, port, group]] of searches.entries()) {
		const to = version === 6 ? group + "%${device}" : group;
		const s = await open(version);
		s.setBroadcast(true);
		s.send("question", port, to, () => setTimeout(() => s.close(), 100));
		sockets[n].send("question", port, to);
		await sleep(30);
	}
	await sleep(500);
	process.exit();`;

silent("searches of the neighbours and of ours, with answers", async () => {
	const talkers = [
		[undefined, home.ipv4, "lan0"],
		[alice, alice.ipv4, "eth0"],
		[bob, bob.ipv4, "eth0"],
	] as const;
	for (const [at, , device] of talkers) {
		const routes = `route replace 224.0.0.0/4 dev ${device}\n`;
		await must(peer("ip"), ["-batch", "-"], { at, input: routes });
	}
	await Promise.all(
		talkers.map(([host, address, device]) =>
			runOn(host, CHATTER(device).replace("(process.argv[1])", `"${address}"`)),
		),
	);
});

silent("DHCP, asked and answered by a real dnsmasq", async (t) => {
	const dnsmasq = await startDnsmasq({
		address: bob.ipv4,
		at: bob,
		args: [
			"--dhcp-range=10.77.0.100,10.77.0.150",
			"--dhcp-authoritative",
			"--no-ping",
			"--dhcp-leasefile=/tmp/leases",
		],
	});
	for (let i = 0; i < 2; i++) {
		const { stdout } = await runIn(alice, peer("nmap"), [
			...["--script", "broadcast-dhcp-discover", "-e", "eth0"],
			...["--script-args", "broadcast-dhcp-discover.timeout=1"],
		]);
		t.match(stdout, /DHCPOFFER/);
	}
	await dnsmasq.stop();
});

silent("a DNS server's 1,000 clients", async (t) => {
	const dnsmasq = await startDnsmasq({
		address: home.ipv4,
		args: [`--listen-address=${home.ipv6}`],
		hosts: { "www.example.net": "192.0.2.7" },
	});
	const query =
		"1234010000010000000000000377777707" + "6578616d706c65036e65740000010001";
	const answers = await runOn(
		alice,
		`let answers = 0;
		for (let i = 0; i < 1000; i++) {
			const s = await open(i % 2 ? 6 : 4);
			s.on("message", () => { answers++; s.close(); });
			s.send(Buffer.from("${query}", "hex"), 53, HOME[i % 2]);
			if (i % 20 === 0) await sleep(5);
		}
		await sleep(500);
		console.log(answers); process.exit();`,
	);
	t.ok(Number(answers) > 950, `${answers.trim()} answers`);
	await dnsmasq.stop();
});

silent("a victim's answers to a flood elsewhere, to any port", async () => {
	for (const args of [
		["-SA", "-s", "443", "-p", "++1000"],
		["-RA", "-s", "22", "-p", "++20"],
		["-RA", "-s", "25565", "-p", "++1"],
	])
		await runIn(bob, peer("hping3"), [
			...args,
			...["-k", "-i", "u300", "-c", "1200", "-q", home.ipv4],
		]);
});

for (const [version, target, extra] of [
	["IPv4", bob.ipv4, []],
	["IPv6", bob.ipv6, ["-6"]],
] as const)
	silent(`our own scans of a neighbour, ${version}`, async () => {
		const listener = await startOn(
			bob,
			`for (const port of [22, 80]) net.createServer((s) => s.on("error", () => {}).end("hi")).listen(port, "::");
			console.log("ready");`,
		);
		for (const how of ["-sS", "-sT", "-sA", "-sX", "-sM"])
			await runIn(undefined, peer("nmap"), [
				...extra,
				...[how, "-n", "-Pn", "-T4", "--top-ports", "200", target],
			]);
		await runIn(undefined, peer("nmap"), [
			...extra,
			...["-sU", "-n", "-Pn", "-T4", "--max-retries", "0"],
			...["--top-ports", "20", target],
		]);
		await listener.stop();
	});

silent("our own search for neighbours", () =>
	runIn(undefined, peer("nmap"), ["-sn", "-n", "-T5", "10.77.0.0/27"], {
		timeout: 20_000,
	}),
);

silent(
	"somebody pings, and only that is told",
	async () => {
		await runIn(alice, peer("ping"), ["-c", "3", "-i", "0.2", home.ipv4]);
		await runIn(alice, peer("ping"), ["-c", "3", "-i", "0.2", home.ipv6]);
	},
	isPing,
);
