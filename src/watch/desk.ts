import type { Alert } from "../alert/alert.ts";
import { levelOf } from "../alert/level.ts";
import { alertLine } from "../alert/render.ts";
import type { Courier } from "../delivery/courier.ts";
import { type Acted, createRules, type RuleBlocks } from "../delivery/rules.ts";
import type { Entry } from "../delivery/sink.ts";
import type { Item } from "../delivery/store.ts";
import { createThrottle, type Throttle, WINDOW } from "../delivery/throttle.ts";
import { wants } from "../delivery/wants.ts";
import { createClock } from "./clock.ts";
import { type Exits, type Health, MAIN, type Way } from "./deliver.ts";
import type { History } from "./history.ts";

/** ms that sinks get when the watch ends; what is left waits in the outbox. */
const LAST_TRY = 3000;

const USUAL = { ms: WINDOW, burst: 1 };

/** What a configuration says of delivery. */
export interface Plan extends Exits {
	rules: RuleBlocks;
}

export interface DeskWorld {
	now(): number;
	/** A unique name for an event. */
	newId(): string;
	history: History;
	courier: Courier;
}

/** What was taken and told, by kind. */
export interface Tally {
	told: Record<string, number>;
	folded: number;
	ignored: number;
}

/** Where alerts become entries: rules, folding, and which way each goes. */
export interface Desk {
	take(alert: Alert): void;
	/** Takes an alert that a klaxon has told its syslog, and calls it by `id`. */
	takeOver(alert: Alert, id: string | undefined): void;
	/** What an alert becomes that is told now without folding; the caller keeps it, then sends it by `sendNow`. */
	plot(alert: Alert): Item;
	sendNow(item: Item): void;
	/** Sends a line that is no alert. */
	say(entry: Entry): void;
	/** Other rules and ways from now on; what was folded stays folded. */
	replace(plan: Plan): Promise<void>;
	acted(): Acted[];
	/** How the ways do that nothing waits for. */
	health(): readonly Health[];
	tally(): Tally;
	/** Tells all folds. */
	settle(): void;
	/** The same, and lets what can leave. The exit code. */
	finish(): Promise<number>;
}

/** An alert on its way out. */
export const entryOf = (alert: Alert) => ({
	time: alert.time,
	level: levelOf(alert),
	line: alertLine(alert),
	alert,
});

export function createDesk(first: Plan, world: DeskWorld): Desk {
	const { now, newId, history, courier } = world;
	const tally: Tally = { told: {}, folded: 0, ignored: 0 };
	const throttle = createThrottle((alert) => send(plot(alert)));
	/** What a klaxon calls the alert that is being taken: a second attempt is the same event. */
	let handed: { alert: Alert; id: string } | undefined;
	/** What is being told, and the ways it goes. */
	let current: Alert | undefined;
	let takers: Way[] = [];
	let plan = first;
	let rules = createRules(first.rules);
	let slowed = throttlesOf(first.ways);

	/** A further throttle for each sink that wants to be told less often. */
	function throttlesOf(ways: readonly Way[]): Map<Way, Throttle> {
		const limited = ways.filter(({ config }) => config.limit !== undefined);
		return new Map(
			limited.map((way) => [
				way,
				createThrottle((alert) => {
					if (alert === current) takers.push(way);
					else send(itemOf(alert, [way], false));
				}),
			]),
		);
	}

	/** An alert as an entry that goes these ways; to the main syslog and the history as well where it is news there. */
	function itemOf(alert: Alert, ways: readonly Way[], isNews: boolean): Item {
		const names = ways.map(({ config }) => config.name);
		const isMain = isNews && alert.kind !== "connection"; // klaxon has told its own syslog
		const to = isMain ? [MAIN, ...names] : names;
		const entry = {
			...entryOf(alert),
			id: handed?.alert === alert ? handed.id : newId(),
			to,
		};
		const outboxed = ways.filter(({ isOutboxed }) => isOutboxed);
		const sinks = outboxed.map(({ config }) => config.name);
		return { entry, sinks, isNews };
	}

	/** Sends it the ways that nothing waits for. */
	function sendNow({ entry, sinks }: Item): void {
		if (entry.to?.some((name) => !sinks.includes(name)))
			plan.outlet.send(entry);
	}

	function send(item: Item): void {
		sendNow(item);
		if (item.isNews !== false || item.sinks.length > 0) history.add(item);
	}

	/** What an alert becomes that is told now. */
	function plot(alert: Alert): Item {
		tally.told[alert.kind] = (tally.told[alert.kind] ?? 0) + 1;
		const to = rules.route(alert);
		[current, takers] = [alert, []];
		for (const way of plan.ways) {
			if (!wants(way.config, alert, to)) continue;
			const pace = { ms: way.config.limit ?? 0, burst: 1 };
			const sink = slowed.get(way);
			if (sink) sink.take(alert, pace, now());
			else takers.push(way);
		}
		current = undefined;
		return itemOf(alert, takers, true);
	}

	const throttles = () => [throttle, ...slowed.values()];
	const clock = createClock(
		() => {
			const times = throttles().flatMap((each) => each.next() ?? []);
			return times.length > 0 ? Math.min(...times) : undefined;
		},
		() => {},
		() => {
			for (const each of throttles()) each.advance(now());
		},
	);

	function take(alert: Alert): void {
		if (rules.ignores(alert)) {
			tally.ignored++;
			return;
		}
		const limit = rules.limit(alert);
		const pace = limit
			? { ms: limit.window, burst: limit.burst, why: limit.why }
			: USUAL;
		if (throttle.take(alert, pace, now())) tally.folded++;
		clock.set();
	}

	function settle(): void {
		for (const each of throttles()) each.finish(now());
	}

	return {
		take,
		takeOver(alert, id) {
			if (id !== undefined) handed = { alert, id };
			take(alert);
			handed = undefined;
		},
		plot,
		sendNow,
		say: (entry) => plan.outlet.send(entry),
		async replace(next) {
			const { outlet } = plan;
			for (const each of slowed.values()) each.finish(now());
			plan = next;
			rules = createRules(next.rules);
			slowed = throttlesOf(next.ways);
			await outlet.finish();
		},
		acted: () => rules.acted(),
		health: () => plan.health,
		tally: () => tally,
		settle,
		async finish() {
			clock.stop();
			settle();
			history.flush();
			await courier.finish(LAST_TRY);
			return plan.outlet.finish();
		},
	};
}
