/** Real responders to names on hosts of the sandbox's network. */
import {
	copyFileSync,
	mkdirSync,
	readFileSync,
	renameSync,
	writeFileSync,
} from "node:fs";
import { type Host, type Peer, peer, runIn, start } from "./harness.ts";

/** Samba's nmbd: registers real names, answers for others' as WINS proxy. */
export async function startNmbd(host: Host): Promise<Peer> {
	const base = `/tmp/${host.name}.samba`;
	for (const folder of [base, "/var/log/samba/cores", "/run/samba"])
		mkdirSync(folder, { recursive: true, mode: 0o700 });
	writeFileSync(
		`${base}/smb.conf`,
		`[global]
netbios name = FILESRV
workgroup = SITE
interfaces = eth0
bind interfaces only = yes
wins support = yes
wins proxy = yes
dns proxy = no
lock directory = ${base}
state directory = ${base}
cache directory = ${base}
pid directory = ${base}
private dir = ${base}
ncalrpc dir = ${base}/ncalrpc
log file = ${base}/log
`,
	);
	const args = ["--foreground", "--no-process-group", "--debug-stdout"];
	// where standard input is a socket it thinks that inetd started it
	return start(
		"/bin/sh",
		[
			...["-c", 'exec "$0" "$@" </dev/null', peer("nmbd")],
			...[...args, "-d2", "-s", `${base}/smb.conf`],
		],
		(_, output) => output.includes("WINS_SERVER_SUBNET"),
		{ at: host },
	);
}

const IPP = `<service-group>
  <name>Office printer</name>
  <service><type>_ipp._tcp</type><port>631</port></service>
</service-group>
`;

/** avahi-daemon as a printer's, with the reflector on between two networks. */
export async function startAvahi(host: Host): Promise<Peer> {
	const plug = [
		"link add eth1 type veth peer name eth2",
		"address add 10.78.0.1/24 dev eth1",
		"link set eth1 up",
		"link set eth2 up",
	];
	for (const line of plug) await runIn(host, peer("ip"), line.split(" "));
	mkdirSync("/etc/avahi/services", { recursive: true });
	writeFileSync("/etc/avahi/services/ipp.service", IPP);
	addUser("avahi");
	const file = `/tmp/${host.name}.avahi`;
	writeFileSync(
		file,
		`[server]
host-name=printer
use-ipv4=yes
use-ipv6=yes
enable-dbus=no
allow-interfaces=eth0,eth1
[wide-area]
enable-wide-area=no
[publish]
publish-workstation=yes
[reflector]
enable-reflector=yes
`,
	);
	mkdirSync("/run/avahi-daemon", { recursive: true });
	return start(
		peer("avahi-daemon"),
		[
			"-f",
			file,
			"--no-drop-root",
			"--no-chroot",
			"--no-rlimits",
			"--no-proc-title",
		],
		(_, output) => output.includes("Server startup complete"),
		{ at: host },
	);
}

/** Users that daemons become; the machine needn't know them, the sandbox must. */
function addUser(name: string): void {
	if (readFileSync("/etc/passwd", "latin1").includes(`${name}:`)) return;
	for (const [file, line] of [
		["passwd", `${name}:x:990:990::/:/bin/false\n`],
		["group", `${name}:x:990:\n`],
	] as const) {
		writeFileSync("/tmp/copy", readFileSync(`/etc/${file}`, "latin1") + line);
		copyFileSync("/tmp/copy", `/etc/${file}.new`);
		renameSync(`/etc/${file}.new`, `/etc/${file}`);
	}
}

/** systemd-resolved, which answers LLMNR and mDNS questions for its host's name. */
export async function startResolved(host: Host): Promise<Peer> {
	addUser("systemd-resolve");
	mkdirSync("/run/systemd/resolved.conf.d", { recursive: true });
	writeFileSync(
		"/run/systemd/resolved.conf.d/test.conf",
		"[Resolve]\nLLMNR=yes\nMulticastDNS=yes\nDNSStubListener=no\n",
	);
	return start(
		peer("systemd-resolved"),
		[],
		(_, output) => output.includes("Using system hostname"),
		{
			at: host,
			env: { SYSTEMD_LOG_LEVEL: "debug", SYSTEMD_LOG_TARGET: "console" },
		},
	);
}
