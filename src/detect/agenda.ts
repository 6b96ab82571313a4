/** Things to do later, earliest first; equal times in the order they were entered. */
export interface Agenda {
	/** `run` gets the time it was due at. */
	at(time: number, run: (due: number) => void): void;
	/** Runs what is due at `now` or before, each at its own time. */
	advance(now: number): void;
	/** When the next is due. */
	next(): number | undefined;
}

interface Item {
	time: number;
	order: number;
	run: (due: number) => void;
}

const earlier = (a: Item, b: Item) =>
	a.time < b.time || (a.time === b.time && a.order < b.order);

/** A binary heap (Williams 1964); whoever enters things bounds how many. */
export function createAgenda(): Agenda {
	const heap: Item[] = [];
	let order = 0;

	function swap(i: number, j: number): void {
		const item = heap[i] as Item;
		heap[i] = heap[j] as Item;
		heap[j] = item;
	}

	function take(): Item {
		const first = heap[0] as Item;
		const last = heap.pop() as Item;
		if (heap.length > 0) heap[0] = last;
		for (let i = 0; ; ) {
			let least = i;
			for (const child of [2 * i + 1, 2 * i + 2])
				if (
					child < heap.length &&
					earlier(heap[child] as Item, heap[least] as Item)
				)
					least = child;
			if (least === i) return first;
			swap(i, least);
			i = least;
		}
	}

	return {
		at(time, run) {
			let i = heap.push({ time, order: order++, run }) - 1;
			while (i > 0) {
				const parent = (i - 1) >> 1;
				if (!earlier(heap[i] as Item, heap[parent] as Item)) break;
				swap(i, parent);
				i = parent;
			}
		},
		advance(now) {
			while (heap.length > 0 && (heap[0] as Item).time <= now) {
				const item = take();
				item.run(item.time);
			}
		},
		next: () => heap[0]?.time,
	};
}
