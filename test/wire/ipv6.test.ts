import t from "tap";
import { Kind } from "../../src/wire/packet.ts";
import {
	authentication,
	decoded,
	ethernet,
	extension,
	fragment6,
	hex,
	ICMP6,
	IP6,
	ipv6,
	solicitation,
	TCP,
	tcp,
	UDP,
	udp,
} from "./frames.ts";

const ENDS = { from: "2001:db8::7", to: "2001:db8::1" };
const DATA = udp(4000, 53, Buffer.alloc(4));
const raw = (next: number, payload: Buffer, length?: number) =>
	decoded(
		ipv6(
			{ ...ENDS, next, ...(length === undefined ? {} : { length }) },
			payload,
		),
		101,
	);
const IS_UDP = {
	kind: Kind.Udp,
	protocol: 17,
	sport: 4000,
	dport: 53,
	length: 4,
};

t.test("the header's fields: zeek-ipv6-fragmented-dns.pcap", async (t) => {
	const question = hex(`
		d830 6248 c5b5 c42c 033b 6caa 86dd 6000
		0000 0051 1140 2001 0470 1f11 081f d138
		5f55 06d4 1fe2 2607 f740 000b 0000 0000
		0000 0000 0f93 ca8a 0035 0051 f95a 0f3f
		0100 0001 0000 0000 0001 0e74 7874 7061
		6464 696e 675f 3332 3302 6e31 086e 6574
		616c 797a 7204 6963 7369 0862 6572 6b65
		6c65 7903 6564 7500 0010 0001 0000 2910
		0000 0080 0000 00`);
	t.match(decoded(question), {
		kind: Kind.Udp,
		version: 6,
		source: "2001:470:1f11:81f:d138:5f55:6d4:1fe2",
		destination: "2607:f740:b::f93",
		s0: 0x20010470,
		s1: 0x1f11081f,
		s2: 0xd1385f55 | 0,
		s3: 0x06d41fe2,
		sport: 51850,
		dport: 53,
		ttl: 64,
		id: 0,
		df: false,
		length: 73,
		payload: 62,
		end: 135,
	});
});

t.test(
	"hop-by-hop and routing headers: zeek-ipv6-hbh-routing0.pcap",
	async (t) => {
		const frame = hex(`
		ffff ffff ffff 0000 0000 0000 86dd 6000
		0000 003b 0040 2001 04f8 0004 0007 02e0
		81ff fe52 ffff 2001 04f8 0004 0007 02e0
		81ff fe52 9a6b 2b00 0104 0000 0000 1104
		0002 0000 0000 2001 0078 0001 0032 0000
		0000 0000 0001 2001 0078 0001 0032 0000
		0000 0000 0002 0035 0035 000b 8631 5858 58`);
		t.match(decoded(frame), {
			kind: Kind.Udp,
			protocol: 17,
			ipOptions: true,
			toMany: true,
			sport: 53,
			dport: 53,
			length: 3,
			payload: 110,
			end: 113,
		});
	},
);

t.test("every header that is followed, and how far", async (t) => {
	const pad = hex("0104 0000 0000");
	for (const next of [0, 43, 60, 135, 139, 140])
		t.match(raw(next, extension(UDP, pad, DATA)), {
			...IS_UDP,
			ipOptions: next === 43,
		});
	t.match(raw(60, extension(UDP, Buffer.alloc(30), DATA)), IS_UDP, "32 bytes");
	t.match(
		raw(51, authentication(UDP, DATA)),
		IS_UDP,
		"RFC 4302 counts by four",
	);
	const nested = (depth: number): Buffer =>
		depth === 1
			? extension(UDP, pad, DATA)
			: extension(60, pad, nested(depth - 1));
	t.match(raw(60, nested(10)), IS_UDP, "ten headers");
	t.equal(raw(60, nested(11)).kind, Kind.Other, "eleven");
	t.match(raw(59, Buffer.alloc(0)), { kind: Kind.Ip, protocol: 59, length: 0 });
	t.match(raw(47, Buffer.alloc(4)), { kind: Kind.Ip, protocol: 47, length: 4 });
	t.equal(raw(1, Buffer.alloc(8)).kind, Kind.Other, "ICMP for IPv4");
});

t.test("lengths", async (t) => {
	t.match(raw(UDP, DATA, 0), IS_UDP, "0: a jumbogram or offload");
	t.match(raw(UDP, DATA, 10), { kind: Kind.Udp, length: 2, end: 50 });
	t.equal(raw(UDP, DATA, 7).kind, Kind.Other, "cuts UDP's header");
	const long = extension(UDP, Buffer.alloc(22), DATA);
	t.equal(raw(60, long, 20).kind, Kind.Other, "an extension beyond the end");
	t.equal(raw(60, long.subarray(0, 7), 7).kind, Kind.Other);
});

t.test("fragments", async (t) => {
	const segment = tcp({ sport: 5, dport: 22, flags: 2 });
	t.match(
		raw(44, fragment6(TCP, 0, true, 0xdeadbeef, segment.subarray(0, 8))),
		{
			kind: Kind.Fragment,
			protocol: 6,
			id: 0xdeadbeef | 0,
			moreFragments: true,
			fragmentOffset: 0,
			payload: 48,
			end: 56,
			length: 8,
			sport: 0,
		},
	);
	t.match(raw(44, fragment6(TCP, 8, false, 3, segment.subarray(8))), {
		kind: Kind.Fragment,
		moreFragments: false,
		fragmentOffset: 8,
		length: 12,
	});
	t.match(
		raw(44, fragment6(TCP, 0, false, 4, segment)),
		{ kind: Kind.Tcp, protocol: 6, dport: 22, id: 4, moreFragments: false },
		"atomic, RFC 6946",
	);
	const behind = extension(
		44,
		Buffer.alloc(6),
		fragment6(UDP, 0, true, 5, DATA),
	);
	t.match(raw(0, behind), { kind: Kind.Fragment, protocol: 17, length: 12 });
	t.equal(raw(44, Buffer.alloc(7)).kind, Kind.Other, "7 of 8 bytes");
});

t.test("neighbour discovery", async (t) => {
	const frame = hex(`
		3333 fff5 0000 c200 54f5 0000 86dd 6e00
		0000 0018 3aff 0000 0000 0000 0000 0000
		0000 0000 0000 ff02 0000 0000 0000 0000
		0001 fff5 0000 8700 673c 0000 0000 fe80
		0000 0000 0000 c000 54ff fef5 0000`);
	t.match(decoded(frame), {
		kind: Kind.Icmp6,
		source: "::",
		destination: "ff02::1:fff5:0",
		sport: 135,
		dport: 0,
		ttl: 255,
		toMany: true,
		length: 16,
		payload: 62,
		end: 78,
	});
	const asked = ipv6({ ...ENDS, next: ICMP6 }, solicitation("2001:db8::1"));
	t.match(decoded(ethernet(IP6, asked)), {
		kind: Kind.Icmp6,
		sport: 135,
		length: 24,
		toMany: false,
	});
});
