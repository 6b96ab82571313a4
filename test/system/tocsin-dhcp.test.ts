/** Rogue DHCP servers among real ones: exactly the rogue is named, and no lease is taken. */
import { mkdirSync, writeFileSync } from "node:fs";
import t from "tap";
import {
	type Server,
	startDnsmasqDhcp,
	startIscDhcpd,
	startKea,
	startUdhcpd,
} from "./dhcpservers.ts";
import {
	addHost,
	enterSandbox,
	type Host,
	must,
	peer,
	runIn,
	start,
	waitFor,
} from "./harness.ts";
import { environment, startTocsin, TOCSIN, type Told } from "./tocsin.ts";

enterSandbox(import.meta.url);

/** ms until all was asked twice with `every = 10`. */
const TWO_ROUNDS = 40_000;

const known = await addHost("known");
const rogue = await addHost("rogue");
const ecsMac = (mac: string) => mac.toUpperCase().replaceAll(":", "-");

/** A configuration that asks for DHCP alone, often. */
function configure(name: string, dhcp: string): string[] {
	const file = `/tmp/${name}.toml`;
	const quiet = "[poison]\nevery = 0\n[dhcp6]\nevery = 0\n[ra]\nevery = 0\n";
	writeFileSync(file, `${quiet}[dhcp]\nevery = 10\n${dhcp}\n`);
	const state = `/tmp/${name}.state`;
	mkdirSync(state, { recursive: true, mode: 0o777 });
	return ["-c", file, "--state", state];
}

const listed = ({ ipv4, mac }: Host) =>
	`servers = [{ ip = "${ipv4}", mac = "${mac}" }]`;
const isRogue = ({ event }: Told) => event.action === "rogue-dhcp";

for (const [name, startRogue] of Object.entries({
	udhcpd: startUdhcpd,
	"ISC dhcpd": startIscDhcpd,
	Kea: startKea,
}))
	t.test(`dnsmasq is listed, ${name} is the rogue`, async (t) => {
		const servers: Server[] = [
			await startDnsmasqDhcp(known),
			await startRogue(rogue),
		];
		const before = servers.map((server) => server.leases());
		const watch = await startTocsin([
			...["-i", "lan0"],
			...configure("listed", listed(known)),
		]);
		const first = await watch.waitFor("the rogue", isRogue, TWO_ROUNDS);
		t.match(first, {
			source: { ip: rogue.ipv4, mac: ecsMac(rogue.mac) },
			klaxon: { technique: "dhcp", server: rogue.ipv4 },
			observer: { ingress: { interface: { name: "lan0" } } },
		});
		t.comment(first.message);
		const told = (await watch.finish()).filter(isRogue);
		t.same(
			[...new Set(told.map(({ source }) => source.ip))],
			[rogue.ipv4],
			"nobody else",
		);
		const after = servers.map((server) => server.leases());
		for (const [i, text] of after.entries()) {
			t.equal(text, before[i], "no lease");
			await servers[i]?.stop();
		}
	});

t.test(
	"a listed server's address and id from another MAC address",
	async (t) => {
		const server = await startDnsmasqDhcp(rogue);
		const { ipv4 } = rogue;
		const watch = await startTocsin([
			...["-i", "lan0"],
			...configure(
				"double",
				`servers = [{ ip = "${ipv4}", mac = "${known.mac}" }]`,
			),
		]);
		const told = await watch.waitFor("it", isRogue, TWO_ROUNDS);
		t.match(told, {
			source: { ip: ipv4, mac: ecsMac(rogue.mac) },
			klaxon: { technique: "impersonation" },
		});
		await watch.finish();
		await server.stop();
	},
);

