import t from "tap";
import { createTidyClock } from "../../src/delivery/tidyclock.ts";
import { until } from "./ownways.ts";

t.test("it rings when a fold is over, and is stopped", async (t) => {
	const rung: number[] = [];
	let at: number | undefined = Date.now() - 5;
	const clock = createTidyClock({ nextExpiry: () => at }, async (now) => {
		rung.push(now);
		at = undefined;
	});
	const keeper = setInterval(() => {}, 1000); // it keeps no process alive
	const began = Date.now();
	clock.set();
	clock.set();
	await until(() => rung.length > 0);
	t.equal(rung.length, 1);
	t.ok(Date.now() - began >= 990, "not at once: there may be thousands");
	at = Date.now() + 10;
	clock.set();
	clock.stop();
	createTidyClock(undefined, async () => void t.fail()).set();
	clearInterval(keeper);
	t.equal(rung.length, 1);
});
