import { printable } from "../alert/printable.ts";
import { backoff, LONGEST } from "./backoff.ts";
import type { Outboxed, SinkStatus } from "./courier.ts";
import type { Sink } from "./sink.ts";
import type { Store } from "./store.ts";

/** ms of a lease: so long nobody delivers after a process was killed in the middle. Renewed three times in it. */
const LEASE = 15_000;
/** ms between looks at a sink that somebody else delivers to, or at a store that fails. */
const AGAIN = 5_000;
/** ms between looks into an empty outbox: what another process left there when it ended. */
const POLL = 30_000;
/** ms that an alert waits before it is given up: nobody wants to be woken for yesterday. */
const GIVE_UP = 24 * 3600_000;
/** ms of failing before anything is given up: after two days switched off, the network may need a while. */
const GRACE = 3600_000;
/** ms that a wait may take at most; a longer one means that the clock was set back. */
const LONGEST_WAIT = 1.5 * LONGEST;
/** Characters of a reason; it may quote what a server sent. */
const MAX_REASON = 300;

export interface LaneWorld {
	store: Store;
	owner: string;
	tell(sentence: string): void;
	/** The store failed, or took down what was delivered. */
	storeTrouble(sentence: string | undefined): void;
	now(): number;
	random(): number;
	setTimer(run: () => void, ms: number): () => void;
}

/** The way of one sink: one batch at a time, in order. */
export interface Lane {
	poke(): void;
	status(): SinkStatus;
	/** Goes on with another sink or batch, at once. */
	swap(next: Outboxed): void;
	/** Delivers nothing more; resolves when it is idle and the sink closed. */
	retire(): Promise<void>;
	/** Delivers what is due without gathering, until `ms` are over; then closes the sink. */
	finish(ms: number): Promise<void>;
}

const alerts = (n: number): string => `${n} alert${n === 1 ? "" : "s"}`;

function duration(ms: number): string {
	const seconds = Math.round(ms / 1000);
	if (seconds < 120) return `${seconds} s`;
	const minutes = Math.round(seconds / 60);
	return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}

/** How long until `ms` after a time; not at all when the clock has been set back behind that time. */
const left = (since: number, ms: number, now: number): number =>
	since > now ? 0 : since + ms - now;

/** Why a delivery failed; a rejection, which no sink should answer, is a failure too. */
const outcome = (work: Promise<string | undefined>) =>
	work.catch((error) => `a bug: ${error}`);

