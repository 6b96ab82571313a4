/** Where lines go: this machine's syslog, a terminal, or a remote syslog server. */
export type Target =
	| { via: "local" }
	| { via: "stdout" }
	| { via: "udp" | "tcp"; host: string; port: number }
	| { via: "tls"; host: string; port: number; tls: TlsFiles };

/** Paths of PEM files: who signs the server (default: the system's CAs), and what we show it. */
export interface TlsFiles {
	ca?: string;
	cert?: string;
	key?: string;
}

/** UDP 514 is RFC 5426 section 3.3, TLS 6514 RFC 5425 section 4.1; TCP 601 is RFC 3195's. */
const PORTS = { udp: 514, tcp: 601, tls: 6514 };

/** Reads `--syslog URL`; answers what is wrong with it as a sentence where it can't be used. */
export function parseTarget(text: string): Target | string {
	if (text === "local:" || text === "local") return { via: "local" };
	if (text === "stdout:" || text === "stdout") return { via: "stdout" };
	const [, via, v6, name, port, query] =
		/^(udp|tcp|tls):\/\/(?:\[([\da-fA-F:.]+)\]|([\w.-]+))(?::(\d+))?\/?(?:\?(.*))?$/.exec(
			text,
		) ?? [];
	const host = v6 ?? name;
	if (!via || !host)
		return `bad syslog URL '${text}': use local:, udp://HOST[:PORT], tcp://HOST[:PORT] or tls://HOST[:PORT][?ca=FILE&cert=FILE&key=FILE]`;
	const number = Number(port ?? PORTS[via as keyof typeof PORTS]);
	if (number < 1 || number > 65535) return `bad port '${port}' in '${text}'`;
	if (via !== "tls")
		return query === undefined
			? { via: via as "udp" | "tcp", host, port: number }
			: `'?${query}' in '${text}': only tls:// takes ca=, cert= and key=`;
	const tls = parseTls(query ?? "");
	return typeof tls === "string"
		? tls
		: { via: "tls", host, port: number, tls };
}

function parseTls(query: string): TlsFiles | string {
	const tls: TlsFiles = {};
	for (const part of query.split("&").filter(Boolean)) {
		const [, key, file] = /^(ca|cert|key)=(.+)$/.exec(part) ?? [];
		if (!key || !file)
			return `bad TLS setting '${part}': use ca=FILE, cert=FILE or key=FILE`;
		tls[key as keyof TlsFiles] = file;
	}
	return tls;
}
