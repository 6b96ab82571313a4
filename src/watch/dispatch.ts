import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { isDeepStrictEqual } from "node:util";
import { isOutboxed } from "../config/sinktypes.ts";
import type { SinkWorld } from "../delivery/configured.ts";
import {
	type Courier,
	createCourier,
	type Outboxed,
} from "../delivery/courier.ts";
import { eventId } from "../delivery/eventid.ts";
import { openKept } from "../delivery/kept.ts";
import { outboxed } from "../delivery/outboxed.ts";
import { openStore, type Store } from "../delivery/store.ts";
import { unfold } from "../delivery/unfold.ts";
import { type Exits, openExits, senderOf, wordOf } from "./deliver.ts";
import { createDesk, type Desk } from "./desk.ts";
import { createHistory, type History } from "./history.ts";
import type { WatchOptions } from "./merge.ts";

/** ms between two looks at what is too old to be kept, and between two pieces of it. */
const PRUNE = 60_000;
const PRUNE_MORE = 1000;

/** What is read anew on SIGHUP; all else needs a start. */
const READ_ANEW = ["sinks", "ignore", "limit", "route", "history"] as const;

export interface DispatchWorld extends Pick<SinkWorld, "broadcast"> {
	version: string;
	/** Says a sentence on standard error. */
	say(sentence: string): void;
}

/** All that lies between a detector and people. */
export interface Dispatch {
	desk: Desk;
	courier: Courier;
	history: History;
	store: Store;
	/** Tells a sentence about tocsin itself: on standard error, and where alerts go; those before `begin` then. */
	complain(sentence: string): void;
	/** Tells it at once, whatever else there may be to complain about. */
	tell(sentence: string): void;
	/** The watch has begun. */
	begin(): void;
	/** Takes over the rules and sinks of other options, or none of them: the sentence that says why. */
	replace(options: WatchOptions): Promise<string | undefined>;
	/** Lets what can leave; the exit code. */
	finish(): Promise<number>;
}

const outboxedOf = ({ ways }: Exits): Outboxed[] =>
	ways
		.filter(({ isOutboxed }) => isOutboxed)
		.map(({ config, sink }) => outboxed(config, sink));

/** The database, or where it can't be had one in memory: alerts are told either way. */
async function openHistory(
	options: WatchOptions,
	complain: (sentence: string) => void,
): Promise<Store | string> {
	const store = await openKept(options, complain);
	if (typeof store !== "string") return store;
	complain(`alerts are told, but not kept: ${store}`);
	return openStore(":memory:", { tell: complain });
}

/** Tells what klaxons folded while no tocsin ran. */
function takeFolds(store: Store, { plot, sendNow }: Desk): void {
	const now = Date.now();
	const items = store.expired(now, (folded) => plot(unfold(folded, now)));
	if (typeof items !== "string") items.forEach(sendNow);
}

/** Removes what is too old, now and then. */
function keepTidy(
	store: Store,
	desk: Desk,
	options: () => WatchOptions,
): () => void {
	let timer: NodeJS.Timeout;
	function tidy(): void {
		takeFolds(store, desk);
		const pruned = store.prune(options().history, Date.now());
		const isMore = typeof pruned !== "string" && pruned.more;
		timer = setTimeout(tidy, isMore ? PRUNE_MORE : PRUNE).unref();
	}
	timer = setTimeout(tidy, PRUNE_MORE).unref();
	return () => clearTimeout(timer);
}

/** Tells of what waited for sinks that the configuration names no more. */
function dropOrphans(
	store: Store,
	{ sinks }: WatchOptions,
	complain: (sentence: string) => void,
): void {
	const names = sinks.filter(isOutboxed).map(({ name }) => name);
	const dropped = store.buryOrphans(names, Date.now());
	if (typeof dropped === "string") {
		complain(dropped);
		return;
	}
	for (const { sink, count } of dropped)
		complain(
			`${count} alerts waited for sink '${sink}', which is configured no more: they are given up`,
		);
}

/** Opens all ways out; a sentence where one can't be had. */
export async function openDispatch(
	first: WatchOptions,
	{ version, say, broadcast }: DispatchWorld,
): Promise<Dispatch | string> {
	let options = first;
	/** Sentences that wait until it is known whether there will be a watch at all. */
	let held: string[] | undefined = [];
	let isOver = false;

	const complain = (sentence: string) =>
		held ? void held.push(sentence) : tell(sentence);

	function tell(sentence: string): void {
		say(sentence);
		if (options.json || options.syslog.via === "stdout") return;
		desk.say(wordOf(sentence));
	}

	async function exitsOf(options: WatchOptions): Promise<Exits | string> {
		const sender = senderOf(options);
		try {
			return await openExits(options, {
				sender,
				version,
				hostname: hostname(),
				complain,
				broadcast,
			});
		} catch (error) {
			return (error as Error).message; // TLS files, for example
		}
	}

	const exits = await exitsOf(first);
	if (typeof exits === "string") return exits;
	const store = await openHistory(first, complain);
	if (typeof store === "string") return store;
	const courier = createCourier(outboxedOf(exits), {
		store,
		owner: randomUUID(),
		tell: complain,
	});
	const history = createHistory({
		write: (items) => store.add(items, Date.now()),
		written: courier.poke,
		complain,
	});
	const desk = createDesk(
		{ ...exits, rules: first },
		{ now: Date.now, newId: () => eventId(Date.now()), history, courier },
	);
	dropOrphans(store, first, complain);
	const leaveUntidy = keepTidy(store, desk, () => options);

	return {
		desk,
		courier,
		history,
		store,
		complain,
		tell,
		begin() {
			const sentences = held ?? [];
			held = undefined;
			sentences.forEach(tell);
		},
		async replace(next: WatchOptions) {
			const exits = await exitsOf(next);
			if (typeof exits === "string") return exits;
			const before = options;
			options = next;
			const idle = courier.replace(outboxedOf(exits));
			await desk.replace({ ...exits, rules: next });
			idle.then(() => {
				if (isOver) return;
				history.flush(); // what was told before may name sinks that are gone
				dropOrphans(store, options, complain);
			});
			if (!isDeepStrictEqual(fixed(before), fixed(next)))
				complain(
					"what is watched and asked for, and where things are kept, takes effect at the next start",
				);
			return undefined;
		},
		async finish() {
			isOver = true;
			leaveUntidy();
			const code = await desk.finish();
			store.close();
			return code;
		},
	};
}

/** The options that a running watch keeps. */
function fixed(options: WatchOptions): Partial<WatchOptions> {
	const rest: Partial<WatchOptions> = { ...options };
	for (const key of READ_ANEW) delete rest[key];
	return rest;
}
