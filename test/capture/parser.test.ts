import fc from "fast-check";
import t from "tap";
import {
	block,
	enhanced,
	iface,
	pcapHeader,
	pcapRecord,
	read,
	section,
} from "./build.ts";

const hex = fc
	.uint8Array({ maxLength: 80 })
	.map((bytes) => Buffer.from(bytes).toString("hex"));
const word = fc.integer({ min: 0, max: 0xffffffff });

const classic = fc
	.record({
		littleEndian: fc.boolean(),
		magic: fc.constantFrom(0xa1b2c3d4, 0xa1b23c4d, 0xa1b2cd34),
		minor: fc.constantFrom(2, 4),
		records: fc.array(fc.tuple(word, word, hex, word), { maxLength: 12 }),
	})
	.map(({ littleEndian, magic, minor, records }) =>
		Buffer.concat([
			pcapHeader({ littleEndian, magic, version: [2, minor] }),
			...records.map(([seconds, fraction, data, length]) =>
				pcapRecord(seconds, fraction, data, length, littleEndian),
			),
		]),
	);

const sections = fc
	.array(
		fc.tuple(
			fc.boolean(),
			fc.array(fc.tuple(fc.nat(300), fc.nat(255)), { maxLength: 3 }),
			fc.array(fc.tuple(fc.nat(3), fc.bigInt(0n, 2n ** 64n - 1n), hex), {
				maxLength: 8,
			}),
			fc.constantFrom(0, 4, 4000),
		),
		{ minLength: 1, maxLength: 3 },
	)
	.map((all) =>
		all.flatMap(([littleEndian, ifaces, packets, unknown]) => [
			section(littleEndian),
			...ifaces.map(([linktype, unit]) => {
				const tsresol = unit.toString(16).padStart(2, "0");
				return iface(linktype, [[9, tsresol]], 0, littleEndian);
			}),
			block(0xbad, Buffer.alloc(unknown), littleEndian),
			...packets.map(([id, ticks, data]) =>
				enhanced(id, ticks, data, data.length, littleEndian),
			),
		]),
	)
	.map((parts) => Buffer.concat(parts));

const mutations = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 });
const damaged = fc
	.tuple(fc.oneof(classic, sections), mutations, fc.nat(), fc.boolean())
	.map(([capture, changes, end, cut]) => {
		for (const [at, value] of changes) capture[at % capture.length] = value;
		return cut ? capture.subarray(0, end % capture.length) : capture;
	});

const magics = ["d4c3b2a1", "a1b23c4d", "0a0d0d0a1c0000004d3c2b1a"];
const arbitrary = fc
	.tuple(fc.constantFrom("", ...magics), fc.uint8Array({ maxLength: 400 }))
	.map(([magic, bytes]) => Buffer.concat([Buffer.from(magic, "hex"), bytes]));

const sizes = fc.array(fc.integer({ min: 1, max: 90 }), {
	minLength: 1,
	maxLength: 6,
});

const same = (capture: Buffer, pieces: number[]): boolean => {
	const whole = read(capture);
	const split = read(capture, pieces);
	return JSON.stringify(whole) === JSON.stringify(split);
};

t.test(
	"arbitrary and damaged captures: no exception, and cut anywhere they read the same",
	async (t) => {
		fc.assert(fc.property(damaged, sizes, same), { numRuns: 3000 });
		fc.assert(fc.property(arbitrary, sizes, same), { numRuns: 1000 });
		t.pass("no counterexample");
	},
);

t.test(
	"a capture cut off anywhere gives a beginning of its records",
	async (t) => {
		fc.assert(
			fc.property(fc.oneof(classic, sections), fc.nat(), (capture, end) => {
				const all = JSON.stringify(read(capture).told);
				const some = read(capture.subarray(0, end % capture.length)).told;
				return all.startsWith(JSON.stringify(some).slice(0, -1));
			}),
			{ numRuns: 1000 },
		);
		t.pass("no counterexample");
	},
);

t.test("records of any size fit the buffer", async (t) => {
	const data = Buffer.alloc(262_144, 7).toString("hex");
	const old = [pcapHeader(), pcapRecord(1, 2, data), pcapRecord(1, 2, data)];
	const ng = [
		section(),
		iface(1),
		...[1n, 2n].map((n) => enhanced(0, n, data)),
	];
	for (const parts of [old, ng])
		for (const pieces of [[1 << 30], [65_536], [9973, 1]]) {
			const { told, verdict } = read(Buffer.concat(parts), pieces);
			t.same(
				[told.length, told[1]?.data === data, verdict],
				[2, true, undefined],
			);
		}
});
