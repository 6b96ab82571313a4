import { setTimeout as sleep } from "node:timers/promises";

const PAUSE = 5;

/** Polls until `probe` gives something truthy and returns that; `what` names it in the error after `timeout` ms. */
export async function waitFor<T>(
	what: string | (() => string),
	probe: () => T | Promise<T>,
	timeout = 5000,
): Promise<NonNullable<T>> {
	const end = performance.now() + timeout;
	for (;;) {
		const found = await probe();
		if (found) return found;
		if (performance.now() > end) {
			const name = typeof what === "string" ? what : what();
			throw new Error(`waited ${timeout} ms for ${name}`);
		}
		await sleep(PAUSE);
	}
}
