/** Link layers; the frames in hex are the first ones of public captures in ../shared/traces/protocols. */
import t from "tap";
import { isKnownLink } from "../../src/wire/link.ts";
import { Kind } from "../../src/wire/packet.ts";
import {
	ARP,
	cooked,
	cooked2,
	decoded,
	ethernet,
	hex,
	IP4,
	IP6,
	ipv4,
	ipv6,
	join,
	loopback,
	number,
	PPPOE,
	pppoe,
	snap,
	UDP,
	udp,
} from "./frames.ts";

const TO = "192.0.2.1";
const V4 = ipv4(
	{ from: "192.0.2.7", to: TO, protocol: UDP, id: 9 },
	udp(4000, 161, Buffer.alloc(3)),
);
const V6 = ipv6(
	{ from: "2001:db8::7", to: "2001:db8::1", next: UDP },
	udp(4000, 161, Buffer.alloc(3)),
);
const IS_V4 = {
	kind: Kind.Udp,
	version: 4,
	source: "192.0.2.7",
	destination: TO,
	sport: 4000,
	dport: 161,
	length: 3,
};
const IS_V6 = {
	...IS_V4,
	version: 6,
	source: "2001:db8::7",
	destination: "2001:db8::1",
};
const NO_LINK = { mac: undefined, toMac: undefined, vlan: -1, toMany: false };

t.test("Ethernet", async (t) => {
	const frame = ethernet(IP4, V4);
	t.match(decoded(frame), {
		...IS_V4,
		mac: "02:00:00:00:00:02",
		toMac: "02:00:00:00:00:01",
		vlan: -1,
		toMany: false,
		payload: 14 + 20 + 8,
		end: 14 + 20 + 8 + 3,
	});
	t.match(decoded(ethernet(IP6, V6)), IS_V6);
	const padded = join(frame, Buffer.alloc(15));
	t.match(decoded(padded), { ...IS_V4, end: 45 }, "padding is not payload");
	const group = ethernet(IP4, V4, { to: "01:00:5e:00:00:01" });
	t.equal(decoded(group).toMany, true, "I/G bit");
	t.equal(decoded(ethernet(0x88cc, V4)).kind, Kind.Other, "LLDP");
});

t.test("802.1Q, 802.1ad, PPPoE", async (t) => {
	const vlan = hex(`
		0010 db88 d2ef c8bc c896 d2a0 8100 b000
		0800 4500 0040 df8e 4000 4006 6dd3 8d8e
		e405 c096 bb2b e9d0 0050 fe21 323a 0000
		0000 b002 ffff 3bc0 0000 0204 05b4 0103
		0304 0101 080a 164a dd20 0000 0000 0402 0000`);
	const syn = {
		kind: Kind.Tcp,
		source: "141.142.228.5",
		destination: "192.150.187.43",
		sport: 59856,
		dport: 80,
		seq: 0xfe21323a | 0,
		flags: 2,
		window: 65535,
		options: 15,
		id: 0xdf8e,
		df: true,
		ttl: 64,
		length: 0,
	};
	t.match(decoded(vlan), { ...syn, vlan: 0, mac: "c8:bc:c8:96:d2:a0" });
	const double = join(
		vlan.subarray(0, 16),
		hex("8100 b000"),
		vlan.subarray(16),
	);
	t.match(decoded(double), { ...syn, vlan: 0 });
	const qinq = hex(`
		0000 0000 0001 0000 0000 0000 8100 0e78
		8100 09aa 8864 1100 0f07 0042 0021 4500
		0040 0000 4000 3f06 35b3 0101 0101 0202
		0202 4faa 01bb d7a8 4155 0000 0000 b002
		ffff eced 0000 0204 05a0 0103 0306 0101
		080a 012d d88c 0000 0000 0402 0000`);
	t.match(decoded(qinq), {
		kind: Kind.Tcp,
		vlan: 3704,
		mac: undefined,
		toMac: "00:00:00:00:00:01",
		source: "1.1.1.1",
		destination: "2.2.2.2",
		sport: 20394,
		dport: 443,
		seq: 0xd7a84155 | 0,
		ttl: 63,
		options: 15,
	});
	t.match(decoded(ethernet(PPPOE, pppoe(0x57, V6))), IS_V6);
	t.equal(decoded(ethernet(PPPOE, pppoe(0xc021, V4))).kind, Kind.Other, "LCP");
	const tag = [0x88a8, 0x0123] as const;
	t.match(decoded(ethernet(IP4, V4, { tags: [tag, [0x8100, 7]] })), {
		...IS_V4,
		vlan: 0x123,
	});
	const four = ethernet(IP4, V4, { tags: [tag, tag, tag, tag] });
	t.equal(decoded(four).kind, Kind.Udp, "four tags");
	const five = ethernet(IP4, V4, { tags: [tag, tag, tag, tag, tag] });
	t.equal(decoded(five).kind, Kind.Other, "five tags");
});

