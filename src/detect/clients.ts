import type { Attempt } from "./attempt.ts";
import { mix } from "./hash.ts";
import { SWEEP_GAP, SWEEP_HOSTS } from "./params.ts";

/** Clients and services remembered; older ones give way. */
const MAX = 2_048;

/** The hosts a client was answered by at one port, in one breath. */
interface Client {
	last: number;
	hosts: Attempt[];
}

/**
 * Honest-looking clients: each service they reach answers, but nobody needs the same service of ten
 * hosts within seconds (FACTS 1: a sweep of an open port, which no other tool finds).
 */
export function createClients(): (a: Attempt) => readonly Attempt[] {
	const clients = new Map<number, Client>();

	/** Notes an answered connection; answers the hosts of a sweep once there are enough, then each further. */
	return (a) => {
		const key = mix(a.source, a.port);
		let client = clients.get(key);
		if (!client || a.now - client.last > SWEEP_GAP) {
			clients.delete(key);
			const [oldest] = clients.keys();
			if (clients.size >= MAX && oldest !== undefined) clients.delete(oldest);
			client = { last: a.now, hosts: [] };
			clients.set(key, client);
		}
		if (client.hosts.some(({ target }) => target === a.target)) return [];
		client.last = a.now;
		client.hosts.push({ ...a, packet: { ...a.packet } });
		if (client.hosts.length < SWEEP_HOSTS) return [];
		const isFirst = client.hosts.length === SWEEP_HOSTS;
		if (client.hosts.length > SWEEP_HOSTS * 2)
			client.hosts.splice(0, SWEEP_HOSTS);
		return isFirst ? client.hosts : client.hosts.slice(-1);
	};
}
