import { setImmediate } from "node:timers/promises";
import t, { type Test } from "tap";
import { createLive } from "../../src/capture/live.ts";
import { createFake, summary } from "./fake.ts";

/** A loop over a fake libpcap, and what came out of it. */
function setUp(t: Test) {
	const fake = createFake(`${t.testdir()}/bell`);
	const out: string[] = [];
	const live = createLive(
		{ promiscuous: false, filter: () => "ip", choose: (found) => [...found] },
		{
			lib: fake.lib,
			now: () => 1_000_000,
			batch: (handle, index, bytes) =>
				out.push(`${bytes} of ${handle.name} (${index})`),
			idle: () => out.push("idle"),
			tell: (alert) => out.push(summary(alert)),
		},
	);
	const take = () => out.splice(0);
	return { fake, live, take };
}

t.test("what waits is read, interface by interface, fairly", async (t) => {
	const { fake, live, take } = setUp(t);
	fake.plug("eth0", "eth1");
	live.start();
	t.strictSame(live.names(), ["eth0", "eth1"]);
	const running = live.run();
	t.equal(fake.polled(), 3);
	fake.handles.get("eth0")?.reads.push(...new Array<number>(40).fill(100));
	fake.handles.get("eth1")?.reads.push(7);
	fake.wake(1, 2);
	await setImmediate();
	t.strictSame(take(), [
		...new Array<string>(32).fill("100 of eth0 (0)"),
		"7 of eth1 (1)",
		"idle",
	]);
	live.drain();
	t.strictSame(take(), new Array<string>(8).fill("100 of eth0 (0)"));
	live.stop();
	fake.wake(0);
	await running;
	t.ok(
		fake.handles.get("eth0")?.isClosed && fake.handles.get("eth1")?.isClosed,
	);
});

t.test(
	"one that can't be read is closed, but not while it is polled",
	async (t) => {
		const { fake, live, take } = setUp(t);
		fake.plug("eth0", "eth1");
		live.start();
		const running = live.run();
		const eth1 = fake.handles.get("eth1");
		fake.plug("eth0", "!eth1");
		eth1?.reads.push("The interface went down");
		live.drain();
		t.strictSame(take(), ["down eth1: eth1 went down"]);
		t.equal(eth1?.isClosed, false);
		fake.wake(0, 2);
		await setImmediate();
		t.equal(eth1?.isClosed, true);
		t.equal(fake.polled(), 2);
		t.strictSame(take(), ["idle"]);
		live.stop();
		fake.wake(0);
		await running;
	},
);

t.test("a new interface is polled at once", async (t) => {
	const { fake, live, take } = setUp(t);
	fake.plug("eth0");
	live.start();
	const running = live.run();
	fake.plug("eth0", "eth1");
	live.look();
	t.strictSame(take(), ["appeared eth1: eth1 appeared and is being watched"]);
	fake.wake(0);
	await setImmediate();
	t.equal(fake.polled(), 3);
	live.stop();
	fake.wake(0);
	await running;
});

t.test("what came just before the end is read", async (t) => {
	const { fake, live, take } = setUp(t);
	fake.plug("eth0");
	live.start();
	const running = live.run();
	live.stop();
	fake.wake(0);
	await setImmediate();
	fake.handles.get("eth0")?.reads.push(60);
	await running;
	t.strictSame(take(), ["idle", "60 of eth0 (0)"]);
});

t.test("drops are told, the last ones before the end", async (t) => {
	const { fake, live, take } = setUp(t);
	fake.plug("eth0");
	live.start();
	const running = live.run();
	const eth0 = fake.handles.get("eth0");
	const count = (received: number, dropped: number) => {
		if (eth0) eth0.counts = { received, dropped, interfaceDropped: 0 };
	};
	count(100, 3);
	live.look();
	t.strictSame(take(), ["drops eth0: 3 packets were lost on eth0"]);
	count(200, 5);
	live.look();
	t.strictSame(take(), []);
	live.stop();
	fake.wake(0);
	await running;
	t.strictSame(take(), ["idle", "drops eth0: 2 packets were lost on eth0"]);
	t.strictSame(live.totals(), { received: 200, dropped: 5 });
});
