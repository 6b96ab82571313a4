import { lookup } from "node:dns/promises";
import { access } from "node:fs";
import { isIP } from "node:net";
import { hostname } from "node:os";
import type { Target } from "../config/target.ts";
import type { Link } from "./links.ts";
import { nextPoll, tcpLink, tlsLinks, udpLink } from "./links.ts";
import { message3164 } from "./rfc3164.ts";
import { framed, message } from "./rfc5424.ts";
import type { Entry, Sender, Sink } from "./sink.ts";
import { within, words } from "./words.ts";

/** ms for a batch: resolving, connecting and writing together. */
const DEADLINE_MS = 5000;
/** ms that close() waits for the server's FIN. */
const FAREWELL_MS = 2000;
const LATE = "timed out";

/** A target on another machine. */
export type Remote = Extract<Target, { host: string }>;

/** How messages are written; the rest a test sets: our HOSTNAME, and ms for a batch and for close(). */
export interface RemoteOptions {
	/** By default RFC 5424. */
	format?: "rfc5424" | "rfc3164" | undefined;
	hostname?: string;
	deadlineMs?: number;
	farewellMs?: number;
}

/** Every address of the host, in the system's order, or why there is none. */
export async function addressesOf(host: string): Promise<string[] | string> {
	if (isIP(host)) return [host];
	try {
		return (await lookup(host, { all: true })).map(({ address }) => address);
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		return code === "ENOTFOUND" ? "no such host" : words(error);
	}
}

/** Makes links to the target's addresses. */
export function opener(
	target: Remote,
): (address: string) => Promise<Link | string> {
	const { host, port } = target;
	if (target.via === "tls") return tlsLinks(host, port, target.tls);
	return target.via === "udp"
		? (address) => udpLink(address, port)
		: async (address) => tcpLink(address, port);
}

/** What reasons call the target. */
export const nameOf = ({ via, host, port }: Remote): string =>
	`${via}://${host.includes(":") ? `[${host}]` : host}:${port}`;

/** Entries as the target wants them. */
export function framer(
	{ via }: Remote,
	sender: Sender,
	opts: RemoteOptions,
): (entry: Entry) => string {
	const { hostname: name = hostname(), format } = opts;
	const write = format === "rfc3164" ? message3164 : message;
	return (entry) => framed(via, write(entry, sender, name));
}

/** How to reach the server, and the link to it with what it took. */
interface Route {
	readonly host: string;
	readonly open: (address: string) => Promise<Link | string>;
	readonly frame: (entry: Entry) => string;
	link?: Link;
	/** The batch that `link` took last. */
	last: Entry[];
	/** The last batch of a link that broke thereafter, and why it did. */
	owed: Entry[];
	failure?: string;
}

/** Forgets the link; when it broke, the batch it took last is owed again. */
function drop(route: Route): void {
	const failure = route.link?.failure();
	if (failure !== undefined && route.last.length > 0) {
		route.owed = route.last;
		route.failure = failure;
	}
	route.link?.abort("dropped");
	route.link = undefined;
	route.last = [];
}

/** Sends what is owed and `entries` through `link` within `ms`; answers why it could not. */
async function send(route: Route, link: Link, entries: Entry[], ms: number) {
	route.link = link;
	const frames = [...route.owed, ...entries].map(route.frame);
	const why = await within(ms, link.send(frames), () => {
		link.abort(LATE);
		return LATE;
	});
	if (why === undefined) [route.last, route.owed] = [entries, []];
	else drop(route);
	return why;
}

/** Sends by the link there is, else by a new one: each address in turn has its share of the time left. */
async function attempt(route: Route, entries: Entry[], ms: number) {
	const end = performance.now() + ms;
	const left = () => end - performance.now();
	await nextPoll(); // the server may have closed the link
	if (route.link?.isOver()) drop(route);
	let why: string | undefined = LATE;
	if (route.link) why = await send(route, route.link, entries, left());
	if (why === undefined) return undefined;
	const addresses = await within(left(), addressesOf(route.host), () => LATE);
	if (typeof addresses === "string") return addresses;
	for (const [i, address] of addresses.entries()) {
		if (left() <= 0) break;
		const link = await route.open(address);
		if (typeof link === "string") return link;
		why = await send(route, link, entries, left() / (addresses.length - i));
		if (why === undefined) break;
	}
	return why;
}

/** Closes the link; answers why the batch it took last, or one still owed, may be lost. */
async function farewell(route: Route, ms: number) {
	const { link } = route;
	if (link)
		await within(ms, link.end(), () => link.abort("no answer to our farewell"));
	drop(route);
	const isLost = route.owed.length > 0;
	route.owed = [];
	return isLost ? `${route.failure}, the last lines may be lost` : undefined;
}

/**
 * A remote syslog server by UDP, TCP or TLS. One connection serves all batches, given one
 * at a time; a lost one is made anew once a batch. Syslog has no acknowledgements: the last batch of
 * a connection that broke goes again with the next one, or close() tells of it. Older ones, and
 * whatever is sent while the server's machine is silently gone, can be lost unseen.
 */
export function remoteSink(
	target: Remote,
	sender: Sender,
	opts: RemoteOptions = {},
): Sink {
	const { host } = target;
	const where = nameOf(target);
	const route: Route = {
		host,
		open: opener(target),
		frame: framer(target, sender, opts),
		last: [],
		owed: [],
	};
	const told = (why: string | undefined) => why && `${where}: ${why}`;
	// The thread that will look the name up is made now: with a full process table Node would abort.
	if (!isIP(host)) access("/", () => {});
	return {
		deliver: async (entries) =>
			told(await attempt(route, entries, opts.deadlineMs ?? DEADLINE_MS)),
		close: async () =>
			told(await farewell(route, opts.farewellMs ?? FAREWELL_MS)),
	};
}
