/** A port that is watched by default, and what is looked for there. */
type Trap = readonly [port: number, lookedFor: string];

// Numbers, since a machine without netbase has no /etc/services. All are below 32768, where Linux
// (ip_local_port_range) takes no port for a client: no late answer to one can look like a probe.

/** What klaxon's author advised to trap; a host that doesn't serve one has no reason to see it. */
const CLASSIC_TCP: readonly Trap[] = [
	[1, "tcpmux"],
	[7, "echo"],
	[9, "discard"],
	[11, "systat"],
	[13, "daytime"],
	[15, "netstat"],
	[17, "qotd"],
	[19, "chargen"],
	[21, "ftp"],
	[23, "telnet"],
	[77, "rje"],
	[79, "finger"],
	[87, "link"],
	[95, "supdup"],
	[109, "pop2"],
	[110, "pop3"],
	[111, "sunrpc"],
	[113, "auth"],
	[119, "nntp"],
	[143, "imap2"],
	[512, "exec"],
	[513, "login"],
	[514, "shell"],
	[517, "talk"],
	[518, "ntalk"],
	[540, "uucp"],
];

/** What is looked for today. Not 80, 443 and 631: people and printers' drivers try those in good faith. */
const MODERN_TCP: readonly Trap[] = [
	[0, "reserved"], // hping3's default; no stack sends there
	[22, "ssh"],
	[102, "s7"], // industrial control
	[135, "msrpc"],
	[139, "netbios"],
	[389, "ldap"],
	[445, "smb"],
	[502, "modbus"], // industrial control
	[873, "rsync"],
	[1080, "socks"],
	[1433, "mssql"],
	[1521, "oracle"],
	[1723, "pptp"],
	[2049, "nfs"],
	[2323, "telnet"], // where the Mirai worms look as well
	[2375, "docker"],
	[2376, "docker"],
	[2379, "etcd"],
	[3128, "proxy"],
	[3306, "mysql"],
	[3389, "rdp"],
	[4444, "metasploit"],
	[5432, "postgresql"],
	[5555, "adb"], // Android's debugger
	[5900, "vnc"],
	[5985, "winrm"],
	[5986, "winrm"],
	[6000, "x11"],
	[6379, "redis"],
	[7547, "tr-069"], // provisioning of home routers
	[8080, "proxy"],
	[8291, "winbox"], // MikroTik routers
	[9200, "elasticsearch"],
	[10250, "kubelet"],
	[11211, "memcached"],
	[27017, "mongodb"],
	[31337, "elite"], // back doors, by custom
];

/**
 * UDP chatters, so this list is short. Not 9 (wake-on-LAN), 53 and 123 (late answers between servers),
 * 137, 138, 1900 and 5353 (every LAN is full of them).
 */
const CLASSIC_UDP: readonly Trap[] = [
	[7, "echo"],
	[13, "daytime"],
	[17, "qotd"],
	[19, "chargen"],
	[69, "tftp"],
	[111, "sunrpc"],
	[161, "snmp"],
	[517, "talk"],
	[518, "ntalk"],
];

const MODERN_UDP: readonly Trap[] = [
	[389, "cldap"], // sought as an amplifier
	[623, "ipmi"],
	[5060, "sip"],
	[11211, "memcached"], // sought as an amplifier
];

const numbers = (...lists: (readonly Trap[])[]): number[] =>
	lists
		.flat()
		.map(([port]) => port)
		.sort((a, b) => a - b);

/** Watched where the configuration names no ports, ascending. */
export const DEFAULT_TCP: readonly number[] = numbers(CLASSIC_TCP, MODERN_TCP);
export const DEFAULT_UDP: readonly number[] = numbers(CLASSIC_UDP, MODERN_UDP);
