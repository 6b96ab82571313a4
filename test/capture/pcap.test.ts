import t from "tap";
import { walkRecords } from "../../src/capture/pcap.ts";
import { pcapHeader, pcapRecord, read, recorder } from "./build.ts";

t.test("a capture byte by byte as pcap-savefile(5) has it", async (t) => {
	const capture = Buffer.from(
		`d4c3b2a1 0200 0400 00000000 00000000 00000400 01000000
		 80a65d65 40e20100 03000000 3c000000 0a0b0c
		 81a65d65 3f420f00 00000000 00000000`.replace(/\s/g, ""),
		"hex",
	);
	t.same(read(capture), {
		told: [
			{
				data: "0a0b0c",
				length: 60,
				time: 1700636288123.456,
				linktype: 1,
				iface: 0,
			},
			{
				data: "",
				length: 0,
				time: 1700636289999.999,
				linktype: 1,
				iface: 0,
			},
		],
		verdict: undefined,
	});
});

t.test("either byte order, nanoseconds cut to microseconds", async (t) => {
	for (const littleEndian of [true, false]) {
		const record = (fraction: number) =>
			pcapRecord(1700000000, fraction, "ff", 1, littleEndian);
		const micro = [pcapHeader({ littleEndian }), record(123456)];
		const nano = [
			pcapHeader({ littleEndian, magic: 0xa1b23c4d }),
			record(123456999),
		];
		for (const parts of [micro, nano])
			t.match(read(Buffer.concat(parts)), {
				told: [{ data: "ff", length: 1, time: 1700000000123.456 }],
				verdict: undefined,
			});
	}
});

t.test("seconds are unsigned: 2038 and 2106", async (t) => {
	const capture = [
		pcapHeader(),
		pcapRecord(0x80000000, 0, ""),
		pcapRecord(0xffffffff, 999999, ""),
	];
	t.match(read(Buffer.concat(capture)).told, [
		{ time: 2147483648000 },
		{ time: 4294967295999.999 },
	]);
});

t.test("Kuznetzov's records have eight bytes more", async (t) => {
	const head = pcapRecord(1, 0, "").subarray(0, 8);
	const lengths = Buffer.from("0200000002000000", "hex");
	const more = Buffer.from("0300000000080000", "hex");
	const record = Buffer.concat([head, lengths, more, Buffer.from("abcd")]);
	const capture = Buffer.concat([
		pcapHeader({ magic: 0xa1b2cd34 }),
		record.subarray(0, 26),
		record.subarray(0, 26),
	]);
	const [first, second] = read(capture).told;
	t.match(first, { data: "6162", length: 2, time: 1000 });
	t.same(second, first);
});

t.test("before 2.4 the lengths may stand the other way round", async (t) => {
	const lengths = (hex: string) =>
		Buffer.concat([Buffer.alloc(8), Buffer.from(hex, "hex")]);
	const data = Buffer.from("0102", "hex");
	for (const version of [
		[2, 2],
		[2, 3],
		[543, 0],
	] as [number, number][]) {
		const capture = Buffer.concat([
			pcapHeader({ version }),
			lengths("0900000002000000"),
			data,
			lengths("0200000002000000"),
			data,
		]);
		t.match(read(capture), {
			told: [
				{ data: "0102", length: 9 },
				{ data: "0102", length: 2 },
			],
			verdict: undefined,
		});
	}
});

t.test("what the link type tells of the FCS is masked off", async (t) => {
	const capture = [pcapHeader({ linktype: 0x24000071 }), pcapRecord(0, 0, "")];
	t.match(read(Buffer.concat(capture)).told, [{ linktype: 113 }]);
});

t.test("what can't be read is told with its byte", async (t) => {
	const good = Buffer.concat([pcapHeader(), pcapRecord(1, 0, "00112233")]);
	const huge = Buffer.from(
		"0000000000000000010004000100040000000000".padEnd(60, "0"),
		"hex",
	);
	const cases: [Buffer, string][] = [
		[
			Buffer.concat([good, huge]),
			"can't be read beyond byte 44: a record claims 262145 bytes, more than 262144; records before it: 1",
		],
		[
			good.subarray(0, 43),
			"is cut off inside the record or block at byte 24; records before it: 0",
		],
		[
			Buffer.concat([good, huge.subarray(0, 7)]),
			"is cut off inside the record or block at byte 44; records before it: 1",
		],
		[
			good.subarray(0, 23),
			"is cut off inside the record or block at byte 0; records before it: 0",
		],
		[
			pcapHeader({ version: [2, 5] }),
			"can't be read beyond byte 0: it is of pcap version 2.5, and only 2.0 to 2.4 are known; records before it: 0",
		],
		[
			Buffer.from("GET / HTTP/1.1"),
			"is no capture: it begins with 47455420, neither pcap nor pcapng nor one of them in gzip or zstd",
		],
		[Buffer.alloc(0), "is empty"],
	];
	for (const [capture, verdict] of cases)
		t.equal(read(capture).verdict, verdict);
	t.equal(read(pcapHeader()).verdict, undefined, "no record is no fault");
});

t.test("the walk of records in memory, for live capture", async (t) => {
	const { told, onRecord } = recorder();
	const format = {
		littleEndian: true,
		nanoseconds: false,
		linktype: 276,
		iface: 7,
	};
	const whole = Buffer.concat([
		Buffer.alloc(3),
		pcapRecord(5, 250, "aabb", 90),
		pcapRecord(6, 0, "cc"),
	]);
	t.equal(walkRecords(whole, 3, whole.length, format, onRecord), 38);
	t.same(told, [
		{ data: "aabb", length: 90, time: 5000.25, linktype: 276, iface: 7 },
		{ data: "cc", length: 1, time: 6000, linktype: 276, iface: 7 },
	]);
	t.equal(walkRecords(whole, 3, 37, format, onRecord), 21, "a record cut off");
	t.equal(walkRecords(whole, 3, 36, format, onRecord), 21);
	t.equal(walkRecords(whole, 3, 9999, format, onRecord), 38, "never outside");
	t.equal(walkRecords(whole, 3, 3, format, onRecord), 3);
	whole.writeUInt32LE(262_145, 3 + 8);
	t.equal(walkRecords(whole, 3, whole.length, format, onRecord), 3, "too big");
});
