import t from "tap";
import type { SensorAlert } from "../../src/alert/alert.ts";
import { createAccount } from "../../src/capture/account.ts";
import type { Handle } from "../../src/capture/handle.ts";
import { createFake } from "./fake.ts";

/** A handle whose counters a test sets. */
function setUp() {
	const fake = createFake("/dev/null");
	const open = (name: string) =>
		fake.lib.open(name, {
			promiscuous: false,
			ring: 0,
			isOnlyIncoming: false,
		}) as Handle;
	const told: SensorAlert[] = [];
	const clock = { now: 1_000_000 };
	const account = createAccount(
		() => clock.now,
		(alert) => told.push(alert),
	);
	const eth0 = open("eth0");
	const set = (name: string, received: number, dropped: number) => {
		const handle = fake.handles.get(name);
		if (handle) handle.counts = { received, dropped, interfaceDropped: 0 };
	};
	return { account, clock, told, eth0, eth1: open("eth1"), set };
}

t.test("drops are told once a minute, and none is forgotten", async (t) => {
	const { account, clock, told, eth0, set } = setUp();
	set("eth0", 100, 0);
	account.review(eth0, false);
	t.strictSame(told, []);
	set("eth0", 300, 20);
	account.review(eth0, false);
	const alert: SensorAlert = {
		kind: "sensor",
		time: 1_000_000,
		state: "drops",
		message: "20 packets were lost on eth0",
		interface: "eth0",
		count: 20,
	};
	t.strictSame(told, [alert]);
	clock.now += 59_999;
	set("eth0", 400, 27);
	account.review(eth0, false);
	t.equal(told.length, 1);
	clock.now += 1;
	account.review(eth0, false);
	t.equal(told[1]?.count, 7);
	clock.now += 1_000;
	set("eth0", 500, 30);
	account.review(eth0, true);
	t.equal(told[2]?.count, 3, "at the end at once");
	account.review(eth0, true);
	t.equal(told.length, 3);
	t.strictSame(account.sum, { received: 500, dropped: 30 });
	t.strictSame(account.of(eth0), { received: 500, dropped: 30 });
});

t.test("interfaces are counted apart and summed", async (t) => {
	const { account, told, eth0, eth1, set } = setUp();
	set("eth0", 10, 1);
	set("eth1", 20, 2);
	account.review(eth0, false);
	account.review(eth1, false);
	t.strictSame(
		told.map(({ interface: name, count }) => [name, count]),
		[
			["eth0", 1],
			["eth1", 2],
		],
	);
	t.strictSame(account.sum, { received: 30, dropped: 3 });
});

t.test("the kernel's counters wrap", async (t) => {
	const { account, eth0, set } = setUp();
	set("eth0", 0xffff_fff0, 0xffff_ffff);
	account.review(eth0, false);
	set("eth0", 0x10, 4);
	account.review(eth0, false);
	t.strictSame(account.sum, {
		received: 0x1_0000_0010,
		dropped: 0x1_0000_0004,
	});
});
