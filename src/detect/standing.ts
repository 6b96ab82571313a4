import type { KnownServer } from "./known.ts";

/** A server of the configuration's list: what it calls itself (a DUID, an address), its MAC address, or both. */
export interface Listed {
	id?: string | undefined;
	mac?: string | undefined;
}

/** What a sender is at a place. */
export type Standing =
	/** Listed, or learned; `record` is what is known of it, where it was heard before. */
	| { is: "rightful"; record: KnownServer | undefined }
	/** It calls itself as one that has another MAC address, `expected`. */
	| { is: "impersonation"; expected: string }
	/** Nobody is listed, nobody is known here, and it says who it is. */
	| { is: "first" }
	| { is: "unlisted" };

/** One that was heard before, and what it calls itself. */
export interface Acquaintance {
	id: string | undefined;
	record: KnownServer;
}

/** Who sent a message: undefined where it doesn't say, or the link has no addresses. */
export interface Sender {
	id: string | undefined;
	mac: string | undefined;
}

const UNLISTED: Standing = { is: "unlisted" };

/** Links without addresses can't be told apart: nothing is held against it. */
const hasMac = (
	mac: string | undefined,
	server: { mac?: string | undefined },
) => mac === undefined || server.mac === undefined || server.mac === mac;

const rightful = (record?: KnownServer): Standing => ({
	is: "rightful",
	record,
});

const impersonates = (expected = ""): Standing => ({
	is: "impersonation",
	expected,
});

/** Without a list: whoever is known here, else the first. */
function amongKnown(
	acquaintances: readonly Acquaintance[],
	{ id, mac }: Sender,
): Standing {
	const own = ({ record }: Acquaintance) => record.mac === mac;
	if (id === undefined)
		return mac !== undefined && acquaintances.some(own) ? rightful() : UNLISTED;
	const named = acquaintances.filter((other) => other.id === id);
	const match = named.find(({ record }) => hasMac(mac, record));
	if (match) return rightful(match.record);
	if (named.length > 0) return impersonates(named[0]?.record.mac);
	return acquaintances.length === 0 ? { is: "first" } : UNLISTED;
}

/** With a list: an entry without a MAC address has the one it was heard with first. */
function amongListed(
	entries: readonly Listed[],
	acquaintances: readonly Acquaintance[],
	{ id, mac }: Sender,
): Standing {
	const named = entries.filter((e) => e.id !== undefined && e.id === id);
	const same = acquaintances.filter((a) => id !== undefined && a.id === id);
	const record = same.find((a) => hasMac(mac, a.record))?.record;
	const isMac = (entry: Listed) => mac !== undefined && entry.mac === mac;
	if (entries.some((e) => isMac(e) && (!e.id || !id || e.id === id)))
		return rightful(record);
	const learned = named.some((e) => e.mac === undefined);
	if (named.length > 0) {
		if (mac === undefined) return rightful(record);
		if (learned && (record || same.length === 0)) return rightful(record);
		return impersonates(
			learned ? same[0]?.record.mac : named.find((e) => e.mac)?.mac,
		);
	}
	// It doesn't say who it is, but has the MAC address of a listed one.
	const isHeard = (a: Acquaintance) =>
		a.record.mac === mac && entries.some((e) => e.id === a.id);
	return !id && mac && acquaintances.some(isHeard) ? rightful() : UNLISTED;
}

/**
 * What a sender is. `entries` is the configuration's list, undefined without one; `acquaintances` are those
 * known at the interface and VLAN where it was heard, rightful ones that were learned.
 */
export const standingOf = (
	entries: readonly Listed[] | undefined,
	acquaintances: readonly Acquaintance[],
	sender: Sender,
): Standing =>
	entries
		? amongListed(entries, acquaintances, sender)
		: amongKnown(acquaintances, sender);
