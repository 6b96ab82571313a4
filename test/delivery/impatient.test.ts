import t from "tap";
import { impatient } from "../../src/delivery/impatient.ts";
import type { Sink } from "../../src/delivery/sink.ts";

t.test("a failure that took long is not repeated at once", async (t) => {
	let clock = 1000;
	let takes = 5000;
	let answer: string | undefined = "hangs";
	let tries = 0;
	const slow: Sink = {
		deliver: async () => {
			tries++;
			clock += takes;
			return answer;
		},
		close: async () => "closed",
	};
	const sink = impatient(slow, () => clock);
	t.equal(await sink.deliver([]), "hangs");
	t.equal(await sink.deliver([]), "hangs", "at once");
	t.equal(tries, 1);
	clock += 5000;
	answer = undefined;
	t.equal(await sink.deliver([]), undefined, "tried again, and it works");
	t.equal(await sink.deliver([]), undefined);
	t.equal(tries, 3);
	takes = 0;
	answer = "no /dev/log";
	await sink.deliver([]);
	await sink.deliver([]);
	t.equal(tries, 5, "what fails at once is tried each time");
	t.equal(await sink.close(), "closed");
});
