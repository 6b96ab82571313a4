import { mix, spread } from "../detect/hash.ts";

/** Windows there is room for at first. */
const FIRST = 1024;
/** No place: lists end with it. */
const NONE = -1;

/**
 * Open windows by their keys, outside of V8's heap: some 60 bytes each, where objects in a map take 400. A place
 * is a window's number until it is closed. Of keys only 64 bits are kept, mixed with secret seeds.
 */
export interface Windows {
	/** The place of a key's window, or -1. */
	find(key: string): number;
	/** Opens a window of `ms` which ends at `ends`, ms since the epoch; the key must have none. Answers its place. */
	open(key: string, ms: number, ends: number): number;
	/** Lets a window go on, as the youngest. */
	renew(place: number, ends: number): void;
	close(place: number): void;
	ends(place: number): number;
	ms(place: number): number;
	/** A count of the caller's. */
	told(place: number): number;
	setTold(place: number, told: number): void;
	/** The window that was opened or renewed first, and the next after one; or -1. */
	oldest(): number;
	after(place: number): number;
	/** Of the windows of each length the one that ends first. */
	first(): number[];
	readonly size: number;
}

/** Places in an order. */
interface List {
	first: number;
	last: number;
}

/** The places before and behind each. */
interface Links {
	before: Int32Array;
	behind: Int32Array;
}

function append({ before, behind }: Links, list: List, place: number): void {
	before[place] = list.last;
	behind[place] = NONE;
	if (list.last === NONE) list.first = place;
	else behind[list.last] = place;
	list.last = place;
}

function remove({ before, behind }: Links, list: List, place: number): void {
	const [a, b] = [before[place] as number, behind[place] as number];
	if (a === NONE) list.first = b;
	else behind[a] = b;
	if (b === NONE) list.last = a;
	else before[b] = a;
}

/** Everything there is of each window. */
interface Columns {
	low: Int32Array;
	high: Int32Array;
	ends: Float64Array;
	ms: Float64Array;
	told: Int32Array;
	byAge: Links;
	byEnd: Links;
	/** Places plus 1 by `low`, open addressing with linear probing; 0 is empty. */
	index: Int32Array;
}

const linksFor = (size: number): Links => ({
	before: new Int32Array(size),
	behind: new Int32Array(size),
});

const columnsFor = (size: number): Columns => ({
	low: new Int32Array(size),
	high: new Int32Array(size),
	ends: new Float64Array(size),
	ms: new Float64Array(size),
	told: new Int32Array(size),
	byAge: linksFor(size),
	byEnd: linksFor(size),
	index: new Int32Array(2 * size),
});

/** The same in twice the room, but for the index. */
function doubled(old: Columns): Columns {
	const now = columnsFor(2 * old.low.length);
	for (const name of ["low", "high", "ends", "ms", "told"] as const)
		now[name].set(old[name]);
	for (const name of ["byAge", "byEnd"] as const) {
		now[name].before.set(old[name].before);
		now[name].behind.set(old[name].behind);
	}
	return now;
}

/** A text as a word. */
function wordOf(text: string, seed: number): number {
	let h = seed;
	for (let i = 0; i < text.length; i++) h = mix(h, text.charCodeAt(i));
	return spread(h);
}

/** `random`: from 0 to below 1. */
export function createWindows(random: () => number): Windows {
	const [lowSeed, highSeed] = [random(), random()].map(
		(part) => (part * 2 ** 32) | 0,
	) as [number, number];
	let columns = columnsFor(FIRST);
	const ages: List = { first: NONE, last: NONE };
	const queues = new Map<number, List>();
	let [size, used, free] = [0, 0, NONE];

	/** Where in the index a place stands, or where the free cell is that ends its search. */
	function cellOf(low: number, high: number): number {
		const { index, low: lows, high: highs } = columns;
		const mask = index.length - 1;
		for (let cell = low & mask; ; cell = (cell + 1) & mask) {
			const place = (index[cell] as number) - 1;
			if (place < 0) return cell;
			if (lows[place] === low && highs[place] === high) return cell;
		}
	}

	function enter(place: number): void {
		const { low, high, index } = columns;
		index[cellOf(low[place] as number, high[place] as number)] = place + 1;
	}

	/** Empties a cell, and moves what stands behind it nearer to where its search begins. */
	function leave(place: number): void {
		const { low, high, index } = columns;
		const mask = index.length - 1;
		let hole = cellOf(low[place] as number, high[place] as number);
		for (let cell = hole; ; ) {
			cell = (cell + 1) & mask;
			const other = (index[cell] as number) - 1;
			if (other < 0) break;
			const home = (low[other] as number) & mask;
			if (((cell - home) & mask) < ((cell - hole) & mask)) continue;
			index[hole] = other + 1;
			hole = cell;
		}
		index[hole] = 0;
	}

	function takePlace(): number {
		const { low, byAge } = columns;
		if (free !== NONE) {
			const place = free;
			free = byAge.behind[place] as number;
			return place;
		}
		if (used === low.length) {
			columns = doubled(columns);
			for (let place = 0; place < used; place++) enter(place);
		}
		return used++;
	}

	function queueOf(ms: number): List {
		const queue = queues.get(ms) ?? { first: NONE, last: NONE };
		queues.set(ms, queue);
		return queue;
	}

	function line(place: number, ends: number): void {
		columns.ends[place] = ends;
		append(columns.byAge, ages, place);
		append(columns.byEnd, queueOf(columns.ms[place] as number), place);
	}

	function unline(place: number): void {
		const ms = columns.ms[place] as number;
		const queue = queueOf(ms);
		remove(columns.byAge, ages, place);
		remove(columns.byEnd, queue, place);
		if (queue.first === NONE) queues.delete(ms);
	}

	return {
		find(key) {
			const cell = cellOf(wordOf(key, lowSeed), wordOf(key, highSeed));
			return (columns.index[cell] as number) - 1;
		},
		open(key, ms, ends) {
			const place = takePlace();
			columns.low[place] = wordOf(key, lowSeed);
			columns.high[place] = wordOf(key, highSeed);
			columns.ms[place] = ms;
			columns.told[place] = 0;
			enter(place);
			line(place, ends);
			size++;
			return place;
		},
		renew(place, ends) {
			unline(place);
			line(place, ends);
		},
		close(place) {
			unline(place);
			leave(place);
			columns.byAge.behind[place] = free;
			free = place;
			size--;
		},
		ends: (place) => columns.ends[place] as number,
		ms: (place) => columns.ms[place] as number,
		told: (place) => columns.told[place] as number,
		setTold(place, told) {
			columns.told[place] = told;
		},
		oldest: () => ages.first,
		after: (place) => columns.byAge.behind[place] as number,
		first: () => [...queues.values()].map(({ first }) => first),
		get size() {
			return size;
		},
	};
}
