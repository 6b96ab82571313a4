import type { Sight } from "./attempt.ts";
import type { Known, KnownServer, ServerKind } from "./known.ts";
import { PLACE_SERVERS } from "./params.ts";
import type { Names } from "./report.ts";
import type { Standing } from "./standing.ts";

/** Where something was heard, as what is known is kept. */
export interface Place {
	interface: string;
	vlan: number;
}

export const placeOf = (sight: Sight, names: Names): Place => ({
	interface: names.interface(sight.interface) ?? "",
	vlan: sight.vlan,
});

/** Those of a kind that are known at a place. */
export const knownAt = (
	known: Known,
	kind: ServerKind,
	place: Place,
): readonly KnownServer[] => known.at(kind, place.interface, place.vlan);

/**
 * Remembers a rightful server, or of one that is known what it hasn't told its clients before; what it tells
 * otherwise than before stays as it was. False when there is no room.
 */
export function remember(
	known: Known,
	standing: Standing,
	server: KnownServer,
): boolean {
	const record = standing.is === "rightful" ? standing.record : undefined;
	if (!record)
		return (
			knownAt(known, server.kind, server).length < PLACE_SERVERS &&
			known.learn(server)
		);
	if (Object.keys(server.facts).some((key) => record.facts[key] === undefined))
		known.update(record, { ...server.facts, ...record.facts });
	return true;
}