t.test("a listed server names another DNS server", async (t) => {
	const honest = await startDnsmasqDhcp(known, { dns: "10.77.0.53" });
	const watch = await startTocsin([
		...["-i", "lan0"],
		...configure("hijack", listed(known)),
	]);
	const learned = () =>
		runIn(undefined, TOCSIN, ["learned", "--state", "/tmp/hijack.state"]);
	await waitFor(
		() => "what it told is known",
		async () => (await learned()).stdout.includes("dns=10.77.0.53"),
		TWO_ROUNDS,
	);
	await honest.stop();
	const changed = await startDnsmasqDhcp(known, { dns: "10.77.0.66" });
	const told = await watch.waitFor("the change", isRogue, TWO_ROUNDS);
	t.match(told, {
		source: { ip: known.ipv4, mac: ecsMac(known.mac) },
		klaxon: { technique: "option-hijack", dns: "10.77.0.66" },
	});
	t.comment(told.message);
	await watch.finish();
	await changed.stop();
});

t.test(
	"without a list the first is learned, and can be forgotten",
	async (t) => {
		const first = await startDnsmasqDhcp(known);
		const args = configure("learning", "");
		const state = args.slice(-2);
		const probe = () =>
			runIn(undefined, TOCSIN, ["probe", "dhcp", "-i", "lan0", ...args], {
				env: environment,
				timeout: 30_000,
			});
		const watch = await startTocsin(["-i", "lan0", ...args]);
		const learned = async (...more: string[]) =>
			(await runIn(undefined, TOCSIN, ["learned", ...state, ...more])).stdout;
		await waitFor(
			() => "the first is learned",
			async () => (await learned()).startsWith(`dhcp ${known.ipv4} `),
			TWO_ROUNDS,
		);
		const clean = await probe();
		t.equal(clean.code, 0);
		t.match(clean.stdout, new RegExp(`^ok  ${known.ipv4} ${known.mac} `));
		const second = await startUdhcpd(rogue);
		const told = await watch.waitFor("the second", isRogue, TWO_ROUNDS);
		t.match(told, {
			source: { ip: rogue.ipv4 },
			klaxon: { technique: "dhcp" },
		});
		await watch.finish();
		const dirty = await probe();
		t.equal(dirty.code, 1);
		t.match(
			dirty.stdout,
			`NO  ALERT: host ${rogue.ipv4} is a DHCP server that nobody listed`,
		);
		t.equal(await learned("--forget", known.mac), "forgot 1 of 1\n");
		t.equal(await learned(), "nothing was learned yet\n");
		await first.stop();
		await second.stop();
	},
);

t.test("an interface without an address asks as well", async (t) => {
	const wire = [
		"link add bare0 type veth peer name eth9 netns rogue",
		"link set bare0 up",
	];
	for (const line of wire) await must(peer("ip"), line.split(" "));
	const far = ["address add 10.79.0.1/24 dev eth9", "link set eth9 up"];
	for (const line of far)
		await must(peer("ip"), ["-n", "rogue", ...line.split(" ")]);
	const server = await start(
		peer("dnsmasq"),
		[
			...["--no-daemon", "--conf-file=/dev/null", "--port=0", "--user=root"],
			...["--interface=eth9", "--bind-interfaces", "--no-ping"],
			...["--dhcp-range=10.79.0.100,10.79.0.120", "--log-dhcp"],
			"--dhcp-leasefile=/tmp/bare.leases",
		],
		(_, output) => output.includes("IP range"),
		{ at: rogue },
	);
	const watch = await startTocsin([
		...["-i", "bare0"],
		...configure("bare", "servers = []"),
	]);
	const told = await watch.waitFor("it", isRogue, TWO_ROUNDS);
	t.match(told, {
		source: { ip: "10.79.0.1" },
		klaxon: { technique: "dhcp" },
		observer: { ingress: { interface: { name: "bare0" } } },
	});
	await watch.finish();
	await server.stop();
});

t.test("the network of nobody", async (t) => {
	const silent = await runIn(
		undefined,
		TOCSIN,
		["probe", "dhcp", "-i", "lan0", ...configure("nobody", "")],
		{ env: environment, timeout: 30_000 },
	);
	t.equal(silent.stdout, "nobody answered on lan0\n");
	t.equal(silent.code, 0);
});
