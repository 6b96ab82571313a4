/** What the tests of dist/klaxon share: how it is started, touched, and what its lines must be. */
import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { isIPv6 } from "node:net";
import {
	childrenOf,
	type End,
	type Program,
	privileged,
	type Rsyslog,
	readAll,
	root,
	run,
	type SyslogLine,
	start,
	startRsyslog,
} from "./harness.ts";
import { listensOn } from "./sockets.ts";

export const KLAXON = `${root}/dist/klaxon`;
/** Whom super-servers run it as; an unprivileged sandbox knows root alone. */
export const USER = privileged ? "nobody" : "root";
export const BOTH = ["127.0.0.1", "::1"] as const;

/** A line of inetd.conf. */
export function inetdLine(
	port: string | number,
	args = "",
	{ wait = "nowait", proto = "tcp", user = USER, program = KLAXON } = {},
): string {
	const type = proto.startsWith("udp") ? "dgram" : "stream";
	return `${port} ${type} ${proto} ${wait} ${user} ${program} klaxon ${args}\n`;
}

/** Where xinetd tells how each server ended. */
export const XINETD_LOG = "/run/xinetd-services";

/** A section of xinetd.conf. */
export function xinetdService(
	name: string,
	port: number,
	args: string,
	{
		wait = false,
		proto = "tcp",
		flags = "IPv4",
		program = KLAXON,
		more = "",
	} = {},
): string {
	return `service ${name}
{
	type = UNLISTED
	port = ${port}
	protocol = ${proto}
	socket_type = ${proto === "udp" ? "dgram" : "stream"}
	flags = ${flags} NOLIBWRAP
	wait = ${wait ? "yes" : "no"}
	user = ${USER}
	server = ${program}
	server_args = ${args}
	cps = 10000 1
	log_type = FILE ${XINETD_LOG}
	log_on_success = PID EXIT
	${more}
}
`;
}

/** What an alert line must tell of an encounter. */
export interface Facts {
	from: Partial<End>;
	to?: Partial<End>;
	service: string;
	proto?: "tcp" | "udp";
	zone?: string | undefined;
	/** The attributes behind the addresses. */
	more?: string;
}

/** The line, byte for byte. */
export function alertLine(facts: Facts): string {
	const { from, to, service, proto, zone, more } = facts;
	return [
		`ALERT: host ${from.address} accessing port ${service}`,
		`kind=connection proto=${proto ?? "tcp"} sport=${from.port}`,
		...(zone === undefined ? [] : [`if=${zone}`]),
		...(to?.address === undefined ? [] : [`dst=${to.address}`]),
		`dport=${to?.port}${more ? ` ${more}` : ""}`,
	].join(" ");
}

export interface Touch {
	from: End;
	to: End;
	/** What the trap said. */
	said: string;
}

/** Connects, and reads until the trap hangs up. */
export async function touch(
	address: string,
	port: number,
	options: Parameters<typeof readAll>[2] = {},
): Promise<Touch> {
	let from: End = { address: "", port: 0 };
	const onConnect = (end: End) => {
		from = end;
	};
	const said = await readAll(address, port, {
		timeout: 10_000,
		...options,
		onConnect,
	});
	return { from, to: { address, port }, said: said.toString("latin1") };
}

/** The encounters that a line stands for: a fold says how many, any other alert is one. */
export function encountersIn(message: string): number {
	if (!message.startsWith("ALERT: ")) return 0;
	return Number(/ (\d+) more times in \d+s /.exec(message)?.[1] ?? 1);
}

export const sum = (messages: readonly string[]): number =>
	messages.reduce((total, message) => total + encountersIn(message), 0);

export interface Log extends Rsyslog {
	/**
	 * What klaxon has logged since the last call. Whoever sent a line has ended when this is called,
	 * so a mark sent behind it proves that all have come, and that no other will.
	 */
	drain(): Promise<SyslogLine[]>;
	/** The messages of `drain`. */
	messages(): Promise<string[]>;
}

/** A real rsyslogd on /dev/log. */
export async function startLog(
	options: Parameters<typeof startRsyslog>[0] = {},
): Promise<Log> {
	const syslog = await startRsyslog(options);
	let seen = 0;
	let marks = 0;
	const drain = async () => {
		const mark = `mark ${++marks}`;
		await run("/usr/bin/logger", ["-t", "mark", mark]);
		const isMark = ({ message }: SyslogLine) => message === mark;
		await syslog.waitForLines(isMark);
		const all = syslog.lines();
		const end = all.findIndex(isMark);
		const fresh = all.slice(seen, end);
		seen = end + 1;
		return fresh.filter(({ tag }) => tag.startsWith("klaxon"));
	};
	return {
		...syslog,
		drain,
		messages: async () => (await drain()).map(({ message }) => message),
	};
}

/** Stands between a super-server that keeps exit codes to itself and klaxon. */
export function exitRecorder(): { path: string; codes(): string[] } {
	const folder = mkdtempSync("/run/recorder-");
	const path = `${folder}/klaxon`;
	const codes = `${folder}/codes`;
	writeFileSync(path, `#!/bin/sh\n${KLAXON} "$@"\necho $? >>${codes}\n`);
	writeFileSync(codes, "");
	chmodSync(folder, 0o755);
	chmodSync(path, 0o755);
	chmodSync(codes, 0o666);
	const read = () => readFileSync(codes, "utf8").split("\n").slice(0, -1);
	return { path, codes: read };
}

/** The klaxons that a super-server runs now, or has become, behind what may stand between; not what they start. */
export function klaxonsOf(server: { pid: number }): number[] {
	if (isKlaxon(server.pid)) return [server.pid];
	return childrenOf(server.pid).flatMap((child) =>
		isKlaxon(child) ? [child] : childrenOf(child).filter(isKlaxon),
	);
}

/** Node has taken the launcher's place: the second argument is no option of sh. */
function isKlaxon(pid: number): boolean {
	try {
		const argv = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
		return /node$/.test(argv[0] ?? "") && argv.includes(KLAXON);
	} catch {
		return false; // gone
	}
}

/** klaxon --listen, ready when it listens on `ports`; its lines go to `output` unless `args` say otherwise. */
export function startTraps(
	args: readonly string[],
	ports: readonly number[],
	{
		program = KLAXON,
		...options
	}: Parameters<typeof start>[3] & {
		program?: string;
	} = {},
): Promise<Program> {
	return start(program, args, listensOn(ports), options);
}

/** An address and port as the command line has them. */
export const at = (address: string, port: number | string): string =>
	isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`;
