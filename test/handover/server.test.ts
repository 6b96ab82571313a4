import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import t from "tap";
import type { Received } from "../../src/handover/received.ts";
import { line, open, visit } from "./guest.ts";
import { CONNECTION } from "./samples.ts";

const STATUS = line({ status: true });
const SUBSCRIBE = line({ subscribe: "desktop" });
const POPUP = line({
	popup: { summary: "Ping", body: "a line", urgency: "normal" },
	users: [],
});
const ALERT = line({ alerts: [{ alert: CONNECTION }] });
const UNKNOWN = {
	error: 'ask {"alerts":[...]}, {"status":true} or {"subscribe":"desktop"}',
};

t.test("alerts are taken, and that is told", async (t) => {
	const taken: Received[] = [];
	const { path } = await open(t, {
		onAlerts(alerts) {
			taken.push(...alerts);
			return undefined;
		},
	});
	const guest = visit(t, path);
	guest.say(line({ alerts: [{ id: "a1", alert: CONNECTION }] }));
	t.same(await guest.answers(), [{ taken: 1 }]);
	guest.say(ALERT);
	t.same(await guest.answers(2), [{ taken: 1 }, { taken: 1 }], "and more");
	t.same(taken, [{ id: "a1", alert: CONNECTION }, { alert: CONNECTION }]);
});

t.test("they are taken when they are safe, not before", async (t) => {
	let safe: (why?: string) => void = () => {};
	const { path } = await open(t, {
		onAlerts: () =>
			new Promise<string | undefined>((resolve) => {
				safe = resolve;
			}),
	});
	const guest = visit(t, path);
	guest.socket.end(ALERT); // it has said all, and still wants its answer
	await sleep(50);
	t.equal(guest.text(), "");
	safe();
	t.same(await guest.answers(), [{ taken: 1 }]);
});

t.test("that they can't be taken is told, too", async (t) => {
	const { path } = await open(t, { onAlerts: () => "the disk is full" });
	const guest = visit(t, path);
	guest.say(ALERT + STATUS);
	t.same(await guest.answers(2), [{ error: "the disk is full" }]);
	t.ok(guest.closed(), "and nothing more is read");
});

t.test("requests are answered in order, however they are cut", async (t) => {
	const { path } = await open(t);
	const guest = visit(t, path);
	for (const character of STATUS) {
		guest.say(character);
		await sleep(0);
	}
	guest.say(STATUS + ALERT + STATUS);
	const fine = { fine: true };
	t.same(await guest.answers(4), [fine, fine, { taken: 1 }, fine]);
});

t.test("who may do what, by the kernel's word", async (t) => {
	let uid: number | undefined = 1000;
	const { path } = await open(t, {
		allowed: {
			handover: (uid) => uid === 0,
			subscribe: (uid) => uid === 1001,
		},
		whoIs: () => (uid === undefined ? uid : { uid, gid: 0, pid: 1 }),
	});
	const said = async (request: string) => {
		const guest = visit(t, path);
		guest.say(request);
		const [answer] = await guest.answers();
		guest.socket.destroy();
		return answer;
	};
	t.same(await said(STATUS), { fine: true });
	t.same(await said(ALERT), {
		error: "user 1000 may not hand over alerts: list it in handover",
	});
	t.same(await said(SUBSCRIBE), {
		error: "user 1000 is not among the users of a desktop sink",
	});
	t.match(await said(POPUP), { error: /1000 may not hand over/ });
	uid = 1001;
	t.same(await said(SUBSCRIBE), { subscribed: "desktop" });
	uid = 0;
	t.same(await said(POPUP), { told: 2 });
	t.same(await said(ALERT), { taken: 1 });
	uid = undefined;
	t.match(await said(ALERT), { error: /undefined may not hand over/ });
	t.match(await said(SUBSCRIBE), { error: /undefined is not among/ });
});

t.test("what is no request ends the talk", async (t) => {
	const { path } = await open(t);
	for (const bad of ["\n", "{}\n", "GET / HTTP/1.1\r\n\r\n"]) {
		const guest = visit(t, path);
		guest.say(bad + STATUS);
		t.same(await guest.answers(2), [UNKNOWN], JSON.stringify(bad));
		t.ok(guest.closed());
	}
});

t.test("a request has 64 KiB", async (t) => {
	const { path } = await open(t);
	const padded = (bytes: number) => STATUS.trim().padEnd(bytes, " ");
	const guest = visit(t, path);
	guest.say(`${padded(65_536)}\n`);
	t.same(await guest.answers(), [{ fine: true }]);
	guest.say(padded(65_537));
	t.same((await guest.answers(2))[1], { error: "longer than 65536 bytes" });
	const flood = visit(t, path);
	flood.say(Buffer.alloc(8 << 20, "a"));
	await flood.answers(99);
	t.ok(flood.closed(), "megabytes without a newline");
});

