/** What the builder writes, the decoders read, on every link. */
import fc from "fast-check";
import t from "tap";
import { formatAddress } from "../../src/wire/address.ts";
import { Kind } from "../../src/wire/packet.ts";
import {
	decoded,
	ethernet,
	extension,
	ICMP,
	ICMP6,
	IP4,
	IP6,
	icmp,
	ip,
	ipv4,
	ipv6,
	MSS,
	onLink,
	SCTP,
	STACK,
	sctp,
	TCP,
	tcp,
	UDP,
	udp,
} from "./frames.ts";

const LINKS = [0, 1, 12, 14, 101, 108, 113, 228, 229, 276];

const u8 = fc.nat(0xff);
const u16 = fc.nat(0xffff);
const u32 = fc.nat(0xffffffff);
const word = u32.map((n) => n | 0);
const v4 = word.map((w) => formatAddress(0, 0, 0xffff, w));
/** 2000::/3, so that none is mapped IPv4 or multicast. */
const v6 = fc
	.tuple(fc.nat(0x1fffffff), word, word, word)
	.map(([w0, w1, w2, w3]) => formatAddress(0x20000000 | w0, w1, w2, w3));
const ends = fc.oneof(
	fc.record({ from: v4, to: v4, ttl: u8 }),
	fc.record({ from: v6, to: v6, ttl: u8 }),
);
const data = fc.nat(64).map((size) => Buffer.alloc(size, 0xee));

/** A payload and what it is to be decoded to; `six` as ICMP differs. */
interface Carried {
	protocol: (six: boolean) => number;
	bytes: Buffer;
	is: (six: boolean) => object;
}

const anyTcp = fc
	.record({
		sport: u16,
		dport: u16,
		seq: u32,
		ack: u32,
		flags: fc.nat(0x3f),
		window: u16,
		options: fc.constantFrom("", MSS, STACK),
		data,
	})
	.map(({ data, ...s }): Carried => {
		const bits = s.options === STACK ? 15 : s.options === MSS ? 1 : 0;
		const options = bits > 0 && (s.flags & 2) === 0 ? -1 : bits;
		const words = { seq: s.seq | 0, ack: s.ack | 0 };
		const is = { ...s, ...words, kind: Kind.Tcp, options, length: data.length };
		return { protocol: () => TCP, bytes: tcp(s, data), is: () => is };
	});

const anyUdp = fc
	.record({ sport: u16, dport: u16, data })
	.map(({ sport, dport, data }): Carried => {
		const is = { kind: Kind.Udp, sport, dport, length: data.length };
		return {
			protocol: () => UDP,
			bytes: udp(sport, dport, data),
			is: () => is,
		};
	});

const anySctp = fc
	.record({ sport: u16, dport: u16, chunk: u8 })
	.map(({ sport, dport, chunk }): Carried => {
		const is = { kind: Kind.Sctp, sport, dport, chunk, length: 4 };
		const bytes = sctp(sport, dport, chunk);
		return { protocol: () => SCTP, bytes, is: () => is };
	});

const anyIcmp = fc
	.record({ type: u8, code: u8, data })
	.map(({ type, code, data }): Carried => {
		const is = { sport: type, dport: code, length: data.length };
		return {
			protocol: (six) => (six ? ICMP6 : ICMP),
			bytes: icmp(type, code, data),
			is: (six) => ({ ...is, kind: six ? Kind.Icmp6 : Kind.Icmp4 }),
		};
	});

const carried = fc.oneof(anyTcp, anyUdp, anySctp, anyIcmp);

t.test("every transport over every link", async (t) => {
	fc.assert(
		fc.property(ends, carried, fc.constantFrom(...LINKS), (e, c, link) => {
			const six = e.from.includes(":");
			const packet = ip(e, c.protocol(six), c.bytes);
			const p = decoded(onLink(link, packet), link);
			t.match(p, {
				...c.is(six),
				version: six ? 6 : 4,
				protocol: c.protocol(six),
				source: e.from,
				destination: e.to,
				ttl: e.ttl,
				mac: [1, 113, 276].includes(link) ? "02:00:00:00:00:02" : undefined,
			});
		}),
		{ numRuns: 500 },
	);
});

t.test("tags, options and extension headers change nothing else", async (t) => {
	const tag = fc.tuple(fc.constantFrom(0x8100, 0x88a8, 0x9100), u16);
	const tags = fc.array(tag, { maxLength: 4 });
	const option = fc.constantFrom("", "01010101", "44080500 00000000");
	const header = fc.constantFrom(0, 43, 60, 135, 139, 140);
	const chain = fc.array(fc.tuple(header, fc.nat(40)), { maxLength: 10 });
	fc.assert(
		fc.property(
			ends,
			carried,
			tags,
			option,
			chain,
			(e, c, tags, options, chain) => {
				const six = e.from.includes(":");
				const protocol = c.protocol(six);
				let [next, bytes] = [protocol, c.bytes];
				for (const [kind, size] of chain) {
					bytes = extension(next, Buffer.alloc(size), bytes);
					next = kind;
				}
				const frame = six
					? ethernet(IP6, ipv6({ ...e, next }, bytes), { tags })
					: ethernet(IP4, ipv4({ ...e, protocol, options }, c.bytes), { tags });
				t.match(decoded(frame), {
					...c.is(six),
					vlan: tags[0] ? tags[0][1] & 0xfff : -1,
					protocol,
					ipOptions: six ? chain.some(([kind]) => kind === 43) : options !== "",
				});
			},
		),
		{ numRuns: 500 },
	);
});
