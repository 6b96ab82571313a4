import { hostname } from "node:os";
import { levelOf } from "../alert/level.ts";
import { alertLine } from "../alert/render.ts";
import { type Config, loadConfig } from "../config/config.ts";
import { isOutboxed, type SinkConfig } from "../config/sinktypes.ts";
import { openSink } from "./configured.ts";
import { type Courier, createCourier, type Outboxed } from "./courier.ts";
import { eventId } from "./eventid.ts";
import { openKept } from "./kept.ts";
import { outboxed } from "./outboxed.ts";
import { createRules, type Rules } from "./rules.ts";
import type { Entry, Sender, Sink } from "./sink.ts";
import type { Folded, Item, Retention, Store } from "./store.ts";
import { keyOf, WINDOW } from "./throttle.ts";
import { createTidyClock } from "./tidyclock.ts";
import { unfold } from "./unfold.ts";
import { wants } from "./wants.ts";
import { within } from "./words.ts";

/** ms that slow sinks get when klaxon ends; what is left waits for the next klaxon, or for tocsin. The same for an alert that can't wait. */
const LAST_TRY = 10_000;

/** What klaxon's delivery needs of the world. */
export interface OwnWorld {
	sender: Sender;
	version: string;
	/** More than one alert may come, and privileges may go: what may be needed is opened and loaded now. */
	stays: boolean;
	/** Tells of what is wrong though alerts are taken. */
	complain(sentence: string): void;
}

/** klaxon's own delivery as far as it could be opened, and what is wrong with the rest. */
export interface Own {
	sink?: Sink;
	errors: string[];
}

/** A configured way out. */
interface Way {
	config: SinkConfig;
	sink: Sink;
	/** What goes there waits on disk, where there is one. */
	isSlow: boolean;
}

/** Who takes an alert, and what is kept of it. */
interface Plan {
	ways: readonly Way[];
	rules: Rules;
	/** Shared with other klaxons and tocsin; a sentence where there is none. */
	store: Store | string;
	/** What is kept in it, and how long. */
	history: Retention;
	itemOf(entry: Entry): Item;
	takes(way: Way, entry: Entry): boolean;
}

/** An alert that the database counted as an entry. */
function foldEntry(folded: Folded, now: number): Entry {
	const alert = unfold(folded, now);
	const line = alertLine(alert);
	return { time: now, level: levelOf(alert), line, alert, id: eventId(now) };
}

/** Opens the sinks; one that can't be opened is an error, and the others are used. */
async function openWays(
	{ sinks }: Config,
	{ sender, version, stays, complain }: OwnWorld,
): Promise<{ ways: Way[]; errors: string[] }> {
	const world = {
		...{ sender, version, complain, hostname: hostname() },
		broadcast: () => 0, // desktops listen to tocsin
	};
	const ways: Way[] = [];
	const errors: string[] = [];
	for (const config of sinks)
		try {
			const sink = await openSink(config, world);
			if (stays) await preload(config);
			ways.push({ config, sink, isSlow: isOutboxed(config) });
		} catch (error) {
			errors.push(`sink '${config.name}': ${(error as Error).message}`);
		}
	return { ways, errors };
}

/** Loads what a sink would load for its first alert, when it may no longer be read. */
async function preload(config: SinkConfig): Promise<void> {
	if (config.type !== "mail") return;
	if (config.server.via === "smtp") await import("./smtp.ts");
	else await import("./sendmail.ts");
}

function planOf(
	{ ignore, limit, route, history }: Config,
	ways: readonly Way[],
	store: Store | string,
): Plan {
	const rules = createRules({ ignore, limit, route });
	const takes = ({ config }: Way, { alert }: Entry) =>
		alert !== undefined && wants(config, alert, rules.route(alert));
	const itemOf = (entry: Entry): Item => ({
		entry,
		sinks: ways
			.filter((way) => way.isSlow && takes(way, entry))
			.map(({ config }) => config.name),
	});
	return { ways, rules, store, history, itemOf, takes };
}

