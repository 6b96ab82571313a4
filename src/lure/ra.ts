import { parseAddress } from "../config/cidr.ts";
import type { RaConfig } from "../config/lures.ts";
import { icmp6Frame, macBytes, multicastMac } from "../wire/frame.ts";
import { encodeSolicitation } from "../wire/ra.ts";
import { type Ask, createCycle } from "./cycle.ts";
import type { Lure, LureInterface, LureWorld } from "./lure.ts";

/** All routers of the link (RFC 4291 section 2.7.1). */
const ROUTERS = parseAddress("ff02::2") ?? [0, 0, 0, 0];
/** RFC 4861 section 6.1.1: routers ignore any other. */
const HOP_LIMIT = 255;

/**
 * Asks for routers on every interface with a MAC and a link-local address, with or without the MAC address
 * in the question, as some systems do and some don't.
 */
export function createRaLure(config: RaConfig, world: LureWorld): Lure {
	const { random } = world;

	const asking =
		({ name, mac, ipv6 }: LureInterface): Ask =>
		() => {
			const from = parseAddress(ipv6[random(ipv6.length)] ?? "");
			if (!mac || !from) return;
			const fromMac = macBytes(mac);
			const ends = {
				fromMac,
				toMac: multicastMac(ROUTERS),
				from,
				to: ROUTERS,
				ttl: HOP_LIMIT,
				id: random(2 ** 20),
			};
			const message = encodeSolicitation(random(2) ? fromMac : undefined);
			world.send(name, icmp6Frame(ends, message));
		};

	return createCycle(config.every, world, () =>
		world
			.interfaces()
			.filter(({ mac, ipv6 }) => mac !== undefined && ipv6.length > 0)
			.map((one) => [asking(one)]),
	);
}
