/** Which segments are probes, and which are not. */
import t from "tap";
import { A, F, ICMP, icmp, P, R, S, STACK, U } from "../wire/frames.ts";
import {
	accepts,
	connect,
	datagram,
	EVIL,
	HOST,
	nmap,
	packet,
	rings,
	type Sent,
	segment,
	type Timed,
} from "./drive.ts";

const answer = (sent: Sent) => ({
	from: HOST,
	to: EVIL,
	dport: 40_000,
	...sent,
});

t.test("what no stack sends rings wherever it goes", async (t) => {
	const crafted = (flags: number, sent: Sent = {}) =>
		segment({ flags, window: 1024, df: false, ...sent, dport: 8080 });
	const table: [technique: string, Buffer][] = [
		["syn", nmap(8080)],
		["fin", crafted(F)],
		["null", crafted(0)],
		["xmas", crafted(F | P | U)],
		["odd", crafted(S | F)],
		["odd", crafted(P | U)],
		["ack", crafted(A)],
		["maimon", crafted(F | A)],
		["syn-ack", crafted(S | A)],
		["udp", datagram(8080, { data: 0 })],
	];
	for (const [technique, frame] of table)
		rings(
			t,
			technique,
			[[0, frame]],
			[`4 probe ${technique} ${EVIL} ${HOST} 8080`],
		);
	rings(
		t,
		"ip-proto",
		[[0, packet({}, 200, Buffer.alloc(0))]],
		[`4 probe ip-proto ${EVIL} ${HOST} 200`],
	);
});

t.test("what a stack may send doesn't", async (t) => {
	const quiet: [name: string, Buffer][] = [
		["a late ACK", segment({ flags: A, dport: 8080 })],
		["data", segment({ flags: P | A, dport: 8080, data: 10, df: false })],
		["a late FIN", segment({ flags: F | A, dport: 8080 })],
		["a reset", segment({ flags: R, dport: 8080, window: 0, df: false })],
		["backscatter", segment({ flags: S | A, sport: 80, options: STACK })],
		["backscatter, refused", segment({ flags: R | A, sport: 80, window: 0 })],
		["a question to a service", datagram(8080)],
		["a late answer", datagram(50_000, { sport: 53 })],
		["ESP", packet({}, 50, Buffer.alloc(40))],
		["an echo's answer", packet({}, ICMP, icmp(0, 0, Buffer.alloc(8)))],
	];
	for (const [name, frame] of quiet) rings(t, name, [[0, frame]], []);
});

t.test("half-open handshakes", async (t) => {
	const [port, sport] = [80, 50_000];
	const served: Timed[] = [
		[0, connect(port)],
		[1, accepts(port)],
		[2, segment({ flags: A, dport: port })],
	];
	const half = (syn: Buffer, flags: number): Timed[] => [
		...served,
		[100, syn],
		[
			101,
			segment(
				answer({ flags: S | A, sport: port, dport: sport, options: STACK }),
			),
		],
		[102, segment({ flags, sport, dport: port, window: 0, df: false })],
	];
	const at80 = `probe syn ${EVIL} ${HOST} 80`;
	rings(t, "crafted", half(nmap(port, { sport }), R), [`106 ${at80}`]);
	rings(t, "a stack's", half(connect(port, { sport }), R), []);
	rings(t, "crafted, closed in order", half(nmap(port, { sport }), R | A), []);
	rings(
		t,
		"on a port not known to be served",
		half(nmap(port, { sport }), R).slice(3),
		[`602 ${at80}`],
	);
	const unanswered = half(nmap(port, { sport }), R).filter(
		([ms]) => ms !== 101,
	);
	rings(t, "a SYN and a reset, unanswered", unanswered, []);
});
