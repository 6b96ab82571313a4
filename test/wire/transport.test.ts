import t from "tap";
import { Kind } from "../../src/wire/packet.ts";
import {
	decoded,
	ICMP,
	icmp,
	ipv4,
	MSS,
	SCTP,
	STACK,
	STAMPS,
	sctp,
	TCP,
	tcp,
	UDP,
	udp,
} from "./frames.ts";

const carried = (protocol: number, payload: Buffer) =>
	decoded(ipv4({ from: "192.0.2.7", to: "192.0.2.1", protocol }, payload), 101);
const segment = (flags: number, options: string, data = 0) =>
	carried(
		TCP,
		tcp({ sport: 1, dport: 65535, flags, options }, Buffer.alloc(data)),
	);

t.test("TCP", async (t) => {
	const whole = tcp(
		{ sport: 40000, dport: 22, flags: 0x3f, seq: 0xffffffff, ack: 0x80000000 },
		Buffer.alloc(5),
	);
	t.match(carried(TCP, whole), {
		kind: Kind.Tcp,
		sport: 40000,
		dport: 22,
		seq: -1,
		ack: -(2 ** 31),
		flags: 0x3f,
		window: 64240,
		options: 0,
		length: 5,
		payload: 40,
		end: 45,
	});
	t.equal(segment(0xc2, STACK).flags, 2, "ECN's flags are no flags (RFC 3168)");
	for (const [offset, kind] of [
		[0x40, Kind.Other],
		[0x50, Kind.Tcp],
		[0x60, Kind.Other],
		[0xf0, Kind.Other],
	] as const) {
		const bad = tcp({ sport: 1, dport: 2, flags: 2 });
		bad[12] = offset;
		t.equal(carried(TCP, bad).kind, kind, `data offset ${offset >> 4}`);
	}
});

t.test("TCP options of a SYN, and that of no other segment", async (t) => {
	for (const [options, bits] of [
		["", 0],
		[MSS, 1],
		["03030701", 2],
		["04020101", 4],
		["0101080a0000000100000000", 8],
		[STACK, 15],
		["01010101", 0],
		["00020405b4000000", 0],
		// a length that leads nowhere ends it; one that leads too far too
		["0204 05b4 0800 0402", 1],
		["0204 05b4 0801 0402", 1],
		["0204 05b4 08ff 0402", 9],
		["020405b4 01010108", 1],
		// RFC 7413's cookie, RFC 2385's digest: passed over
		["2206 0102 0304 0402", 4],
	] as const) {
		t.equal(segment(2, options).options, bits, `SYN ${options}`);
		t.equal(segment(0x12, options, 9).options, bits, `SYN|ACK ${options}`);
	}
	t.equal(segment(0x10, "").options, 0);
	t.equal(segment(0x10, STAMPS).options, -1);
	t.equal(segment(0x01, MSS).options, -1);
});

t.test("UDP", async (t) => {
	t.match(carried(UDP, udp(65535, 0, Buffer.alloc(0))), {
		kind: Kind.Udp,
		sport: 65535,
		dport: 0,
		length: 0,
		payload: 28,
		end: 28,
	});
	t.equal(carried(UDP, Buffer.alloc(7)).kind, Kind.Other);
});

t.test("SCTP: RFC 9260's chunk types", async (t) => {
	t.match(carried(SCTP, sctp(1000, 36412, 1)), {
		kind: Kind.Sctp,
		sport: 1000,
		dport: 36412,
		chunk: 1,
		length: 4,
	});
	t.equal(carried(SCTP, sctp(1, 2, 6)).chunk, 6);
	const bare = sctp(1, 2, 1).subarray(0, 12);
	t.match(carried(SCTP, bare), { kind: Kind.Sctp, chunk: -1, length: 0 });
	t.equal(carried(SCTP, bare.subarray(0, 11)).kind, Kind.Other);
});

t.test("ICMP", async (t) => {
	t.match(carried(ICMP, icmp(3, 13, Buffer.alloc(28))), {
		kind: Kind.Icmp4,
		sport: 3,
		dport: 13,
		length: 28,
		payload: 28,
	});
	t.equal(carried(ICMP, Buffer.alloc(7)).kind, Kind.Other);
});

t.test("anything else", async (t) => {
	for (const protocol of [0, 2, 47, 50, 89, 255])
		t.match(carried(protocol, Buffer.alloc(3)), {
			kind: Kind.Ip,
			protocol,
			length: 3,
			sport: 0,
			dport: 0,
		});
	t.match(
		carried(4, Buffer.alloc(0)),
		{ kind: Kind.Ip, length: 0 },
		"nmap -sO",
	);
});