t.test(
	"the slow are cut off after 5 s, also those that don't read",
	async (t) => {
		const { path } = await open(t, {
			status: () => ({ big: "x".repeat(1 << 20) }),
		});
		const began = Date.now();
		const silent = visit(t, path);
		const slow = visit(t, path);
		const drip = setInterval(() => slow.say("a"), 100);
		const deaf = visit(t, path);
		deaf.say(STATUS.repeat(4000));
		deaf.socket.pause();
		const patient = visit(t, path);
		patient.say(SUBSCRIBE);
		await Promise.all([silent.answers(), slow.answers()]);
		const took = Date.now() - began;
		t.ok(took > 4900 && took < 15_000, `${took} ms`);
		clearInterval(drip);
		deaf.socket.resume();
		await deaf.answers(9999);
		t.ok(deaf.text().length < 4 << 20, "it was told little of what it asked");
		t.equal(patient.closed(), false, "a subscriber waits as long as it likes");
	},
);

t.test("256 at once, of a stranger 16", async (t) => {
	let uid = 0;
	const { path } = await open(t, {
		allowed: { handover: (uid) => uid === 0, subscribe: () => true },
		whoIs: () => ({ uid, gid: 0, pid: 1 }),
	});
	const visits = async (n: number) => {
		const guests = Array.from({ length: n }, () => visit(t, path));
		for (const guest of guests) guest.say(SUBSCRIBE);
		await Promise.all(guests.map((guest) => guest.answers()));
		return guests.filter((guest) => !guest.closed());
	};
	uid = 1000;
	const strangers = await visits(40);
	t.equal(strangers.length, 16);
	uid = 1001;
	t.equal((await visits(1)).length, 1, "another one");
	uid = 0;
	t.equal((await visits(260)).length, 239);
	for (const { socket } of strangers) socket.destroy();
	await sleep(50);
	t.equal((await visits(20)).length, 16, "room is given back");
});

t.test("popups go to who wants them", async (t) => {
	let uid = 1000;
	const control = await open(t, {
		whoIs: () => ({ uid, gid: 0, pid: 1 }),
	});
	const subscribe = async (as: number) => {
		uid = as;
		const guest = visit(t, control.path);
		guest.say(SUBSCRIBE);
		await guest.answers();
		return guest;
	};
	const [joe, ann] = [await subscribe(1000), await subscribe(1001)];
	const other = visit(t, control.path);
	other.say(STATUS);
	await other.answers();
	t.equal(control.desktops(), 2);
	t.equal(control.broadcast({ popup: { text: "a\nb" } }), 2);
	t.equal(
		control.broadcast({ popup: 2 }, (uid) => uid === 1001),
		1,
	);
	t.same(await ann.answers(3), [
		{ subscribed: "desktop" },
		{ popup: { text: "a\nb" } },
		{ popup: 2 },
	]);
	t.equal((await joe.answers(2)).length, 2);
	t.same(await other.answers(), [{ fine: true }]);
	joe.say("\n");
	await joe.answers(9);
	t.ok(joe.closed(), "a subscriber has nothing more to say");
	t.equal(control.desktops(), 1);
});

t.test("a subscriber that doesn't read is cut off", async (t) => {
	const control = await open(t);
	const [deaf, keen] = [visit(t, control.path), visit(t, control.path)];
	for (const guest of [deaf, keen]) {
		guest.say(SUBSCRIBE);
		await guest.answers();
	}
	deaf.socket.pause();
	const popup = "x".repeat(10_000);
	for (let i = 0; i < 200; i++) {
		control.broadcast({ popup });
		await sleep(0);
	}
	t.equal(control.desktops(), 1);
	t.equal((await keen.answers(201)).length, 201);
});

t.test("property: random bytes get an error, or nothing", async (t) => {
	let taken = 0;
	const { path } = await open(t, {
		onAlerts: () => void taken++,
	});
	const bytes = fc.uint8Array({ maxLength: 2000 });
	await fc.assert(
		fc.asyncProperty(fc.array(bytes, { maxLength: 5 }), async (chunks) => {
			const guest = visit(t, path);
			for (const chunk of chunks) guest.say(Buffer.from(chunk));
			guest.socket.end("\n");
			const answers = await guest.answers(99);
			return answers.every((answer) => Object.hasOwn(Object(answer), "error"));
		}),
	);
	t.equal(taken, 0);
	const guest = visit(t, path);
	guest.say(STATUS);
	t.same(await guest.answers(), [{ fine: true }], "and it serves on");
});

t.test("200 clients at once: none lost", async (t) => {
	const taken: (string | undefined)[] = [];
	const { path } = await open(t, {
		onAlerts(alerts) {
			taken.push(...alerts.map(({ alert }) => alert.service));
			return undefined;
		},
	});
	const guests = Array.from({ length: 200 }, () => visit(t, path));
	for (const [i, guest] of guests.entries())
		guest.say(
			line({
				alerts: Array.from({ length: 5 }, (_, n) => ({
					alert: { ...CONNECTION, service: `t${i}-${n}` },
				})),
			}),
		);
	const answers = await Promise.all(guests.map((guest) => guest.answers()));
	t.same(answers, Array(200).fill([{ taken: 5 }]));
	t.equal(new Set(taken).size, 1000);
	t.equal(taken.length, 1000);
});
