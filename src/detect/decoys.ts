import { formatAddress } from "../wire/address.ts";
import type { Attempt } from "./attempt.ts";
import { mix } from "./hash.ts";
import { DECOY_WINDOW, DECOYS, NAMED_HOSTS } from "./params.ts";
import { createRecent } from "./recent.ts";
import type { Suspect } from "./suspects.ts";

/** Packets remembered, as a power of two: those of the last moments. */
const BITS = 12;

/**
 * nmap -D sends each probe once for every decoy, with the same source port, sequence number and IP id
 * (FACTS 1). Two sources that send one and the same packet are one.
 */
export interface Decoys {
	/** The group an attempt belongs to, if any. `found` gives the suspect of the group that `first` begins. */
	groupOf(a: Attempt, found: (first: number) => Suspect): Suspect | undefined;
	/** The group a source is known to belong to. */
	known(source: number): Suspect | undefined;
}

export function createDecoys(): Decoys {
	const packets = createRecent(BITS);
	const sources = new Int32Array(1 << BITS);
	const addresses = new Int32Array(4 << BITS);
	const members = new Map<number, Suspect>();

	function join(group: Suspect, source: number, ip: string): void {
		const list = group.sources ?? { ips: [], count: 0 };
		group.sources = list;
		list.count++;
		if (list.ips.length < NAMED_HOSTS) list.ips.push(ip);
		if (members.size >= DECOYS) prune();
		if (members.size < DECOYS) members.set(source, group);
	}

	function prune(): void {
		for (const [source, group] of members)
			if (group.gone) members.delete(source);
	}

	function remember(place: number, a: Attempt): void {
		const { s0, s1, s2, s3 } = a.packet;
		sources[place] = a.source;
		addresses.set([s0, s1, s2, s3], place * 4);
	}

	function known(source: number): Suspect | undefined {
		const group = members.size > 0 ? members.get(source) : undefined;
		return group?.gone ? undefined : group;
	}

	return {
		known,
		groupOf(a, found) {
			const p = a.packet;
			const already = known(a.source);
			if (already) return already;
			// Without a sequence number the IP id must do; 0 says nothing.
			const mark = p.protocol === 6 ? p.seq : p.id;
			if (mark === 0) return undefined;
			const ports = (p.sport << 16) | a.port;
			const key = mix(mix(mix(a.target, ports), mark), a.cls) || 1;
			const place = packets.find(key, a.tenths, DECOY_WINDOW / 100);
			if (place < 0) {
				remember(packets.put(key, a.tenths), a);
				return undefined;
			}
			const first = sources[place] as number;
			if (first === a.source) return undefined;
			let group = known(first);
			if (!group) {
				group = found(first);
				const [w0 = 0, w1 = 0, w2 = 0, w3 = 0] = addresses.subarray(
					place * 4,
					place * 4 + 4,
				);
				join(group, first, formatAddress(w0, w1, w2, w3));
			}
			join(group, a.source, formatAddress(p.s0, p.s1, p.s2, p.s3));
			return group;
		},
	};
}
