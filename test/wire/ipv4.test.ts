import t from "tap";
import { Kind } from "../../src/wire/packet.ts";
import {
	decoded,
	ethernet,
	hex,
	ICMP6,
	IP4,
	ipv4,
	ipv6,
	STACK,
	TCP,
	tcp,
	UDP,
	udp,
	type V4,
} from "./frames.ts";

const ENDS = { from: "192.0.2.7", to: "192.0.2.1" };
const DATA = udp(4000, 53, Buffer.alloc(4));
const raw = (header: Partial<V4>, payload = DATA) =>
	decoded(ipv4({ ...ENDS, protocol: UDP, ...header }, payload), 101);

t.test("the header's fields", async (t) => {
	t.match(raw({ id: 0xfedc, df: true, ttl: 255 }), {
		kind: Kind.Udp,
		version: 4,
		protocol: 17,
		id: 0xfedc,
		df: true,
		ttl: 255,
		ipOptions: false,
		moreFragments: false,
		fragmentOffset: 0,
		s0: 0,
		s1: 0,
		s2: 0xffff,
		s3: 0xc0000207 | 0,
		d2: 0xffff,
		d3: 0xc0000201 | 0,
		payload: 28,
		end: 32,
		length: 4,
	});
	t.match(raw({ id: 0, ttl: 0 }), { id: 0, df: false, ttl: 0 });
});

t.test(
	"options move the payload: a record route, RFC 791 section 3.1",
	async (t) => {
		t.match(raw({ options: `0703 04${"00".repeat(36)} 00` }), {
			kind: Kind.Udp,
			ipOptions: true,
			payload: 68,
			dport: 53,
			length: 4,
		});
	},
);

t.test("total length", async (t) => {
	const whole = { kind: Kind.Udp, length: 4 };
	t.match(raw({ total: 0 }), whole, "0 comes from offload: all there is");
	t.match(raw({ total: 36 }), { kind: Kind.Udp, length: 8, end: 32 });
	t.match(raw({ total: 30 }), { kind: Kind.Udp, length: 2, end: 30 });
	t.match(raw({ total: 27 }), { kind: Kind.Other }, "cuts UDP's header");
	t.match(raw({ total: 19 }), { kind: Kind.Other }, "less than the header");
});

t.test("broken headers", async (t) => {
	const good = ipv4({ ...ENDS, protocol: UDP }, DATA);
	for (const first of [0x44, 0x35, 0x65, 0x05, 0x4f]) {
		const bad = Buffer.from(good);
		bad[0] = first;
		t.equal(decoded(ethernet(IP4, bad)).kind, Kind.Other, first.toString(16));
	}
	const wrong = ipv4({ ...ENDS, protocol: ICMP6 }, DATA);
	t.equal(decoded(wrong, 101).kind, Kind.Other, "ICMPv6 in IPv4");
	const six = ipv6({ from: "::1", to: "::1", next: UDP }, DATA);
	t.equal(decoded(ethernet(IP4, six)).kind, Kind.Other, "IPv6 as IPv4");
});

t.test("to many: multicast and limited broadcast", async (t) => {
	for (const [to, many] of [
		["224.0.0.0", true],
		["239.255.255.255", true],
		["255.255.255.255", true],
		["223.255.255.255", false],
		["240.0.0.1", false],
		["192.0.2.255", false],
	] as const)
		t.equal(raw({ to }).toMany, many, to);
});

t.test("fragments: zeek-ipv4_fragmented-syn.pcap", async (t) => {
	const first = hex(`
		1e0b 8b14 f6f9 98ee cbbd 07fe 0800 4500
		002c 0001 2000 4006 8eba c0a8 0164 0a00
		0005 3039 0050 0000 03e8 0000 0000 a002
		2000 c573 0000 0204 05b4`);
	const common = {
		kind: Kind.Fragment,
		protocol: 6,
		id: 1,
		source: "192.168.1.100",
		destination: "10.0.0.5",
		sport: 0,
		dport: 0,
		payload: 34,
	};
	t.match(decoded(first), {
		...common,
		moreFragments: true,
		fragmentOffset: 0,
		length: 24,
		end: 58,
	});
	const second = hex(`
		1e0b 8b14 f6f9 98ee cbbd 07fe 0800 4500
		0024 0001 0003 4006 aebf c0a8 0164 0a00
		0005 0402 080a 00bc 614e 0000 0000 0103 0307`);
	t.match(decoded(second), {
		...common,
		moreFragments: false,
		fragmentOffset: 24,
		length: 16,
		end: 50,
	});
	const last = ipv4({ ...ENDS, protocol: TCP, offset: 65_528 }, DATA);
	t.equal(decoded(last, 101).fragmentOffset, 65_528, "ping of death");
});

t.test(
	"a snapshot's length is what the header says, not what was kept",
	async (t) => {
		const segment = tcp(
			{ sport: 1, dport: 2, flags: 2, options: STACK },
			Buffer.alloc(1000),
		);
		const frame = ethernet(IP4, ipv4({ ...ENDS, protocol: TCP }, segment));
		t.match(decoded(frame, 1, 14 + 20 + 40), {
			kind: Kind.Tcp,
			options: 15,
			length: 1000,
			payload: 74,
			end: 74,
		});
		t.match(decoded(frame, 1, 14 + 20 + 24), {
			options: 1,
			payload: 58,
			end: 58,
		});
		t.match(decoded(frame, 1, 14 + 20 + 19), { kind: Kind.Other });
	},
);
