/** Established traffic, which the kernel's filter keeps to itself, changes no alert. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import t from "tap";
import { readCapture } from "../../src/capture/file.ts";
import type { Scope } from "../../src/config/watch.ts";
import { formatAddress } from "../../src/wire/address.ts";
import { A, decoded, F, P, R, S, STACK, STAMPS } from "../wire/frames.ts";
import {
	accepts,
	briefs,
	connect,
	HOST,
	OTHER,
	range,
	segment,
	type Timed,
	told,
} from "./drive.ts";
import { json, setting, traffic } from "./traffic.ts";

const TRACES = join(import.meta.dirname, "../../../shared/traces/attacks");

/**
 * A segment that the kernel's filter keeps to itself: ACK without SYN, FIN and RST, and either data,
 * options or (IPv4) DF.
 */
const established = (
	ends: { from: string; to: string; sport: number; dport: number },
	n: number,
) =>
	segment({
		...ends,
		flags: n & 1 ? A : A | P,
		window: n & 2 ? 501 : 64_240,
		...[{ data: 1 + n }, { data: n, options: STAMPS }, { data: 1, df: false }][
			n % 3
		],
		seq: n,
	});

/** Puts such segments behind some of the packets: on the very flows that are there, and on others. */
function amidst(
	traffic: readonly Timed[],
	choices: readonly number[],
): Timed[] {
	return traffic.flatMap(([ms, bytes], i): Timed[] => {
		const n = choices[i % Math.max(1, choices.length)] ?? 0;
		const p = decoded(bytes);
		if (n % 3 === 0 || (p.version !== 4 && p.version !== 6))
			return [[ms, bytes]];
		const flow = {
			from: p.source,
			to: p.destination,
			sport: p.sport,
			dport: p.dport,
		};
		const turned = {
			from: p.destination,
			to: p.source,
			sport: p.dport,
			dport: p.sport,
		};
		const other = { ...flow, sport: 32_768 + n, dport: (n * 7919) & 0xffff };
		const chosen = [flow, turned, other][n % 5] ?? flow;
		return [
			[ms, bytes],
			[ms, established(chosen, n)],
		];
	});
}

t.test("established traffic changes nothing", async () => {
	fc.assert(
		fc.property(
			traffic,
			setting,
			fc.array(fc.nat(1000), { minLength: 1 }),
			(traffic, setting, choices) => {
				return (
					json(told(amidst(traffic, choices), setting)) ===
					json(told(traffic, setting))
				);
			},
		),
		{ numRuns: 300, endOnFailure: true },
	);
});

t.test(
	"a crafted client's long connection, reset: with and without its data",
	async (t) => {
		const [dport, sport] = [80, 50_000];
		const ends = { from: OTHER, to: HOST, sport, dport };
		const bare: Timed[] = [
			[0, connect(dport)],
			[1, accepts(dport)],
			// a small stack's SYN, without options
			[1000, connect(dport, { ...ends, options: "" })],
			[1001, accepts(dport, { to: OTHER, dport: sport, options: STACK })],
			[100_000, segment({ ...ends, flags: R, window: 0 })],
		];
		const data = [2, 20, 40, 60, 80].map(
			(s): Timed => [s * 1000, established(ends, 1)],
		);
		t.same(told([...bare, ...data]), told(bare));
	},
);

t.test(
	"our own connections, reset late: with and without their data",
	async (t) => {
		const ours = range(20_001, 30).map((sport) => ({
			from: HOST,
			to: OTHER,
			sport,
			dport: 6000,
		}));
		const theirs = (sport: number) => ({
			from: OTHER,
			to: HOST,
			sport: 6000,
			dport: sport,
		});
		const bare = ours.flatMap((ends, i): Timed[] => [
			[i, connect(6000, ends)],
			[i + 1, segment({ ...theirs(ends.sport), flags: S | A, options: STACK })],
			[100_000 + i, segment({ ...ends, flags: R, window: 0 })],
		]);
		const data = ours.flatMap(({ sport }): Timed[] => [
			[40_000, established(theirs(sport), 1)],
			[80_000, established(theirs(sport), 1)],
		]);
		t.same(told([...bare, ...data]), told(bare));
	},
);

t.test("a small stack's connection, reset in the end", async (t) => {
	const ends = { from: OTHER, to: HOST, sport: 50_000, dport: 80 };
	const [back, close] = [
		{ to: OTHER, dport: 50_000 },
		{ ...ends, df: false },
	];
	const opened: Timed[] = [
		[0, connect(80)],
		[1, accepts(80)],
		[1000, connect(80, { ...ends, options: "020405b4" })],
		[1001, accepts(80, { ...back, options: "020405b4" })],
	];
	const reset: Timed = [3000, segment({ ...close, flags: R, window: 0 })];
	const half = `3004 probe syn ${OTHER} ${HOST} 80`;
	t.same(briefs(told([...opened, reset])), [half], "half-open");
	const bare: Timed = [1002, segment({ ...close, flags: A, window: 5840 })];
	t.same(told([...opened, bare, reset]), [], "its ACK was seen");
	const fin: Timed = [2000, segment({ ...ends, flags: F | A, window: 5840 })];
	t.same(told([...opened, fin, reset]), [], "it had closed");
});

/** An Ethernet capture's frames, and the address most packets go to. */
async function capture(
	file: string,
): Promise<{ traffic: Timed[]; victim: string }> {
	const traffic: Timed[] = [];
	const targets = new Map<string, number>();
	let first: number | undefined;
	await readCapture(file, (bytes, offset, captured, _, time, linktype) => {
		if (linktype !== 1) return;
		first ??= time;
		const frame = Buffer.from(bytes.subarray(offset, offset + captured));
		traffic.push([Math.round(time - first), frame]);
		const { version, d0, d1, d2, d3 } = decoded(frame);
		if (version === 0) return;
		const to = formatAddress(d0, d1, d2, d3);
		targets.set(to, (targets.get(to) ?? 0) + 1);
	});
	const [[victim] = [HOST]] = [...targets].sort((a, b) => b[1] - a[1]);
	return { traffic, victim };
}

t.test(
	"the attacks of the public captures, with established traffic between",
	async (t) => {
		const files = existsSync(TRACES) ? readdirSync(TRACES) : [];
		if (files.length === 0) t.comment(`no ${TRACES} here`);
		for (const file of files) {
			const { traffic, victim } = await capture(join(TRACES, file));
			for (const scope of ["host", "segment"] satisfies Scope[]) {
				const setting = { scope, own: scope === "host" ? [victim] : [] };
				const plain = told(traffic, setting);
				for (const choices of [
					[1, 2, 7, 11],
					[5, 25, 4],
					[14, 8, 22, 3, 16],
				])
					t.equal(
						json(told(amidst(traffic, choices), setting)),
						json(plain),
						`${file}, ${scope}`,
					);
			}
		}
	},
);
