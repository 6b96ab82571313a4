import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { type Peer, type Place, peer, start } from "./process.ts";
import { listensOn } from "./sockets.ts";
import { waitFor } from "./wait.ts";

/** A message as the real rsyslogd understood it; "-" where it has no such part. */
export interface SyslogLine {
	/** Names, as in syslog.conf: "auth", "notice". */
	facility: string;
	severity: string;
	/** "klaxon[123]:" or "klaxon:". */
	tag: string;
	app: string;
	pid: string;
	/** Without the blank that RFC 3164 puts before it. */
	message: string;
	host: string;
	time: string;
	/** RFC 5424's parts. */
	msgid: string;
	structured: string;
	version: string;
	/** The bytes as they came, control characters and all. */
	raw: string;
	/** "imuxsock", "imudp" or "imtcp", and who sent it. */
	input: string;
	from: string;
}

export interface Certificate {
	ca: string;
	cert: string;
	key: string;
}

export interface RsyslogOptions {
	/** The local socket; false for none. */
	socket?: string | false;
	udp?: number;
	tcp?: number;
	/** RFC 5425: octet-counted or not, over TLS, the client needing no certificate. */
	tls?: Certificate & { port: number };
	/** More lines for its configuration. */
	extra?: string;
	at?: Place;
}

export interface Rsyslog extends Peer {
	/** All messages so far. */
	lines(): SyslogLine[];
	/** Waits for so many messages, or for one that fits; returns all, or those that fit. */
	waitForLines(
		wanted: number | ((line: SyslogLine) => boolean),
		timeout?: number,
	): Promise<SyslogLine[]>;
}

/** A real rsyslogd that keeps every message whole, on /dev/log unless told otherwise; its own go to `output`. */
export async function startRsyslog(
	options: RsyslogOptions = {},
): Promise<Rsyslog> {
	const folder = mkdtempSync("/run/rsyslog-");
	const file = `${folder}/messages`;
	writeFileSync(file, "");
	writeFileSync(`${folder}/conf`, configuration(folder, options));
	const { socket = "/dev/log", udp, tcp, tls, at } = options;
	const ports = [udp, tcp, tls?.port].filter((port) => port !== undefined);
	const listens = listensOn(ports);
	const rsyslogd = await start(
		peer("rsyslogd"),
		["-n", "-f", `${folder}/conf`, "-i", `${folder}/pid`],
		(pid) => listens(pid) && (socket === false || isBound(pid, socket)),
		{ at },
	);
	const lines = () =>
		readFileSync(file, "utf8").split("\n").slice(0, -1).map(parse);
	const waitForLines: Rsyslog["waitForLines"] = (wanted, timeout) =>
		waitFor(
			() => `${wanted} in ${JSON.stringify(lines(), null, 1)}`,
			() => {
				const found = lines();
				if (typeof wanted === "number")
					return found.length >= wanted ? found : undefined;
				const fitting = found.filter(wanted);
				return fitting.length > 0 ? fitting : undefined;
			},
			timeout,
		);
	const output = () => readFileSync(`${folder}/own`, "utf8");
	return { ...rsyslogd, output, lines, waitForLines };
}

function parse(json: string): SyslogLine {
	const line: SyslogLine = JSON.parse(json);
	const message =
		line.version === "0" ? line.message.replace(/^ /, "") : line.message;
	return { ...line, message };
}

/** rsyslog's properties; a few carry an option along. */
const FIELDS: Record<keyof SyslogLine, string> = {
	facility: "syslogfacility-text",
	severity: "syslogseverity-text",
	tag: "syslogtag",
	app: "app-name",
	pid: "procid",
	message: 'msg" dropLastLF="on',
	host: "hostname",
	time: 'timestamp" dateFormat="rfc3339',
	msgid: "msgid",
	structured: "structured-data",
	version: "protocol-version",
	raw: "rawmsg",
	input: "inputname",
	from: "fromhost-ip",
};

function configuration(folder: string, options: RsyslogOptions): string {
	const { socket = "/dev/log", udp, tcp, tls, extra = "" } = options;
	const fields = Object.entries(FIELDS).map(
		([name, property]) =>
			`property(outname="${name}" format="jsonf" name="${property}")`,
	);
	return `
global(workDirectory="${folder}" parser.escapeControlCharactersOnReceive="off" maxMessageSize="64k"
	net.enableDNS="off" ${security(tls)})
template(name="whole" type="list") {
	constant(value="{") ${fields.join(' constant(value=",") ')} constant(value="}\\n")
}
${socket === false ? "" : `module(load="imuxsock" SysSock.Name="${socket}" SysSock.RateLimit.Interval="0")`}
${udp === undefined ? "" : `module(load="imudp") input(type="imudp" port="${udp}" ruleset="keep")`}
${tcp === undefined && tls === undefined ? "" : 'module(load="imtcp")'}
${tcp === undefined ? "" : `input(type="imtcp" port="${tcp}" ruleset="keep")`}
${tls === undefined ? "" : `input(type="imtcp" port="${tls.port}" ruleset="keep" streamDriver.name="ossl" streamDriver.mode="1" streamDriver.authMode="anon")`}
${extra}
ruleset(name="keep") {
	if ($syslogtag == "rsyslogd:") then { action(type="omfile" file="${folder}/own") stop }
	action(type="omfile" file="${folder}/messages" template="whole")
}
call keep
`;
}

function security(tls: Certificate | undefined): string {
	return tls === undefined
		? ""
		: `defaultNetstreamDriverCAFile="${tls.ca}" defaultNetstreamDriverCertFile="${tls.cert}" defaultNetstreamDriverKeyFile="${tls.key}"`;
}

function isBound(pid: number, path: string): boolean {
	const table = readFileSync(`/proc/${pid}/net/unix`, "utf8");
	return table.split("\n").some((line) => line.endsWith(` ${path}`));
}