export function createLane(first: Outboxed, world: LaneWorld): Lane {
	const { name } = first;
	const { store, owner, tell, now, setTimer } = world;
	let { batch, sink } = first;
	let [failures, delivered, dead] = [0, 0, 0];
	let failingSince: number | undefined;
	let lastError: string | undefined;
	let notBefore = 0;
	/** Delivered, but the store could not be told. */
	let unrecorded: number[] = [];
	let busy: Promise<void> | undefined;
	let stopTimer = () => {};
	let finishing = false;
	let isRetired = false;
	let ended = false;

	/** The answer where the store gave one; undefined, and a pause, where it failed. */
	function answered<T>(answer: T | string): T | undefined {
		if (typeof answer !== "string") return answer;
		if (!ended) world.storeTrouble(answer);
		notBefore = now() + AGAIN;
		return undefined;
	}

	/** ms until something is to be done. */
	function untilDue(): number {
		const time = now();
		const pause = notBefore - time;
		if (pause > 0 && pause <= LONGEST_WAIT) return pause;
		if (unrecorded.length > 0) return 0;
		const waiting = answered(store.depth(name, batch.max));
		if (!waiting) return AGAIN;
		const { count, oldest } = waiting;
		if (count === 0 || oldest === undefined) return POLL;
		const sent = answered(store.sentAt(name));
		if (sent === undefined) return AGAIN;
		const full = finishing || count >= batch.max;
		return Math.max(
			full ? 0 : left(oldest, batch.gather, time),
			sent === 0 ? 0 : left(sent, batch.every, time),
		);
	}

	function look(): void {
		stopTimer();
		if (busy || finishing) return;
		const wait = untilDue();
		// a look now and then: the clock may be set
		if (wait > 0) stopTimer = setTimer(look, Math.min(wait, POLL));
		else
			busy = round().finally(() => {
				busy = undefined;
				look();
			});
	}

	/** What was delivered is delivered again only when this process ends before the store takes its word. */
	function record(): boolean {
		if (unrecorded.length === 0) return true;
		const trouble = store.done(name, unrecorded, now());
		if (trouble !== undefined) {
			answered(trouble);
			return false;
		}
		unrecorded = [];
		world.storeTrouble(undefined);
		return true;
	}

	async function round(): Promise<void> {
		const time = now();
		const mine = answered(store.claim(name, owner, time + LEASE, time));
		if (!mine) {
			notBefore = time + AGAIN;
			return;
		}
		// whoever had the lease may have delivered
		if (record() && untilDue() <= 0) await deliver(sink);
		store.release(name, owner);
	}

	async function deliver(sink: Sink): Promise<void> {
		const waiting = answered(store.head(name, batch.max));
		if (!waiting) return;
		if (waiting.length === 0) {
			notBefore = now() + POLL; // the alerts are gone: a damaged file
			return;
		}
		let renewal = setTimer(renew, LEASE / 3);
		function renew(): void {
			store.claim(name, owner, now() + LEASE, now());
			renewal = setTimer(renew, LEASE / 3);
		}
		const why = await outcome(sink.deliver(waiting.map(({ entry }) => entry)));
		renewal();
		if (why !== undefined) return failed(why);
		delivered += waiting.length;
		unrecorded = waiting.map(({ seq }) => seq);
		record();
		works();
	}

	function failed(why: string): void {
		const time = now();
		lastError = printable(why, MAX_REASON);
		if (failingSince === undefined && !isRetired)
			tell(
				`sink '${name}' fails: ${lastError}; its alerts wait and are tried again`,
			);
		failingSince ??= time;
		notBefore = time + backoff(++failures, world.random());
		if (time - failingSince >= GRACE) giveUp(time, lastError);
	}

	function giveUp(time: number, why: string): void {
		const buried = store.buryBefore(name, time - GIVE_UP, why, time);
		if (typeof buried === "string" || buried === 0) return;
		dead += buried;
		tell(
			`sink '${name}' still fails: ${why}; ${alerts(buried)} that waited for more than a day will not be sent there ('tocsin alerts' has them)`,
		);
	}

	function works(): void {
		failures = 0;
		if (failingSince === undefined) return;
		const since = duration(now() - failingSince);
		failingSince = undefined;
		const waiting = store.depth(name);
		const count = typeof waiting === "string" ? 0 : waiting.count;
		const rest = count === 0 ? "nothing waits" : `${alerts(count)} still wait`;
		tell(`sink '${name}' works again after ${since}; ${rest}`);
	}

	async function close(sink: Sink): Promise<void> {
		const why = await outcome(sink.close());
		if (why !== undefined)
			tell(`sink '${name}': ${printable(why, MAX_REASON)}`);
	}

	async function drain(isLate: () => boolean): Promise<void> {
		await busy;
		while (!isLate() && untilDue() <= 0) await round();
	}

	function poke(): void {
		if (busy || finishing) return;
		stopTimer();
		stopTimer = setTimer(look, 0);
	}

	const whenIdle = (run: () => void) => {
		if (busy) busy.then(run);
		else run();
	};

	return {
		poke,
		status() {
			const waiting = store.depth(name);
			const known = typeof waiting === "string" ? undefined : waiting;
			const queue = { queued: known?.count, oldest: known?.oldest };
			return { name, ...queue, failingSince, lastError, delivered, dead };
		},
		swap(next) {
			const old = sink;
			({ batch, sink } = next);
			failures = 0;
			notBefore = 0;
			if (old !== sink) whenIdle(() => close(old));
			poke();
		},
		async retire() {
			finishing = true;
			isRetired = true;
			stopTimer();
			await busy;
			await close(sink);
		},
		async finish(ms) {
			finishing = true;
			stopTimer();
			let late = ms <= 0;
			let ring = () => {};
			const stopAlarm = setTimer(() => {
				late = true;
				ring();
			}, ms);
			const deadline = new Promise<void>((resolve) => {
				ring = resolve;
			});
			await Promise.race([drain(() => late), deadline]);
			await Promise.race([close(sink), deadline]);
			stopAlarm();
			ended = true;
			store.release(name, owner);
		},
	};
}
