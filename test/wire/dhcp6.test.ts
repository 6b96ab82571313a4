import fc from "fast-check";
import t from "tap";
import {
	ADVERTISE,
	type Dhcp6Message,
	decodeDhcp6,
	REPLY,
} from "../../src/wire/dhcp6.ts";
import {
	clientId,
	dhcp6,
	dnsServers,
	domainList,
	iaAddress,
	iaNa,
	option6,
	relayed,
	serverId,
} from "./answers6.ts";
import { address, hex, join } from "./frames.ts";

const CLIENT = "00030001020000000001";
const SERVER = "000100012a3b4c5d020000000002";

/** A message of which nothing could be read. */
const NOTHING: Dhcp6Message = {
	type: 0,
	relays: 0,
	transaction: 0,
	associations: [],
	dns: [],
	domains: [],
	malformed: true,
};

const iaPd = option6(
	25,
	[9, 4],
	[100, 4],
	[200, 4],
	[26, 2],
	[25, 2],
	[300, 4],
	[400, 4],
	[56, 1],
	address("2001:db8:100::"),
);
const status = (code: number) => option6(13, [code, 2], Buffer.from("no"));

const full = dhcp6(
	ADVERTISE,
	clientId(CLIENT),
	serverId(SERVER),
	iaNa(7, 200, 250, iaAddress("2001:db8::7", 300, 0xffffffff), status(0)),
	option6(4, [8, 4], iaAddress("fe80::8", 1, 2)),
	iaPd,
	option6(7, [255, 1]),
	status(2),
	dnsServers("2001:db8::53", "fe80::53"),
	domainList("example.org", "example.net"),
	option6(999, hex("00112233")),
);

const FULL: Dhcp6Message = {
	type: 2,
	relays: 0,
	transaction: 0xabcdef,
	client: CLIENT,
	server: SERVER,
	preference: 255,
	status: 2,
	associations: [
		{
			type: "na",
			iaid: 7,
			t1: 200,
			t2: 250,
			leases: [{ address: "2001:db8::7", preferred: 300, valid: 4294967295 }],
			status: 0,
		},
		{
			type: "ta",
			iaid: 8,
			leases: [{ address: "fe80::8", preferred: 1, valid: 2 }],
		},
		{
			type: "pd",
			iaid: 9,
			t1: 100,
			t2: 200,
			leases: [
				{ address: "2001:db8:100::", bits: 56, preferred: 300, valid: 400 },
			],
		},
	],
	dns: ["2001:db8::53", "fe80::53"],
	domains: ["example.org", "example.net"],
	malformed: false,
};

t.test("every option that is read", async (t) => {
	t.strictSame(decodeDhcp6(full), FULL);
	t.strictSame(
		decodeDhcp6(dhcp6(REPLY)),
		{ ...NOTHING, type: 7, transaction: 0xabcdef, malformed: false },
		"none at all",
	);
});

t.test("a relay's reply is looked into, eight times", async (t) => {
	t.strictSame(decodeDhcp6(relayed(full)), { ...FULL, relays: 1 });
	let wrapped = full;
	for (let hops = 0; hops < 8; hops++) wrapped = relayed(wrapped, hops);
	t.strictSame(decodeDhcp6(wrapped), { ...FULL, relays: 8 });
	t.strictSame(decodeDhcp6(relayed(wrapped, 8)), {
		...NOTHING,
		type: 13,
		relays: 9,
	});
	t.strictSame(decodeDhcp6(relayed(full).subarray(0, 34)), {
		...NOTHING,
		type: 13,
		relays: 1,
	});
});

t.test("the first of an option that may come once", async (t) => {
	const twice = dhcp6(REPLY, serverId("0002aa"), serverId("0002bb"));
	t.match(decodeDhcp6(twice), { server: "0002aa", malformed: false });
	const lists = dhcp6(REPLY, dnsServers("fe80::1"), dnsServers("fe80::2"));
	t.same(decodeDhcp6(lists).dns, ["fe80::1", "fe80::2"], "lists go on");
});

