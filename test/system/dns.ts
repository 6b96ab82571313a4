import { writeFileSync } from "node:fs";
import { type Peer, type Place, peer, start } from "./process.ts";
import { listensOn } from "./sockets.ts";

export interface DnsOptions {
	/** Name to addresses, and each address back to that name. */
	hosts?: Record<string, string | readonly string[]>;
	/** Address to a name that need not lead back. */
	pointers?: Record<string, string>;
	/** Where it listens: 127.0.0.1 unless it runs on a host. */
	address?: string;
	args?: readonly string[];
	at?: Place;
}

/** A real dnsmasq with these records and no others, which the whole sandbox then asks. */
export async function startDnsmasq(options: DnsOptions = {}): Promise<Peer> {
	const { hosts = {}, pointers = {}, address = "127.0.0.1" } = options;
	const records = [
		...Object.entries(hosts).map(
			([name, ips]) => `--host-record=${name},${[ips].flat().join(",")}`,
		),
		...Object.entries(pointers).map(
			([ip, name]) => `--ptr-record=${reverseName(ip)},${name}`,
		),
	];
	const dnsmasq = await start(
		peer("dnsmasq"),
		[
			...["--no-daemon", "--conf-file=/dev/null", "--no-resolv", "--no-hosts"],
			...[
				`--listen-address=${address}`,
				"--bind-interfaces",
				"--log-queries",
				"--log-facility=-",
			],
			...["--local=/#/", ...records, ...(options.args ?? [])],
		],
		listensOn([53]),
		{ at: options.at },
	);
	useResolver(address);
	return dnsmasq;
}

/** Sends the questions of everything in the sandbox to this server. */
export function useResolver(address: string): void {
	writeFileSync("/etc/resolv.conf", `nameserver ${address}\n`);
}

/** 192.0.2.7 -> 7.2.0.192.in-addr.arpa, 2001:db8::7 -> 7.0.0.(...).ip6.arpa. */
export function reverseName(address: string): string {
	if (!address.includes(":"))
		return `${address.split(".").reverse().join(".")}.in-addr.arpa`;
	const [head = "", tail] = address.split("::");
	const words = (part = "") => part.split(":").filter((word) => word !== "");
	const middle =
		tail === undefined ? 0 : 8 - words(head).length - words(tail).length;
	const all = [...words(head), ...Array(middle).fill("0"), ...words(tail)];
	const nibbles = all.map((word) => word.padStart(4, "0")).join("");
	return `${[...nibbles].reverse().join(".")}.ip6.arpa`;
}
