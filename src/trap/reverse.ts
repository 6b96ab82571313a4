import { Resolver } from "node:dns/promises";
import { readFileSync } from "node:fs";
import { printable } from "../alert/printable.ts";

/** ms for the PTR question and its confirmation together; no alert waits longer for a name. */
const DEADLINE_MS = 1000;
/** RFC 1035 section 2.3.4: a name has at most 255 octets. */
const MAX_NAME = 255;
/** PTR names that are confirmed; an owner of a reverse zone can give thousands. */
const MAX_NAMES = 3;
const MAX_HOSTS_FILE = 1 << 20;

/** What a reverse lookup needs of DNS; replies come from strangers. */
export interface Dns {
	reverse(ip: string): Promise<string[]>;
	resolve4(name: string): Promise<string[]>;
	resolve6(name: string): Promise<string[]>;
	cancel(): void;
}

/** hosts(5): the name that this machine's own file gives an address. */
export function hostsName(file: string, ip: string): string | undefined {
	for (const line of file.slice(0, MAX_HOSTS_FILE).split("\n")) {
		const [address, name] = line.split("#", 1)[0]?.trim().split(/\s+/) ?? [];
		if (address === ip && name) return name;
	}
	return undefined;
}

function hostsFile(): string {
	try {
		return readFileSync("/etc/hosts", "latin1");
	} catch {
		return "";
	}
}

/** RFC 1123 section 2.1 and the underscore seen in the wild; anything else is no host name. */
const isHostName = (name: string): boolean =>
	name.length <= MAX_NAME && /^[\w-]+(\.[\w-]+)*\.?$/.test(name);

async function confirmed(ip: string, dns: Dns): Promise<string | undefined> {
	const names = await dns.reverse(ip);
	for (const name of names.filter(isHostName).slice(0, MAX_NAMES)) {
		const found = ip.includes(":") ? dns.resolve6(name) : dns.resolve4(name);
		const addresses = await found.catch(() => [] as string[]);
		if (addresses.includes(ip)) return name.replace(/\.$/, "");
	}
	return undefined;
}

/**
 * The name of an address, only when the name's own addresses include it (forward-confirmed, as the
 * original did; TCP wrappers' PARANOID). Looks into /etc/hosts first. Resolves to undefined where
 * there is none, after at most `deadlineMs`; never rejects.
 */
export async function reverseName(
	ip: string,
	dns: Dns = new Resolver({ timeout: DEADLINE_MS, tries: 1 }),
	deadlineMs = DEADLINE_MS,
): Promise<string | undefined> {
	const hosts = hostsFile();
	const own = hostsName(hosts, ip);
	if (own !== undefined) return printable(own, MAX_NAME);
	let timer: NodeJS.Timeout | undefined;
	const deadline = new Promise<undefined>((resolve) => {
		timer = setTimeout(() => resolve(undefined), deadlineMs);
	});
	try {
		const name = confirmed(ip, dns).catch(() => undefined);
		return await Promise.race([name, deadline]);
	} finally {
		clearTimeout(timer);
		dns.cancel();
	}
}
