import { formatAddress } from "../wire/address.ts";
import { IPPROTO_TCP } from "../wire/transport.ts";
import type { Attempt } from "./attempt.ts";
import { mix } from "./hash.ts";
import { DECOY_WINDOW, DECOYS, NAMED_HOSTS } from "./params.ts";
import type { Suspect } from "./suspects.ts";

/** Packets remembered, as a power of two: those of the last moments. */
const BITS = 9;
/** Words of one, half a cache line: what it was, when, and who sent it first. */
const WORDS = 8;
const KEY = 0;
const TIME = 1;
const SOURCE = 2;
const ADDRESS = 4;

/**
 * nmap -D sends each probe once for every decoy, with the same source port, sequence number and IP id
 * (FACTS 1). Two sources that send one and the same packet from one MAC address are one.
 */
export interface Decoys {
	/** The group an attempt belongs to, if any. */
	groupOf(a: Attempt): Suspect | undefined;
	/** The group an attempt's source is known to belong to. */
	known(a: Attempt): Suspect | undefined;
}

/** `found` gives the suspect of the group that the source `first` begins, whose packet was the same as `a`. */
export function createDecoys(
	found: (first: number, a: Attempt) => Suspect,
): Decoys {
	const packets = new Int32Array(WORDS << BITS);
	/** By source and MAC address: who is used as a decoy may have doings of its own. */
	const members = new Map<number, Suspect>();

	function join(group: Suspect, member: number, ip: string): void {
		const list = group.sources ?? { ips: [], count: 0 };
		group.sources = list;
		list.count++;
		if (list.ips.length < NAMED_HOSTS) list.ips.push(ip);
		if (members.size >= DECOYS) prune();
		if (members.size < DECOYS) members.set(member, group);
	}

	function prune(): void {
		for (const [member, group] of members)
			if (group.gone) members.delete(member);
	}

	function remember(at: number, key: number, a: Attempt): void {
		const p = a.packet;
		packets[at + KEY] = key;
		packets[at + TIME] = a.tenths;
		packets[at + SOURCE] = a.source;
		packets[at + ADDRESS] = p.s0;
		packets[at + ADDRESS + 1] = p.s1;
		packets[at + ADDRESS + 2] = p.s2;
		packets[at + ADDRESS + 3] = p.s3;
	}

	function groupOf(member: number): Suspect | undefined {
		const group = members.get(member);
		return group?.gone ? undefined : group;
	}

	const known = (a: Attempt) =>
		members.size > 0 ? groupOf(mix(a.source, a.packet.macLow)) : undefined;

	/** The packet is known from another source. */
	function meet(at: number, a: Attempt): Suspect {
		const p = a.packet;
		const first = packets[at + SOURCE] as number;
		const begun = mix(first, p.macLow);
		let group = groupOf(begun);
		if (!group) {
			group = found(first, a);
			const words = packets.subarray(at + ADDRESS, at + ADDRESS + 4);
			const [w0 = 0, w1 = 0, w2 = 0, w3 = 0] = words;
			join(group, begun, formatAddress(w0, w1, w2, w3));
		}
		const own = mix(a.source, p.macLow);
		join(group, own, formatAddress(p.s0, p.s1, p.s2, p.s3));
		return group;
	}

	return {
		known,
		groupOf(a) {
			const p = a.packet;
			const already = known(a);
			if (already) return already;
			// nmap -sA has its random number in the ACK; without TCP the IP id must do; 0 says nothing.
			const mark = p.protocol === IPPROTO_TCP ? p.seq ^ p.ack : p.id;
			if (mark === 0) return undefined;
			// and one machine's: two that run hping3 in the same second send the same
			const ports = (p.sport << 16) | a.port;
			const key = (mix(a.target ^ mark, ports) ^ p.macLow) | 0 || 1;
			const at = (key >>> (32 - BITS)) * WORDS;
			const isKnown =
				packets[at + KEY] === key &&
				a.tenths - (packets[at + TIME] as number) <= DECOY_WINDOW / 100;
			if (!isKnown) remember(at, key, a);
			return isKnown && packets[at + SOURCE] !== a.source
				? meet(at, a)
				: undefined;
		},
	};
}
