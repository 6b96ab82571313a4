/** Members of a Set that a bitmap of 8 kB replaces. */
const SMALL = 64;

/** A set of ports that stays small however many there are: at most 8 kB. */
export interface Ports {
	/** False when it was there. */
	add(port: number): boolean;
	/** False when it wasn't there. */
	remove(port: number): boolean;
	has(port: number): boolean;
	size(): number;
	/** The first `max`, ascending. */
	list(max: number): number[];
}

function toBitmap(few: Iterable<number>): Uint8Array {
	const bits = new Uint8Array(8192);
	for (const port of few)
		bits[port >> 3] = (bits[port >> 3] ?? 0) | (1 << (port & 7));
	return bits;
}

function members(bits: Uint8Array, max: number): number[] {
	const found: number[] = [];
	for (let port = 0; port < 65_536 && found.length < max; port++)
		if (((bits[port >> 3] as number) >> (port & 7)) & 1) found.push(port);
	return found;
}

export function createPorts(): Ports {
	let few: Set<number> | undefined = new Set();
	let bits: Uint8Array | undefined;
	let size = 0;

	function flip(port: number, on: boolean): boolean {
		const b = bits as Uint8Array;
		const mask = 1 << (port & 7);
		const isOn = ((b[port >> 3] as number) & mask) !== 0;
		if (isOn === on) return false;
		b[port >> 3] = (b[port >> 3] as number) ^ mask;
		return true;
	}

	return {
		add(port) {
			const isNew = few ? !few.has(port) && !!few.add(port) : flip(port, true);
			if (isNew) size++;
			if (few && size > SMALL) {
				bits = toBitmap(few);
				few = undefined;
			}
			return isNew;
		},
		remove(port) {
			const was = few ? few.delete(port) : flip(port, false);
			if (was) size--;
			return was;
		},
		has: (port) =>
			few
				? few.has(port)
				: (((bits as Uint8Array)[port >> 3] as number) >> (port & 7)) % 2 === 1,
		size: () => size,
		list: (max) =>
			few
				? [...few].sort((a, b) => a - b).slice(0, max)
				: members(bits as Uint8Array, max),
	};
}
