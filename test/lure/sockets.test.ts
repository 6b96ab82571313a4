/** Questions through sockets, on the loopback interface and addresses of it that nobody else uses. */
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import t, { type Test } from "tap";
import type { Question } from "../../src/detect/asked.ts";
import type { Answer } from "../../src/detect/poison.ts";
import { createNameSockets } from "../../src/lure/sockets.ts";
import { decodeDns } from "../../src/wire/dns.ts";
import { answerTo } from "../detect/poisoner.ts";

const [US, PEER] = ["127.77.5.1", "127.77.5.2"];

const question = (more: Partial<Question> = {}): Question => ({
	protocol: "llmnr",
	version: 4,
	interface: "lo",
	name: "qxjvkwpz",
	type: "A",
	id: 0x1234,
	from: US,
	sport: 50_123,
	to: PEER,
	time: 0,
	...more,
});

/** A host that answers on a port of its own address; `heard` is what it was asked. */
async function peer(t: Test, port: number, reply: (payload: Buffer) => Buffer) {
	const heard: { payload: Buffer; port: number; address: string }[] = [];
	const socket: Socket = createSocket("udp4");
	t.teardown(() => socket.close());
	socket.on("message", (payload, { port, address }) => {
		heard.push({ payload, port, address });
		socket.send(reply(payload), port, address);
	});
	socket.bind({ port, address: PEER, exclusive: true });
	await once(socket, "listening");
	return heard;
}

/** Sockets whose answers can be waited for. */
function sockets(t: Test) {
	const answers: Answer[] = [];
	const failures: string[] = [];
	let wake = () => {};
	const names = createNameSockets({
		answer: (answer) => {
			answers.push(answer);
			wake();
		},
		failed: (message) => {
			failures.push(message);
			wake();
		},
		now: () => 4711,
	});
	t.teardown(() => names.close());
	const news = () =>
		new Promise<void>((resolve) => {
			wake = resolve;
		});
	return { names, answers, failures, news };
}

t.test("LLMNR and mDNS, asked and answered", async (t) => {
	const { names, answers, failures, news } = sockets(t);
	for (const [asked, port] of [
		[question(), 5355],
		[question({ protocol: "mdns", id: 0, sport: 5353 }), 5353],
	] as const) {
		const heard = await peer(t, port, () => answerTo(asked));
		const told = news();
		names.send(asked);
		await told;
		const [datagram] = heard;
		t.equal(datagram?.address, US);
		t.same(decodeDns(datagram?.payload ?? Buffer.alloc(0)).names, [
			asked.protocol === "mdns" ? "qxjvkwpz.local" : "qxjvkwpz",
		]);
		const expected = asked.protocol === "mdns" ? [5353] : [];
		t.notOk(expected.includes(datagram?.port ?? 0), "not the responder's port");
		t.match(answers.at(-1), {
			protocol: asked.protocol,
			version: 4,
			interface: "lo",
			ip: PEER,
			port,
			to: US,
			payload: answerTo(asked),
			time: 4711,
		});
	}
	t.same(failures, []);
});

t.test("its own port, and any other where that is taken", async (t) => {
	const { names, failures, news } = sockets(t);
	const heard = await peer(t, 5355, ({ length }) => Buffer.alloc(length));
	for (const id of [1, 2]) {
		const told = news();
		names.send(question({ id }));
		await told;
	}
	t.same(
		heard.map(({ port }) => port),
		[50_123, 50_123],
		"one socket for all repeats",
	);
	const second = sockets(t);
	const told = second.news();
	second.names.send(question({ id: 3 }));
	await told;
	t.not(heard[2]?.port, 50_123);
	t.same(decodeDns(heard[2]?.payload ?? Buffer.alloc(0)).id, 3);
	t.same([failures, second.failures], [[], []]);
});

t.test("what can't be asked is told, never thrown", async (t) => {
	const { names, failures, news } = sockets(t);
	const told = news();
	names.send(question({ from: "192.0.2.1" }));
	await told;
	t.equal(failures.length, 1);
	t.match(failures[0], /^lo: cannot ask from 192\.0\.2\.1: .*EADDRNOTAVAIL/);
	names.send(question({ from: "192.0.2.1" }));
	names.close();
	names.send(question());
	names.close();
});
