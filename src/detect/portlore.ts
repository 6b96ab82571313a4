import type { PortSet } from "../config/portset.ts";
import { hasPort } from "../config/portset.ts";
import { Class } from "./class.ts";
import { mix } from "./hash.ts";
import type { PortLore } from "./judge.ts";
import { SERVED_WINDOW } from "./params.ts";
import { createRecent } from "./recent.ts";

/** Ports that are known to be served, as a power of two. */
const BITS = 12;

/** Which ports are watched, by configuration, and which are served, by what was seen. */
export function createPortLore(tcp: PortSet, udp: PortSet): PortLore {
	const served = createRecent(BITS);
	const key = (cls: Class, host: number, port: number) =>
		mix(host, (cls << 16) | port) || 1;
	return {
		isWatched: (cls, port) =>
			(cls === Class.Tcp && hasPort(tcp, port)) ||
			(cls === Class.Udp && hasPort(udp, port)),
		isServed: (cls, host, port, tenths) =>
			served.find(key(cls, host, port), tenths, SERVED_WINDOW / 100) >= 0,
		serve(cls, host, port, tenths) {
			served.put(key(cls, host, port), tenths);
		},
	};
}