/** The entries that are told now; of a database that fails the sentence, and it is asked no more. */
function choose(
	{ rules, store }: Plan,
	entries: readonly Entry[],
	now: number,
): { told: Entry[]; why: string | undefined } {
	let why = typeof store === "string" ? store : undefined;
	const told = entries.filter(({ alert }) => {
		if (alert?.kind !== "connection" || rules.ignores(alert)) return false;
		const { window, burst } = rules.limit(alert) ?? {
			window: WINDOW,
			burst: 1,
		};
		if (window === 0 || typeof store === "string" || why !== undefined)
			return true;
		const counted = store.count(keyOf(alert), alert, window, burst, now);
		if (typeof counted === "string") why = counted;
		return counted !== false;
	});
	const named = told.map((entry) => ({
		...entry,
		id: entry.id ?? eventId(now),
	}));
	return { told: named, why };
}

/** Takes out folds that are over, some of other processes among them: they are kept then, and wait for slow sinks. */
function takeFolds({ store, itemOf }: Plan, now: number): Entry[] {
	if (typeof store === "string") return [];
	const items = store.expired(now, (folded) => itemOf(foldEntry(folded, now)));
	return typeof items === "string" ? [] : items.map(({ entry }) => entry);
}

/** Gives a slow sink what would else have waited for it; the reason at which it ends. */
async function inBatches(
	{ sink, batch }: Outboxed,
	entries: Entry[],
): Promise<string | undefined> {
	for (let i = 0; i < entries.length; i += batch.max) {
		const why = await sink.deliver(entries.slice(i, i + batch.max));
		if (why !== undefined) return why;
	}
	return undefined;
}

/** Gives each way what it takes; the reasons of those that failed. `unkept` says why nothing can wait: then all ways are tried, for so long. */
async function give(
	{ ways, takes }: Plan,
	entries: readonly Entry[],
	unkept?: string,
): Promise<string[]> {
	const whys = await Promise.all(
		ways.map(async (way) => {
			const { sink, isSlow, config } = way;
			if (isSlow && unkept === undefined) return undefined;
			const own = entries.filter((entry) => takes(way, entry));
			if (own.length === 0) return undefined;
			const late = () => `${config.name}: timed out`;
			if (!isSlow) return sink.deliver(own);
			const work = inBatches(outboxed(config, sink), own);
			const why = await within(LAST_TRY, work, late);
			return why && `${why}; it can't wait: ${unkept}`;
		}),
	);
	return whys.filter((why) => why !== undefined);
}

const joined = (whys: readonly string[]) =>
	whys.length > 0 ? whys.join("; ") : undefined;

function sinkOf(
	plan: Plan,
	courier: Courier | undefined,
	complain: (sentence: string) => void,
): Sink {
	const { ways, store, history, itemOf } = plan;
	const shared = typeof store === "string" ? undefined : store;
	const clock = createTidyClock(shared, async (now) => {
		const whys = await give(plan, takeFolds(plan, now));
		courier?.poke();
		whys.forEach(complain);
		shared?.prune(history, now);
	});
	return {
		async deliver(entries) {
			const now = Date.now();
			const { told, why } = choose(plan, entries, now);
			const unkept = why ?? shared?.add(told.map(itemOf), now);
			const folds = unkept === undefined ? takeFolds(plan, now) : [];
			const whys = await give(plan, [...told, ...folds], unkept);
			courier?.poke();
			clock.set();
			return joined(whys);
		},
		async close() {
			clock.stop();
			await courier?.finish(LAST_TRY); // closes the slow ones
			const direct = ways.filter(({ isSlow }) => !courier || !isSlow);
			const whys = await Promise.all(direct.map(({ sink }) => sink.close()));
			shared?.prune(history, Date.now());
			shared?.close();
			return joined(whys.filter((why) => why !== undefined));
		},
	};
}

/**
 * klaxon's own delivery through a configuration, where no tocsin runs: the same rules, folding and outbox, shared
 * with other klaxons through the database in `state`; where that can't be used every alert goes at once.
 */
export async function ownDelivery(file: string, world: OwnWorld): Promise<Own> {
	const config = loadConfig(file);
	if (Array.isArray(config)) return { errors: config };
	const { complain } = world;
	const { ways, errors } = await openWays(config, world);
	const store = await openKept(config, complain);
	const plan = planOf(config, ways, store);
	const slow = ways.filter(({ isSlow }) => isSlow);
	const courier =
		typeof store === "string"
			? undefined
			: createCourier(
					slow.map(({ config, sink }) => outboxed(config, sink)),
					{ store, owner: eventId(Date.now()), tell: complain },
				);
	return { sink: sinkOf(plan, courier, complain), errors };
}
