/** Real DHCP servers and routers on hosts of the sandbox's network; each one's leases can be read. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { type Host, type Peer, peer, runIn, start } from "./harness.ts";

/** What a server tells its clients. */
export interface Offers {
	/** The last byte of the first and the last address it hands out. */
	range?: readonly [number, number];
	dns?: string;
	router?: string;
}

export interface Server extends Peer {
	/** The text of its leases. */
	leases(): string;
}

const read = (path: string) =>
	existsSync(path) ? readFileSync(path, "latin1") : "";

const defaults = { range: [100, 120], router: "10.77.0.254" } as const;

/** dnsmasq for IPv4. */
export async function startDnsmasqDhcp(
	host: Host,
	{ range = defaults.range, router = defaults.router, dns }: Offers = {},
): Promise<Server> {
	const file = `/tmp/${host.name}.leases`;
	const server = await start(
		peer("dnsmasq"),
		[
			...["--no-daemon", "--conf-file=/dev/null", "--port=0", "--user=root"],
			...["--interface=eth0", "--bind-interfaces", "--log-dhcp"],
			`--dhcp-range=10.77.0.${range[0]},10.77.0.${range[1]},255.255.255.0,1h`,
			`--dhcp-option=3,${router}`,
			`--dhcp-option=6,${dns ?? host.ipv4}`,
			...["--dhcp-authoritative", "--no-ping", `--dhcp-leasefile=${file}`],
		],
		(_, output) => output.includes("IP range"),
		{ at: host },
	);
	return { ...server, leases: () => read(file) };
}

/** Seconds for which udhcpd keeps an address that it only offered (`offer_time`); a lease lasts ten days. */
const OFFER_TIME = 60;

/** struct dyn_lease of busybox behind a time of eight bytes: seconds left, address, MAC address, name. */
function udhcpdLeases(path: string): string {
	const bytes = readFileSync(path);
	const leases: string[] = [];
	for (let at = 8; at + 36 <= bytes.length; at += 36)
		if (bytes.readUInt32BE(at) > OFFER_TIME)
			leases.push(bytes.toString("hex", at, at + 36));
	return leases.join();
}

/** busybox's udhcpd. */
export async function startUdhcpd(
	host: Host,
	{ range = [130, 140], router = defaults.router, dns }: Offers = {},
): Promise<Server> {
	const base = `/tmp/${host.name}.udhcpd`;
	writeFileSync(`${base}.leases`, "");
	writeFileSync(
		`${base}.conf`,
		[
			`start 10.77.0.${range[0]}`,
			`end 10.77.0.${range[1]}`,
			"interface eth0",
			`lease_file ${base}.leases`,
			`pidfile ${base}.pid`,
			"auto_time 1",
			`option dns ${dns ?? host.ipv4}`,
			`option router ${router}`,
			"option subnet 255.255.255.0",
			"",
		].join("\n"),
	);
	const server = await start(
		peer("udhcpd"),
		["-f", `${base}.conf`],
		(_, output) => output.includes("started"),
		{ at: host },
	);
	return { ...server, leases: () => udhcpdLeases(`${base}.leases`) };
}

/** ISC's dhcpd. */
export async function startIscDhcpd(
	host: Host,
	{ range = [150, 160], router = defaults.router, dns }: Offers = {},
): Promise<Server> {
	const base = `/tmp/${host.name}.isc`;
	writeFileSync(`${base}.leases`, "");
	writeFileSync(
		`${base}.conf`,
		`authoritative;
subnet 10.77.0.0 netmask 255.255.255.0 {
  range 10.77.0.${range[0]} 10.77.0.${range[1]};
  option routers ${router};
  option domain-name-servers ${dns ?? host.ipv4};
}
`,
	);
	const server = await start(
		peer("dhcpd"),
		[
			...["-f", "-d", "-4", "--no-pid", "-user", "root"],
			...["-cf", `${base}.conf`, "-lf", `${base}.leases`, "eth0"],
		],
		(_, output) => output.includes("Server starting service"),
		{ at: host },
	);
	return { ...server, leases: () => read(`${base}.leases`) };
}

/** Kea's kea-dhcp4. */
export async function startKea(
	host: Host,
	{ range = [170, 180], router = defaults.router, dns }: Offers = {},
): Promise<Server> {
	const base = `/tmp/${host.name}.kea`;
	const pool = `10.77.0.${range[0]} - 10.77.0.${range[1]}`;
	const options = [
		{ name: "routers", data: router },
		{ name: "domain-name-servers", data: dns ?? host.ipv4 },
	];
	const configuration = {
		Dhcp4: {
			"interfaces-config": { interfaces: ["eth0"] },
			"lease-database": {
				type: "memfile",
				name: `${base}.leases`,
				"lfc-interval": 0,
			},
			authoritative: true,
			subnet4: [
				{
					id: 1,
					subnet: "10.77.0.0/24",
					pools: [{ pool }],
					"option-data": options,
				},
			],
			loggers: [
				{
					name: "kea-dhcp4",
					severity: "INFO",
					output_options: [{ output: "stdout" }],
				},
			],
		},
	};
	writeFileSync(`${base}.json`, JSON.stringify(configuration));
	const server = await start(
		peer("kea-dhcp4"),
		["-c", `${base}.json`],
		(_, output) => output.includes("DHCP4_STARTED"),
		{
			at: host,
			env: { KEA_PIDFILE_DIR: "/tmp", KEA_LOCKFILE_DIR: "/tmp" },
		},
	);
	return { ...server, leases: () => read(`${base}.leases`) };
}

/** dnsmasq for DHCPv6 alone: no router advertisements. */
export async function startDnsmasqDhcp6(host: Host): Promise<Server> {
	const file = `/tmp/${host.name}.leases6`;
	const server = await start(
		peer("dnsmasq"),
		[
			...["--no-daemon", "--conf-file=/dev/null", "--port=0", "--user=root"],
			...["--interface=eth0", "--bind-interfaces", "--log-dhcp"],
			"--dhcp-range=2001:db8:77::100,2001:db8:77::1ff,64,1h",
			`--dhcp-option=option6:dns-server,[${host.ipv6}]`,
			`--dhcp-leasefile=${file}`,
		],
		(_, output) => output.includes("IP range"),
		{ at: host },
	);
	return { ...server, leases: () => read(file) };
}

/** radvd: a router of the network's prefix. */
export async function startRadvd(host: Host): Promise<Peer> {
	const forwarding = "/proc/sys/net/ipv6/conf/all/forwarding";
	await runIn(host, "/bin/sh", ["-c", `echo 1 >${forwarding}`]);
	const file = `/tmp/${host.name}.radvd`;
	writeFileSync(
		file,
		`interface eth0 {
  AdvSendAdvert on;
  MinRtrAdvInterval 3;
  MaxRtrAdvInterval 4;
  prefix 2001:db8:77::/64 { };
  RDNSS ${host.ipv6} { };
};
`,
	);
	return start(
		peer("radvd"),
		["-n", "-d", "1", "-m", "stderr", "-C", file, "-p", `${file}.pid`],
		(_, output) => /started|sending/.test(output),
		{ at: host },
	);
}
