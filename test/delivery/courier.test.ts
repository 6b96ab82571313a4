import t from "tap";
import type { Batch } from "../../src/config/sinktypes.ts";
import type { Store } from "../../src/delivery/store.ts";
import { createStage, settle, type Trial, trialOf } from "./couriertrial.ts";
import { opened, probe } from "./stores.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const MAIL: Batch = { gather: 30 * SECOND, every: 5 * MINUTE, max: 3 };
const HOOK: Batch = { gather: 0, every: 0, max: 2 };

function add(store: Store, sink: string, now: number, ...ns: number[]): void {
	store.add(
		ns.map((n) => ({ entry: probe(n), sinks: [sink] })),
		now,
	);
}

/** When each batch left, and what was in it. */
const seen = ({ deliveries }: Trial) =>
	deliveries.map(({ at, ids }) => [at, ids.join(" ").replaceAll("id-", "")]);

t.test(
	"a batch is gathered, bounded, and some time after the one before",
	async (t) => {
		const store = await opened(":memory:");
		const stage = createStage(store);
		const mail = trialOf("mail", MAIL);
		const { courier } = stage.start([mail]);
		await stage.pass(10 * SECOND);
		add(store, "mail", stage.now(), 1);
		courier.poke();
		await stage.pass(20 * SECOND);
		add(store, "mail", stage.now(), 2);
		courier.poke();
		await stage.pass(MINUTE);
		add(store, "mail", stage.now(), 3, 4, 5, 6);
		courier.poke();
		await stage.pass(11 * MINUTE);
		t.same(seen(mail), [
			[40 * SECOND, "1 2"],
			[40 * SECOND + 5 * MINUTE, "3 4 5"],
			[40 * SECOND + 10 * MINUTE, "6"],
		]);
		t.same(courier.status(), [
			{
				name: "mail",
				queued: 0,
				oldest: undefined,
				failingSince: undefined,
				lastError: undefined,
				delivered: 6,
				dead: 0,
			},
		]);
	},
);

t.test("a full batch is not gathered longer", async (t) => {
	const store = await opened(":memory:");
	const stage = createStage(store);
	const mail = trialOf("mail", MAIL);
	stage.set(HOUR);
	const { courier } = stage.start([mail]);
	add(store, "mail", stage.now(), 1, 2, 3);
	courier.poke();
	await stage.pass(SECOND);
	t.same(seen(mail), [[HOUR, "1 2 3"]]);
});

t.test(
	"a sink that fails is tried ever more rarely; that it fails and works is told once",
	async (t) => {
		const store = await opened(":memory:");
		const stage = createStage(store);
		let why: string | undefined = "refused\n";
		const hook = trialOf("hook", HOOK, () => ({ why, ms: 0 }));
		const { courier } = stage.start([hook]);
		add(store, "hook", 0, 1, 2, 3, 4, 5);
		await stage.pass(16 * SECOND);
		t.same(
			seen(hook),
			[0, 1, 3, 7, 15].map((s) => [s * SECOND, "1 2"]),
		);
		t.match(courier.status(), [
			{
				queued: 5,
				oldest: 0,
				failingSince: 0,
				lastError: "refused\\x0a",
				delivered: 0,
			},
		]);
		why = undefined;
		await stage.pass(MINUTE);
		t.same(seen(hook).slice(5), [
			[31_000, "1 2"],
			[31_000, "3 4"],
			[31_000, "5"],
		]);
		t.same(stage.told, [
			"sink 'hook' fails: refused\\x0a; its alerts wait and are tried again",
			"sink 'hook' works again after 31 s; 3 alerts still wait",
		]);
		t.match(courier.status(), [
			{
				queued: 0,
				failingSince: undefined,
				lastError: "refused\\x0a",
				delivered: 5,
			},
		]);
	},
);

t.test("a rejection is a failure too", async (t) => {
	const store = await opened(":memory:");
	const stage = createStage(store);
	const hook = trialOf("hook", HOOK, () => {
		throw new Error("oops");
	});
	stage.start([hook]);
	add(store, "hook", 0, 1);
	await stage.pass(SECOND - 1);
	t.same(stage.told, [
		"sink 'hook' fails: a bug: Error: oops; its alerts wait and are tried again",
	]);
});

t.test(
	"what waited for more than a day while the sink failed is given up",
	async (t) => {
		const store = await opened(":memory:");
		const stage = createStage(store);
		let why: string | undefined = "refused";
		const hook = trialOf("hook", HOOK, () => ({ why, ms: 0 }));
		add(store, "hook", 0, 1, 2, 3);
		stage.set(30 * HOUR);
		const { courier } = stage.start([hook]);
		add(store, "hook", stage.now(), 4);
		await stage.pass(59 * MINUTE);
		t.match(
			courier.status(),
			[{ queued: 4, dead: 0 }],
			"the machine was off: it is tried for an hour",
		);
		await stage.pass(10 * MINUTE);
		t.match(courier.status(), [{ queued: 1, dead: 3 }]);
		t.same(stage.told, [
			"sink 'hook' fails: refused; its alerts wait and are tried again",
			"sink 'hook' still fails: refused; 3 alerts that waited for more than a day will not be sent there ('tocsin alerts' has them)",
		]);
		why = undefined;
		await stage.pass(10 * MINUTE);
		t.same(seen(hook).at(-1)?.[1], "4");
		t.equal(stage.told.length, 3);
	},
);

