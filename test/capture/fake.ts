/** A libpcap that captures nothing, whose interfaces come and go as a test wants. */
import { openSync } from "node:fs";
import type { SensorAlert } from "../../src/alert/alert.ts";
import type {
	Counters,
	Handle,
	Interface,
	Libpcap,
	OpenError,
} from "../../src/capture/handle.ts";

export interface FakeHandle extends Handle {
	/** What the next `read`s answer; nothing waits when it is empty. */
	reads: (number | string)[];
	filter: string;
	isClosed: boolean;
	counts: Counters;
}

export interface Fake {
	lib: Libpcap;
	/** Sets the interfaces there are: "eth0", "!eth0" for one that is down. */
	plug(...names: string[]): void;
	/** Why interfaces can't be opened, by name. */
	errors: Map<string, OpenError>;
	/** The handle that was opened last, by name. */
	handles: Map<string, FakeHandle>;
	opened: string[];
	/** Ends the poll that is under way: what is ready, by its place behind the bell. */
	wake(...ready: number[]): void;
	/** Number of descriptors polled last. */
	polled(): number;
}

const device = (name: string): Interface => ({
	name: name.replace("!", ""),
	mac: undefined,
	isLoopback: name.endsWith("lo"),
	isUp: !name.startsWith("!"),
});

export function createFake(bell: string): Fake {
	let devices: Interface[] = [];
	let end: ((ready: number[]) => void) | undefined;
	let polled = 0;
	const fake: Fake = {
		errors: new Map(),
		handles: new Map(),
		opened: [],
		plug(...names) {
			devices = names.map(device);
		},
		wake: (...ready) => end?.(ready),
		polled: () => polled,
		lib: {
			version: "none",
			interfaces: () => devices,
			open(name) {
				const error = fake.errors.get(name);
				if (error) return error;
				const handle = createHandle(name);
				fake.handles.set(name, handle);
				fake.opened.push(name);
				return handle;
			},
			poll(fds) {
				polled = fds.length;
				return new Promise((resolve) => {
					end = resolve;
				});
			},
			send: () => undefined,
			eventfd: () => openSync(bell, "w+"),
		},
	};
	return fake;
}

function createHandle(name: string): FakeHandle {
	const handle: FakeHandle = {
		name,
		linktype: 1,
		fd: 99,
		buffer: new Uint8Array(100),
		reads: [],
		filter: "",
		isClosed: false,
		counts: { received: 0, dropped: 0, interfaceDropped: 0 },
		read: () => handle.reads.shift() ?? 0,
		setFilter(expression) {
			handle.filter = expression;
			return expression === "bad" ? "syntax error" : undefined;
		},
		counters: () => handle.counts,
		close() {
			handle.isClosed = true;
		},
	};
	return handle;
}

/** `state interface: message`, which is what a test looks at. */
export const summary = ({ state, interface: name, message }: SensorAlert) =>
	`${state} ${name ?? "-"}: ${message}`;
