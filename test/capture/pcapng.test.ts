import t from "tap";
import { block, enhanced, iface, pack, read, section } from "./build.ts";

const NOW = 1700000000123456n;
const TIME = 1700000000123.456;
const join = (...parts: Buffer[]) => Buffer.concat(parts);

t.test(
	"interfaces of several link types, unknown blocks between",
	async (t) => {
		const capture = join(
			section(),
			block(0xbad, Buffer.from("whatever")),
			iface(1),
			iface(276),
			enhanced(1, NOW, "aabbcc", 1500),
			block(5, Buffer.alloc(40)),
			enhanced(0, NOW, "", 0, true, Buffer.from("0100040061626364", "hex")),
		);
		t.same(read(capture), {
			told: [
				{ data: "aabbcc", length: 1500, time: TIME, linktype: 276, iface: 1 },
				{ data: "", length: 0, time: TIME, linktype: 1, iface: 0 },
			],
			verdict: undefined,
		});
	},
);

t.test(
	"sections in either byte order number their interfaces on",
	async (t) => {
		const capture = join(
			section(true),
			iface(1),
			enhanced(0, NOW, "01"),
			section(false, 2),
			iface(113, [], 0, false),
			iface(101, [], 0, false),
			enhanced(0, NOW, "02", 1, false),
			enhanced(1, NOW, "03", 1, false),
			section(true),
			iface(0),
			enhanced(0, NOW, "04"),
		);
		t.same(
			read(capture).told.map(({ data, linktype, iface }) => [
				data,
				linktype,
				iface,
			]),
			[
				["01", 1, 0],
				["02", 113, 1],
				["03", 101, 2],
				["04", 0, 3],
			],
		);
	},
);

t.test("clocks: if_tsresol and if_tsoffset", async (t) => {
	const capture = join(
		section(),
		iface(1, [
			[2, "65746830"],
			[9, "09"],
		]),
		iface(1, [
			[14, "00f1536500000000"],
			[9, "83"],
			[0, ""],
			[9, "00"],
		]),
		enhanced(0, NOW * 1000n, ""),
		enhanced(1, 12n, ""),
	);
	t.match(read(capture).told, [{ time: TIME }, { time: 1700000001500 }]);
});

t.test("options that overrun the block are left", async (t) => {
	const overrun = Buffer.from("01000000000000000900ff0009000000", "hex");
	const capture = join(section(), block(1, overrun), enhanced(0, NOW, ""));
	t.match(read(capture), { told: [{ time: TIME }], verdict: undefined });
});

t.test("simple packets are cut at the snapshot length", async (t) => {
	const simple = (length: number, data: string) =>
		block(3, join(pack(true, [32, length]), Buffer.from(data, "hex")));
	const capture = join(section(), iface(1, [], 4), simple(3, "010203"));
	t.same(read(join(capture, simple(900, "0a0b0c0d"))), {
		told: [
			{ data: "010203", length: 3, time: 0, linktype: 1, iface: 0 },
			{ data: "0a0b0c0d", length: 900, time: 0, linktype: 1, iface: 0 },
		],
		verdict: undefined,
	});
	t.match(
		read(join(section(), iface(1), simple(9, "01"))).verdict,
		/byte 48: a record claims 9 bytes in a block with room for 4/,
	);
});

t.test("obsolete packets: a short interface, then drops", async (t) => {
	const head = pack(
		true,
		[16, 1],
		[16, 0xffff],
		[32, Number(NOW >> 32n)],
		[32, Number(NOW & 0xffffffffn)],
		[32, 2],
		[32, 70],
	);
	const old = block(2, join(head, Buffer.from("abcd", "hex")));
	t.same(read(join(section(), iface(1), iface(113), old)).told, [
		{ data: "abcd", length: 70, time: TIME, linktype: 113, iface: 1 },
	]);
});

t.test("a block larger than any buffer is skipped", async (t) => {
	const large = block(0xbad, Buffer.alloc(5 << 20, 6));
	const options = Buffer.alloc(3 << 20, 1);
	const capture = join(
		section(),
		iface(1),
		large,
		enhanced(0, NOW, "01", 1, true, options),
		enhanced(0, NOW, "02"),
	);
	t.match(read(capture), {
		told: [{ data: "01" }, { data: "02" }],
		verdict: undefined,
	});
	t.match(read(capture.subarray(0, 3 << 20)).verdict, /^is cut off inside/);
});

t.test("what is wrong is told with its byte", async (t) => {
	const head = join(section(), iface(1), enhanced(0, NOW, "01")); // 28 + 20 + 36
	const block84 = (...fields: [8 | 16 | 32, number][]) =>
		join(head, pack(true, ...fields), Buffer.alloc(64));
	const differ = join(head, enhanced(0, NOW, "02"));
	differ.writeUInt32LE(40, 116);
	const packet = (total: number, captured: number): [32, number][] => [
		[32, 6],
		[32, total],
		[32, 0],
		[32, 0],
		[32, 0],
		[32, captured],
		[32, captured],
	];
	const cases: [Buffer, string][] = [
		[block84([32, 5], [32, 0]), "84: a block claims a length of 0 bytes"],
		[block84([32, 5], [32, 13]), "84: a block claims a length of 13 bytes"],
		[differ, "116: a block claims 36 bytes at its head and 40 at its end"],
		[
			join(head, enhanced(3, NOW, "02")),
			"84: a record is of interface 3, which isn't described",
		],
		[
			join(section(), enhanced(0, NOW, "02")),
			"28: a record is of interface 0, which isn't described",
		],
		[
			block84(...packet(40, 9)),
			"84: a record claims 9 bytes in a block with room for 8",
		],
		[
			block84(...packet(12, 0)),
			"84: a record claims 0 bytes in a block with room for 0",
		],
		[
			block84(...packet(0xfffffff0, 262145)),
			"84: a record claims 262145 bytes, more than 262144",
		],
		[
			block84([32, 1], [32, 0x7ffffffc]),
			"84: an interface's description claims 2147483644 bytes",
		],
		[
			block84([32, 0x0a0d0d0a], [32, 28], [32, 0x11223344]),
			"84: a section's byte-order magic is wrong",
		],
		[
			join(head, section(true, 1)),
			"84: a section is of pcapng version 1.1, and only 1.0 is known",
		],
	];
	for (const [capture, what] of cases) {
		const { verdict } = read(capture);
		t.equal(verdict?.split("; ")[0], `can't be read beyond byte ${what}`);
		t.equal(read(capture, [1]).verdict, verdict, "byte by byte too");
	}
});

t.test("a section's interfaces are bounded", async (t) => {
	const many = Array<Buffer>(65_537).fill(iface(1));
	t.match(read(join(section(), ...many)).verdict, /more than 65536 interfaces/);
	t.equal(read(join(section(), ...many.slice(1))).verdict, undefined);
});
