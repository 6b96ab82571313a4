import { type Cidr, mask } from "../config/cidr.ts";
import { isMapped } from "../wire/address.ts";

/** Words of a network of IPv4 (address, mask) and of IPv6 (four of each). */
const WORDS4 = 2;
const WORDS6 = 8;

/** Whether an address lies in one of the networks; for lists of a few, as an administrator writes them. */
export function createNetworks(networks: readonly Cidr[]) {
	const four: number[] = [];
	const six: number[] = [];
	for (const { version, words, bits } of networks)
		if (version === 4) four.push(words[3], mask(bits, 3));
		else six.push(...words, ...[0, 1, 2, 3].map((i) => mask(bits, i)));
	const list4 = Int32Array.from(four);
	const list6 = Int32Array.from(six);

	const inFour = (word: number): boolean => {
		for (let i = 0; i < list4.length; i += WORDS4)
			if (((word ^ (list4[i] as number)) & (list4[i + 1] as number)) === 0)
				return true;
		return false;
	};
	const inSix = (w: readonly number[]): boolean => {
		for (let i = 0; i < list6.length; i += WORDS6)
			if (
				w.every(
					(word, n) =>
						((word ^ (list6[i + n] as number)) &
							(list6[i + 4 + n] as number)) ===
						0,
				)
			)
				return true;
		return false;
	};

	return (w0: number, w1: number, w2: number, w3: number): boolean =>
		isMapped(w0, w1, w2)
			? inFour(w3)
			: list6.length > 0 && inSix([w0, w1, w2, w3]);
}
