/** Rogue DHCPv6 servers and routers, real ones, next to listed ones. */
import { mkdirSync, writeFileSync } from "node:fs";
import t from "tap";
import { startDnsmasqDhcp6, startRadvd } from "./dhcpservers.ts";
import { addHost, enterSandbox, runIn } from "./harness.ts";
import { environment, startTocsin, TOCSIN, type Told } from "./tocsin.ts";

enterSandbox(import.meta.url);

/** ms until all was asked twice with `every = 10`. */
const TWO_ROUNDS = 40_000;

const known = await addHost("known");
const rogue = await addHost("rogue");
const ecsMac = (mac: string) => mac.toUpperCase().replaceAll(":", "-");

function configure(name: string, text: string): string[] {
	const file = `/tmp/${name}.toml`;
	const quiet = "[poison]\nevery = 0\n[dhcp]\nevery = 0\n";
	writeFileSync(file, `${quiet}${text}\n`);
	const state = `/tmp/${name}.state`;
	mkdirSync(state, { recursive: true, mode: 0o777 });
	return ["-c", file, "--state", state];
}

const isServer = ({ event }: Told) => event.action === "rogue-dhcp";
const isRouter = ({ event }: Told) => event.action === "rogue-ra";
const macs = (told: Told[]) => [
	...new Set(told.map(({ source }) => source.mac)),
];

const LISTED = `[dhcp6]
every = 10
servers = [{ mac = "${known.mac}" }]
[ra]
every = 10
routers = ["${known.mac}"]
`;

t.test("a DHCPv6 server that nobody listed", async (t) => {
	const servers = [
		await startDnsmasqDhcp6(known),
		await startDnsmasqDhcp6(rogue),
	];
	const before = servers.map((server) => server.leases());
	const watch = await startTocsin(["-i", "lan0", ...configure("v6", LISTED)]);
	const told = await watch.waitFor("it", isServer, TWO_ROUNDS);
	t.match(told, {
		source: { mac: ecsMac(rogue.mac) },
		network: { type: "ipv6" },
		klaxon: { technique: "dhcp6" },
	});
	t.comment(told.message);
	t.same(macs((await watch.finish()).filter(isServer)), [ecsMac(rogue.mac)]);
	t.same(
		servers.map((server) => server.leases()),
		before,
		"no lease",
	);
	for (const server of servers) await server.stop();
});

t.test("a router that nobody listed", async (t) => {
	const routers = [await startRadvd(known), await startRadvd(rogue)];
	const args = configure("ra", LISTED);
	const watch = await startTocsin(["-i", "lan0", ...args]);
	const told = await watch.waitFor("it", isRouter, TWO_ROUNDS);
	t.match(told, {
		source: { mac: ecsMac(rogue.mac) },
		klaxon: { technique: "ra", rdnss: rogue.ipv6 },
	});
	t.comment(told.message);
	t.same(macs((await watch.finish()).filter(isRouter)), [ecsMac(rogue.mac)]);

	const probe = await runIn(
		undefined,
		TOCSIN,
		["probe", "ra", "-i", "lan0", ...args],
		{
			env: environment,
			timeout: 30_000,
		},
	);
	t.equal(probe.code, 1);
	const lines = probe.stdout.trimEnd().split("\n");
	t.equal(lines.length, 2);
	t.match(
		lines[0],
		"NO  ALERT: host fe80::ff:fe00:3 is a router that nobody listed",
	);
	t.match(lines[1], `ok  fe80::ff:fe00:2 ${known.mac} router advertisement`);
	for (const router of routers) await router.stop();
});
