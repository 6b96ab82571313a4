/** Which questions are remembered, and for how long. */
import t from "tap";
import {
	createAsked,
	type Question,
	wireName,
} from "../../src/detect/asked.ts";

const question = (more: Partial<Question>): Question => ({
	protocol: "llmnr",
	version: 4,
	interface: "eth0",
	name: "wpad",
	type: "A",
	id: 1,
	from: "192.0.2.1",
	sport: 50_000,
	to: "224.0.0.252",
	time: 1000,
	...more,
});

t.test("names as they are written", async (t) => {
	t.equal(wireName(question({})), "wpad");
	t.equal(wireName(question({ protocol: "mdns" })), "wpad.local");
	t.equal(wireName(question({ protocol: "nbns", suffix: 0x20 })), "wpad<20>");
	t.equal(wireName(question({ protocol: "nbns", suffix: 0 })), "wpad<00>");
});

t.test("by id, each protocol for itself, three seconds", async (t) => {
	const asked = createAsked();
	const [one, two] = [question({}), question({ name: "srv-x1q4" })];
	const three = question({ protocol: "nbns" });
	for (const each of [one, two, three]) asked.add(each);
	t.same(asked.withId("llmnr", 1, 4000), [two, one], "two with one id");
	t.same(asked.withId("nbns", 1, 1001), [three]);
	t.same(asked.withId("llmnr", 2, 1001), []);
	t.same(asked.withId("llmnr", 1, 4001), [], "too late");
	t.equal(asked.size(), 3);
});

t.test("by name in mDNS", async (t) => {
	const asked = createAsked();
	t.equal(asked.awaitsName(10_000), false);
	const one = question({ protocol: "mdns", id: 0, time: 10_000 });
	asked.add(one);
	t.same(asked.withName("wpad.local", 10_001), [one]);
	t.same(asked.withName("wpad", 10_001), []);
	t.same([10_001, 13_000, 13_001].map(asked.awaitsName), [true, true, false]);
});

t.test(
	"what is asked later doesn't push out what is still awaited",
	async (t) => {
		const asked = createAsked();
		for (let time = 10_000; time < 20_000; time += 500)
			asked.add(question({ id: time, time }));
		const awaited = (now: number) => {
			let count = 0;
			for (let id = 10_000; id < 20_000; id += 500)
				count += asked.withId("llmnr", id, now).length;
			return count;
		};
		t.equal(awaited(19_500), 7, "of the last three seconds");
		t.ok(asked.size() <= 12);
		asked.add(question({ id: 1, time: 60_000 }));
		t.equal(asked.size(), 1, "after a pause nothing is left");
	},
);

t.test("bounded", async (t) => {
	const asked = createAsked();
	for (let id = 0; id < 20_000; id++) asked.add(question({ id }));
	t.equal(asked.size(), 4096);
});
