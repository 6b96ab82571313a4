/** What capture/libpcap.ts offers, without its native calls. */

export interface Interface {
	name: string;
	/** `02:00:00:00:00:01`; undefined where the link has no such address. */
	mac: string | undefined;
	isLoopback: boolean;
	isUp: boolean;
}

export interface Counters {
	/** Packets that passed the filter, and those lost for want of room in the ring. */
	received: number;
	dropped: number;
	/** Lost by the interface or its driver. */
	interfaceDropped: number;
}

/** An interface that is open. */
export interface Handle {
	name: string;
	linktype: number;
	/** Readable when packets wait: for poll(2). */
	fd: number;
	/** Where `read` leaves its records, from 0 on. */
	buffer: Uint8Array;
	/** Reads a batch without waiting: bytes of records in `buffer`, 0 for none, or why it can't go on. */
	read(): number | string;
	/** Kernel filter in pcap-filter(7) syntax; the reason where it is refused. */
	setFilter(expression: string): string | undefined;
	counters(): Counters;
	close(): void;
}

/** Why an interface can't be opened; `permission` and `down` are what can be mended without us. */
export interface OpenError {
	kind: "permission" | "down" | "missing" | "other";
	message: string;
}

export interface LiveOptions {
	promiscuous: boolean;
	/** Bytes of the kernel's ring. */
	ring: number;
	/** Leaves out what this host sends: on loopback it comes in as well. */
	isOnlyIncoming: boolean;
}

export interface Libpcap {
	version: string;
	interfaces(): Interface[] | string;
	open(name: string, options: LiveOptions): Handle | OpenError;
	/** Waits until one of the descriptors is readable or something wrong; resolves to their indexes. */
	poll(fds: number[]): Promise<number[]>;
	/** Sends an Ethernet frame as it is; needs no handle. The reason where that fails. */
	send(name: string, frame: Uint8Array): string | undefined;
	/** A descriptor that becomes readable when written to: what ends a `poll`. */
	eventfd(): number;
}