t.test("malformed: what could be read and a flag", async (t) => {
	t.strictSame(decodeDhcp6(hex("")), NOTHING);
	t.strictSame(decodeDhcp6(hex("02 0102")), { ...NOTHING, type: 2 });
	const head = { ...NOTHING, type: 7, transaction: 0xabcdef };
	const cases: [string, Buffer, Partial<Dhcp6Message>][] = [
		["a length past the end", hex("0002 ffff 0003"), {}],
		["half an option", hex("0002 00"), {}],
		["an empty server id", option6(2), {}],
		[
			"a short address",
			option6(3, [1, 4], [2, 4], [3, 4], option6(5, [0, 4])),
			{
				associations: [{ type: "na", iaid: 1, t1: 2, t2: 3, leases: [] }],
			},
		],
		["a short association", option6(3, [1, 4]), {}],
		[
			"half a DNS server",
			option6(23, address("fe80::1"), [1, 4]),
			{
				dns: ["fe80::1"],
			},
		],
		["a compressed domain", option6(24, hex("c000")), {}],
		[
			"a long DUID",
			option6(2, Buffer.alloc(1000, 0xaa)),
			{
				server: "aa".repeat(130),
			},
		],
	];
	for (const [name, option, read] of cases)
		t.strictSame(
			decodeDhcp6(dhcp6(REPLY, option)),
			{ ...head, ...read, malformed: true },
			name,
		);
});

t.test("64 KB of options are bounded", async (t) => {
	const one = iaNa(1, 2, 3, iaAddress("fe80::1", 4, 5));
	const many = decodeDhcp6(
		dhcp6(REPLY, ...Array.from({ length: 1400 }, () => one)),
	);
	t.equal(many.associations.length, 64);
	const addresses = Array.from({ length: 2000 }, () =>
		iaAddress("fe80::1", 4, 5),
	);
	const big = decodeDhcp6(dhcp6(REPLY, iaNa(1, 2, 3, ...addresses)));
	t.equal(big.associations[0]?.leases.length, 64);
	const dns = Array.from({ length: 3000 }, () => dnsServers("fe80::1"));
	t.equal(decodeDhcp6(dhcp6(REPLY, ...dns)).dns.length, 16);
});

/** Bytes that look like options, nested, some with lengths that lie. */
const { options } = fc.letrec<{ options: Buffer; option: Buffer }>((tie) => ({
	options: fc
		.array(tie("option"), { maxLength: 5 })
		.map((list) => Buffer.concat(list)),
	option: fc
		.tuple(
			fc.constantFrom(1, 2, 3, 4, 5, 7, 9, 13, 23, 24, 25, 26, 500),
			fc.constantFrom(0, 0, 0, 1, -1, 60_000),
			fc.constantFrom(0, 4, 12, 24, 25),
			fc.oneof(
				{ maxDepth: 4 },
				fc.uint8Array({ maxLength: 40 }).map((b) => Buffer.from(b)),
				tie("options"),
			),
		)
		.map(([code, lie, ahead, body]) => {
			const length = Math.max(0, ahead + body.length + lie);
			return join([code, 2], [length & 0xffff, 2], Buffer.alloc(ahead), body);
		}),
}));

t.test("no bytes throw, and nothing is read past the end", async () => {
	const message = fc.oneof(
		fc.uint8Array({ maxLength: 1500 }).map((b) => Buffer.from(b)),
		options.map((b) => dhcp6(REPLY, b)),
		options.map((b) => relayed(relayed(dhcp6(ADVERTISE, b)))),
	);
	fc.assert(
		fc.property(message, fc.nat(), (bytes, at) => {
			const cut = bytes.subarray(0, at % (bytes.length + 1));
			const alone = decodeDhcp6(Uint8Array.from(cut));
			return JSON.stringify(decodeDhcp6(cut)) === JSON.stringify(alone);
		}),
		{ numRuns: 2000 },
	);
});
