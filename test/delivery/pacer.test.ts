import t from "tap";
import { createPacer } from "../../src/delivery/pacer.ts";

async function took(work: Promise<void>): Promise<number> {
	const start = performance.now();
	await work;
	return performance.now() - start;
}

t.test("a pause lasts, until somebody is in a hurry", async (t) => {
	const brief = createPacer(30);
	t.ok((await took(brief.pause())) >= 29, "it lasts");
	t.ok((await took(brief.pause())) >= 29, "and does so again");
	const long = createPacer(20_000);
	const cut = took(long.pause());
	long.hurry();
	t.ok((await cut) < 10_000, "it ends early");
	t.ok((await took(long.pause())) < 10_000, "and the next is none");
});