t.test(
	"one process at a time delivers to a sink, another takes over from a dead one",
	async (t) => {
		const store = await opened(":memory:");
		const stage = createStage(store);
		const slow = trialOf("hook", HOOK, () => ({
			why: undefined,
			ms: 40 * SECOND,
		}));
		const first = stage.start([slow]);
		add(store, "hook", 0, 1, 2, 3, 4, 5, 6);
		await stage.pass(SECOND);
		const other = trialOf("hook", HOOK);
		stage.start([other]);
		await stage.pass(29 * SECOND);
		t.same(
			[seen(slow).length, seen(other).length],
			[1, 0],
			"the lease is renewed",
		);
		first.kill();
		await stage.pass(20 * SECOND);
		t.same(
			seen(other).map(([, ids]) => ids),
			["1 2", "3 4", "5 6"],
		);
	},
);

t.test(
	"what the store didn't take down is not delivered again by this process",
	async (t) => {
		const store = await opened(":memory:");
		let trouble: string | undefined = "no room";
		const failing: Store = {
			...store,
			done: (...args) => trouble ?? store.done(...args),
		};
		const stage = createStage(failing);
		const hook = trialOf("hook", HOOK);
		stage.start([hook]);
		add(store, "hook", 0, 1);
		await stage.pass(MINUTE);
		t.same(seen(hook), [[0, "1"]]);
		t.same(stage.told, ["no room; the sinks that wait for it go on by then"]);
		trouble = undefined;
		add(store, "hook", stage.now(), 2);
		await stage.pass(MINUTE);
		t.same(
			seen(hook).map(([, ids]) => ids),
			["1", "2"],
		);
		t.equal(stage.told.length, 1);
	},
);

t.test(
	"other sinks take over at once; those that are gone are closed when idle",
	async (t) => {
		const store = await opened(":memory:");
		const stage = createStage(store);
		const broken = trialOf("hook", HOOK, () => ({ why: "refused", ms: 10 }));
		const gone = trialOf("gone", HOOK, () => ({ why: undefined, ms: MINUTE }));
		const { courier, outboxed } = stage.start([broken, gone]);
		add(store, "hook", 0, 1);
		add(store, "gone", 0, 2);
		await stage.pass(20 * SECOND);
		const mended = trialOf("hook", HOOK);
		courier.replace(outboxed([mended]));
		await stage.pass(SECOND);
		t.same(
			seen(mended).map(([, ids]) => ids),
			["1"],
		);
		t.same([broken.closed, gone.closed, mended.closed], [1, 0, 0]);
		await stage.pass(MINUTE);
		t.equal(gone.closed, 1);
		t.same(
			store.depth("gone"),
			{ count: 0, oldest: undefined },
			"its last batch was taken down",
		);
		t.same(
			courier.status().map(({ name }) => name),
			["hook"],
		);
	},
);

t.test(
	"at the end what is due leaves without gathering, within the deadline",
	async (t) => {
		const store = await opened(":memory:");
		const stage = createStage(store);
		const mail = trialOf("mail", MAIL);
		const slow = trialOf("slow", HOOK, () => ({
			why: undefined,
			ms: 3 * SECOND,
		}));
		const broken = trialOf("broken", HOOK, () => ({ why: "refused", ms: 0 }));
		const { courier } = stage.start([mail, slow, broken]);
		await stage.pass(HOUR);
		add(store, "mail", stage.now(), 41, 42, 43, 44);
		add(store, "slow", stage.now(), 51, 52, 53, 54);
		add(store, "broken", stage.now(), 61, 62, 63, 64);
		courier.poke();
		let ended = 0;
		const end = courier.finish(5 * SECOND).then(() => {
			ended = stage.now();
		});
		await stage.pass(MINUTE);
		await end;
		t.equal(ended, HOUR + 5 * SECOND);
		t.same(seen(mail), [[HOUR, "41 42 43"]], "the next is not due");
		t.equal(slow.deliveries.length, 2);
		t.equal(broken.deliveries.length, 1);
		t.same([mail.closed, slow.closed, broken.closed], [1, 1, 1]);
		t.match(store.depth("slow"), { count: 0 });
		t.match(store.depth("broken"), { count: 4 });
		t.equal(store.claim("mail", "next", stage.now() + 1, stage.now()), true);
		await settle();
	},
);

t.test("a clock that is set back holds nothing up", async (t) => {
	const store = await opened(":memory:");
	const stage = createStage(store);
	const mail = trialOf("mail", MAIL);
	stage.set(100 * HOUR);
	const first = stage.start([mail]);
	add(store, "mail", stage.now(), 1);
	await stage.pass(MINUTE);
	add(store, "mail", stage.now(), 2);
	first.kill();
	stage.set(HOUR);
	stage.start([mail]);
	await stage.pass(MINUTE);
	t.same(
		seen(mail).map(([, ids]) => ids),
		["1", "2"],
	);
});

t.test(
	"what another process delivered until the lease was ours is not due any more",
	async (t) => {
		const store = await opened(":memory:");
		const racing: Store = {
			...store,
			claim(sink, owner, until, now) {
				if (now === HOUR) store.done(sink, [1, 2, 3], now);
				return store.claim(sink, owner, until, now);
			},
		};
		const stage = createStage(racing);
		const mail = trialOf("mail", MAIL);
		stage.set(HOUR);
		add(store, "mail", HOUR, 1, 2, 3, 4);
		stage.start([mail]);
		await stage.pass(10 * MINUTE);
		t.same(seen(mail), [[HOUR + 5 * MINUTE, "4"]]);
	},
);
