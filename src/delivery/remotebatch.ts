import type { Link } from "./links.ts";
import {
	addressesOf,
	framer,
	nameOf,
	opener,
	type Remote,
	type RemoteOptions,
} from "./remote.ts";
import type { Sender, Sink } from "./sink.ts";
import { within } from "./words.ts";

/** ms for a batch: resolving, connecting, writing, and the server's own farewell. */
const DEADLINE_MS = 30_000;
const LATE = "timed out";

/** Sends all, says goodbye, and waits until the server has done so too: it has then read everything. */
async function handOver(
	link: Link,
	frames: string[],
	ms: number,
): Promise<string | undefined> {
	const work = async () => {
		const why = await link.send(frames);
		if (why !== undefined) return why;
		if (link.isOver()) return "closed by the server before the end";
		await link.end();
		return link.failure();
	};
	return await within<string | undefined>(ms, work(), () => LATE).finally(() =>
		link.abort("done"),
	);
}

/**
 * A remote syslog server by TCP or TLS for lines that are kept until it has them: one connection for each batch. Syslog
 * has no acknowledgement, but a server that has read to the end closes in good order, where one that died,
 * hangs or had bytes left to read doesn't: only the first is delivery.
 */
export function remoteBatchSink(
	target: Remote,
	sender: Sender,
	opts: RemoteOptions = {},
): Sink {
	const open = opener(target);
	const frame = framer(target, sender, opts);

	async function attempt(frames: string[]): Promise<string | undefined> {
		const end = performance.now() + (opts.deadlineMs ?? DEADLINE_MS);
		const left = () => end - performance.now();
		const addresses = await within(
			left(),
			addressesOf(target.host),
			() => LATE,
		);
		if (typeof addresses === "string") return addresses;
		let why: string | undefined = LATE;
		for (const [i, address] of addresses.entries()) {
			if (left() <= 0) break;
			const link = await open(address);
			if (typeof link === "string") return link;
			why = await handOver(link, frames, left() / (addresses.length - i));
			if (why === undefined) break;
		}
		return why;
	}

	return {
		async deliver(entries) {
			const why = await attempt(entries.map(frame));
			return why && `${nameOf(target)}: ${why}`;
		},
		close: async () => undefined,
	};
}