t.test("802.3 with LLC and SNAP", async (t) => {
	t.match(decoded(snap(IP4, V4)), IS_V4);
	t.match(decoded(snap(IP6, V6)), IS_V6);
	const other = ethernet(43, join(hex("424203"), V4));
	t.equal(decoded(other).kind, Kind.Other, "spanning tree's LLC");
	const vendor = ethernet(40, join(hex("aaaa03 00000c 0800"), V4));
	t.equal(decoded(vendor).kind, Kind.Other, "SNAP of a vendor");
});

t.test("Linux cooked capture, version 1", async (t) => {
	const question = hex(`
		0001 0001 0006 cc2d e026 1999 0000 0806
		0001 0800 0604 0001 cc2d e026 1999 c0a8
		1601 0000 0000 0000 c0a8 16a0 0000 0000
		0000 0000 0000 0000 0000 0000 0000`);
	t.match(decoded(question, 113), {
		kind: Kind.Arp,
		toMany: true,
		mac: "cc:2d:e0:26:19:99",
		toMac: undefined,
		source: "192.168.22.1",
		destination: "192.168.22.160",
		sport: 1,
	});
	t.match(decoded(cooked(IP6, V6), 113), { ...IS_V6, toMany: false });
	t.equal(decoded(cooked(IP4, V4, { packetType: 2 }), 113).toMany, true);
	t.equal(decoded(cooked(IP4, V4, { packetType: 4 }), 113).toMany, false);
	// a tunnel has no address, a VLAN tag may follow
	const tunnel = join([0, 2], [65534, 2], Buffer.alloc(10), [0x8100, 2]);
	t.match(decoded(join(tunnel, [5, 2], [IP4, 2], V4), 113), {
		...IS_V4,
		vlan: 5,
		mac: undefined,
	});
});

t.test("Linux cooked capture, version 2", async (t) => {
	const echo = hex(`
		0800 0000 0000 0001 0304 0006 0000 0000
		0000 0000 4500 0054 af8c 4000 4001 071a
		c000 0201 c000 0201 0800 66b4 0008 0001
		e9bd f962 0000 0000 e24e 0d00 0000 0000
		1011 1213 1415 1617 1819 1a1b 1c1d 1e1f
		2021 2223 2425 2627 2829 2a2b 2c2d 2e2f
		3031 3233 3435 3637`);
	t.match(decoded(echo, 276), {
		kind: Kind.Icmp4,
		...NO_LINK,
		source: TO,
		destination: TO,
		sport: 8,
		dport: 0,
		length: 56,
	});
	const syn = hex(`
		0800 0000 0000 0002 0001 0406 aa76 3071
		b0e7 0000 4500 003c 45a9 4000 4006 70b0
		c0a8 01fd c0a8 0115 dc9e 0050 8b0b 4393
		0000 0000 a002 faf0 d70c 0000 0204 05b4
		0402 080a c5be 8053 0000 0000 0103 0307`);
	t.match(decoded(syn, 276), {
		kind: Kind.Tcp,
		mac: "aa:76:30:71:b0:e7",
		source: "192.168.1.253",
		sport: 56478,
		flags: 2,
		options: 15,
		window: 64240,
	});
	t.equal(decoded(cooked2(IP4, V4, { packetType: 1 }), 276).toMany, true);
	t.match(decoded(cooked2(IP6, V6), 276), IS_V6);
});

t.test("raw IP and loopback", async (t) => {
	for (const linktype of [12, 14, 101, 228, 229]) {
		t.match(decoded(V4, linktype), { ...IS_V4, ...NO_LINK });
		t.match(decoded(V6, linktype), { ...IS_V6, ...NO_LINK });
	}
	for (const [linktype, bigEndian] of [
		[0, false],
		[0, true],
		[108, true],
	] as const) {
		t.match(decoded(loopback(V4, bigEndian), linktype), IS_V4);
		t.match(decoded(loopback(V6, bigEndian), linktype), IS_V6);
	}
	t.equal(decoded(number(0x50, 1), 101).kind, Kind.Other, "IP version 5");
});

t.test("every link that is claimed to be known is, and no other", async (t) => {
	for (let linktype = 0; linktype < 400; linktype++) {
		const frames = [
			...[ethernet(IP4, V4), cooked(IP4, V4), cooked2(IP4, V4)],
			...[loopback(V4), V4],
		];
		const works = frames.some((f) => decoded(f, linktype).kind === Kind.Udp);
		t.equal(isKnownLink(linktype), works, `${linktype}`);
	}
	t.equal(decoded(ethernet(ARP, V4), 105).kind, Kind.Other, "802.11");
});
