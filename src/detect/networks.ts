import { type Cidr, contains } from "../config/cidr.ts";

/** Whether an address lies in one of the networks; for lists of a few, as an administrator writes them. */
export function createNetworks(networks: readonly Cidr[]) {
	return (w0: number, w1: number, w2: number, w3: number): boolean => {
		for (const network of networks)
			if (contains(network, w0, w1, w2, w3)) return true;
		return false;
	};
}
