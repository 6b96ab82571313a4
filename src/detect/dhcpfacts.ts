import type { Details, Tool } from "../alert/alert.ts";
import { printable } from "../alert/printable.ts";
import {
	addressesOf,
	addressOf,
	type DhcpMessage,
	DhcpOption,
	NO_ADDRESS,
	numberOf,
} from "../wire/dhcp.ts";
import { detailsOf as withoutGaps } from "./accuse.ts";

/** Addresses of a list that are kept: clients use three, and a hostile list must not fill a line. */
const MAX_ADDRESSES = 8;
/** Characters of a name, and of a URL or file. */
const MAX_NAME = 64;
const MAX_PATH = 128;

/** What a fact is called that a server was asked for and doesn't tell. */
const NONE = "none";

/** What a server names that its clients trust: where a thief would change something. */
const FACTS = ["dns", "router", "wpad"] as const;
export type Facts = Record<(typeof FACTS)[number], string | undefined>;

function addresses(message: DhcpMessage, code: number): string | undefined {
	const size = message.options.get(code)?.length ?? 0;
	const more = Math.floor(size / 4) - MAX_ADDRESSES;
	const list = addressesOf(message, code, MAX_ADDRESSES);
	if (more > 0) list.push(`+${more}`);
	return list.join() || undefined;
}

function text(bytes: Uint8Array | undefined, max: number): string | undefined {
	if (!bytes) return undefined;
	// some servers end text with a zero (RFC 2132 section 2 tells clients to expect it)
	const last = bytes.findLastIndex((byte) => byte !== 0);
	return last < 0 ? undefined : printable(bytes.subarray(0, last + 1), max);
}

const option = (message: DhcpMessage, code: number, max: number) =>
	text(message.options.get(code), max);

export const factsOf = (message: DhcpMessage): Facts => ({
	dns: addresses(message, DhcpOption.Dns),
	router: addresses(message, DhcpOption.Router),
	wpad: option(message, DhcpOption.Wpad, MAX_PATH),
});

/** The order of a list means nothing: servers rotate it. */
const sorted = (list: string) => list.split(",").sort().join();

/** What a server told before and tells otherwise now: `dns 192.0.2.1; router 192.0.2.1`. */
export function changed(
	before: Readonly<Record<string, string>>,
	told: Facts,
): { was: string; now: string } | undefined {
	const which = FACTS.filter((name) => {
		const [old, value] = [before[name], told[name]];
		if (old === undefined || value === undefined) return false;
		return name === "wpad" ? old !== value : sorted(old) !== sorted(value);
	});
	if (which.length === 0) return undefined;
	const words = (facts: Readonly<Record<string, string | undefined>>) =>
		which.map((name) => `${name} ${facts[name]}`).join("; ");
	return { was: words(before), now: words(told) };
}

/**
 * What is new to know of a server; undefined where nothing is. `isAll` says that it was asked for
 * everything, so that what it doesn't tell it doesn't have.
 */
export function learned(
	before: Readonly<Record<string, string>>,
	told: Facts,
	isAll: boolean,
): Record<string, string> | undefined {
	const after = { ...before };
	for (const name of FACTS) {
		const value = told[name] ?? (isAll ? NONE : undefined);
		if (after[name] === undefined && value !== undefined) after[name] = value;
	}
	return Object.keys(after).length > Object.keys(before).length
		? after
		: undefined;
}

const unlessZero = (address: string) =>
	address === NO_ADDRESS ? undefined : address;

/** What a message says, printable, in the order an alert tells it. */
export function detailsOf(
	message: DhcpMessage,
	relay: string | undefined,
): Details {
	const { router, dns, wpad } = factsOf(message);
	return withoutGaps({
		server: addressOf(message, DhcpOption.Server),
		relay,
		address: unlessZero(message.yiaddr),
		lease: numberOf(message, DhcpOption.Lease),
		mask: addressOf(message, DhcpOption.Mask),
		router,
		dns,
		domain: option(message, DhcpOption.Domain, MAX_NAME),
		wpad,
		"next-server": unlessZero(message.siaddr),
		"boot-file":
			text(message.file, MAX_PATH) ??
			option(message, DhcpOption.BootFile, MAX_PATH),
	});
}

/** Responder 3.2.2.0: 10 to 19 s, no DNS server twice, domain `local` with a proxy of its own (FACTS 3). */
export function toolOf(message: DhcpMessage): Tool | undefined {
	const lease = numberOf(message, DhcpOption.Lease) ?? 0;
	if (lease < 10 || lease > 19) return undefined;
	const { dns, wpad } = factsOf(message);
	const isLocal =
		option(message, DhcpOption.Domain, MAX_NAME) === "local" &&
		wpad !== undefined;
	return dns === "0.0.0.0,0.0.0.0" || isLocal ? "responder" : undefined;
}
