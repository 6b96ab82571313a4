/** An address as a socket gives it. */
export interface SockAddress {
	ip: string;
	port: number;
	/** Interface of a link-local IPv6 address: its name, or its index as the kernel counts. */
	zone?: string;
}

/**
 * An address as we print it: an IPv4 one that came over IPv6 loses its `::ffff:`, and a zone stands
 * apart, so that a line has the bare address.
 */
export function bareAddress(
	ip: string,
	port: number,
	zone?: string,
): SockAddress {
	const [address = "", own = zone] = ip.split("%");
	const bare = address.replace(/^::ffff:(?=\d+\.)/i, "");
	return own === undefined ? { ip: bare, port } : { ip: bare, port, zone: own };
}

/** <sys/socket.h> on Linux */
const AF_INET = 2;
const AF_INET6 = 10;

/** The text of an IPv6 address, shortened as RFC 5952 section 4 says, which is how URLs print it. */
function formatIpv6(bytes: Buffer): string {
	const groups = bytes.toString("hex").match(/.{4}/g)?.join(":") ?? "";
	if (groups.startsWith("0000:0000:0000:0000:0000:ffff:"))
		return bytes.subarray(12).join(".");
	return new URL(`tcp://[${groups}]`).hostname.slice(1, -1);
}

/** Reads a struct sockaddr_in or sockaddr_in6 (ip(7), ipv6(7)); undefined for any other. */
export function parseSockaddr(raw: Buffer): SockAddress | undefined {
	const family =
		raw.length >= 16 ? new Uint16Array(raw.buffer, raw.byteOffset, 1)[0] : 0;
	if (family === AF_INET)
		return bareAddress(raw.subarray(4, 8).join("."), raw.readUInt16BE(2));
	if (family !== AF_INET6 || raw.length < 28) return undefined;
	const scope = new Uint32Array(raw.buffer, raw.byteOffset + 24, 1)[0] ?? 0;
	return bareAddress(
		formatIpv6(raw.subarray(8, 24)),
		raw.readUInt16BE(2),
		scope === 0 ? undefined : String(scope),
	);
}
