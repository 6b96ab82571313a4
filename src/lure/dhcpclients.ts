import {
	type DhcpEntry,
	DhcpOption,
	type DhcpType,
	ipv4Bytes,
} from "../wire/dhcp.ts";
import { macBytes } from "../wire/frame.ts";

/** How a DHCP client asks: what tells clients apart, as their packets have it. */
export interface DhcpClient {
	ttl: number;
	/** Codes of its options behind option 53, in its order. */
	order: readonly number[];
	/** Option 55. */
	parameters: readonly number[];
	/** Option 60. */
	vendor?: string;
	/** Option 57. */
	maxSize?: number;
	/** How its host is called: a beginning, and how many invented characters follow. */
	host: readonly [prefix: string, letters: number, alphabet: string];
}

const LOWER = "abcdefghijklmnopqrstuvwxyz";
const UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const { Requested, HostName, Parameters, MaxSize, Class, Client } = DhcpOption;

/** Windows 10: asks for all that an attacker would set, and takes option 252. */
export const WINDOWS: DhcpClient = {
	ttl: 128,
	order: [Client, Requested, HostName, Class, Parameters],
	parameters: [1, 3, 6, 15, 31, 33, 43, 44, 46, 47, 119, 121, 249, 252],
	vendor: "MSFT 5.0",
	host: ["DESKTOP-", 7, UPPER],
};

/** The requests of Windows, Debian's dhclient, NetworkManager, systemd-networkd, macOS and Android. */
export const CLIENTS: readonly DhcpClient[] = [
	WINDOWS,
	{
		ttl: 128,
		order: [Requested, HostName, Parameters],
		parameters: [1, 28, 2, 3, 15, 6, 119, 12, 44, 47, 26, 121, 42],
		host: ["", 8, LOWER],
	},
	{
		ttl: 64,
		order: [Client, Parameters, MaxSize, Requested, HostName],
		parameters: [
			1, 2, 6, 12, 15, 26, 28, 121, 3, 33, 40, 41, 42, 119, 249, 252, 17,
		],
		maxSize: 576,
		host: ["", 10, LOWER],
	},
	{
		ttl: 64,
		order: [Parameters, HostName, Requested],
		parameters: [1, 3, 12, 15, 6, 26, 33, 121, 119, 42, 120],
		host: ["", 7, LOWER],
	},
	{
		ttl: 255,
		order: [Parameters, MaxSize, Client, Requested, HostName],
		parameters: [1, 121, 3, 6, 15, 108, 114, 119, 252, 95, 44, 46],
		maxSize: 1500,
		host: ["MacBook-", 5, LOWER],
	},
	{
		ttl: 64,
		order: [Client, Requested, MaxSize, Class, HostName, Parameters],
		parameters: [1, 3, 6, 15, 26, 28, 51, 58, 59, 43],
		maxSize: 1500,
		vendor: "android-dhcp-13",
		host: ["android-", 8, LOWER],
	},
];

const ascii = (text: string): Uint8Array => Buffer.from(text, "latin1");

function hostName(
	{ host: [prefix, letters, alphabet] }: DhcpClient,
	random: (n: number) => number,
): string {
	let name = prefix;
	for (let i = 0; i < letters; i++) name += alphabet[random(alphabet.length)];
	return name;
}

/** What differs from one question of a client to another. */
export interface Asking {
	/** Option 53. */
	type: (typeof DhcpType)[keyof typeof DhcpType];
	chaddr: string;
	/** Option 50. */
	requested?: string | undefined;
}

function optionOf(
	code: number,
	client: DhcpClient,
	{ chaddr, requested }: Asking,
	random: (n: number) => number,
): Uint8Array | undefined {
	const { maxSize = 0, vendor = "" } = client;
	switch (code) {
		case Requested:
			return requested === undefined ? undefined : ipv4Bytes(requested);
		case Client: // RFC 2132 section 9.14: hardware type 1 and its address
			return Uint8Array.of(1, ...macBytes(chaddr));
		case HostName:
			return ascii(hostName(client, random));
		case Class:
			return ascii(vendor);
		case MaxSize:
			return Uint8Array.of(maxSize >>> 8, maxSize & 255);
		default:
			return Uint8Array.from(client.parameters);
	}
}

/** The options of a client's question, option 53 first. */
export function clientOptions(
	client: DhcpClient,
	asking: Asking,
	random: (n: number) => number,
): DhcpEntry[] {
	const options: DhcpEntry[] = [[DhcpOption.Type, Uint8Array.of(asking.type)]];
	for (const code of client.order) {
		const value = optionOf(code, client, asking, random);
		if (value) options.push([code, value]);
	}
	return options;
}
