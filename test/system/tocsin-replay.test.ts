/** dist/tocsin over capture files: the same each time, whatever they are packed in. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import t, { type Test } from "tap";
import {
	block,
	enhanced,
	iface,
	pcapHeader,
	pcapRecord,
	section,
} from "../capture/build.ts";
import { ip, onLink, S, TCP, tcp } from "../wire/frames.ts";
import { type Result, root, run } from "./harness.ts";
import { alertsIn, TOCSIN } from "./tocsin.ts";

const dir = t.testdir();

const replay = (args: string[], options: Parameters<typeof run>[2] = {}) =>
	run(TOCSIN, ["replay", ...args], { ...options, timeout: 20_000 });

/** What it told, of a run that went well. */
async function told(
	t: Test,
	args: string[],
	env: NodeJS.ProcessEnv = {},
): Promise<string> {
	const { code, stdout, stderr } = await replay(args, { env });
	t.strictSame([code, stderr], [0, ""], args.join(" "));
	return stdout;
}

const START = 1_700_000_000;

/** nmap -sS of 40 ports, a millisecond apart, by IPv4 and IPv6 by turns, as a link has them. */
const frames = (linktype: number, count = 40): string[] =>
	Array.from({ length: count }, (_, i) => {
		const segment = tcp({
			sport: 40_000,
			dport: 1 + (i >> 1),
			flags: S,
			window: 1_024,
		});
		const ends =
			i % 2 === 0
				? { from: "192.0.2.7", to: "192.0.2.1" }
				: { from: "2001:db8::7", to: "2001:db8::1" };
		return onLink(linktype, ip(ends, TCP, segment)).toString("hex");
	});

function pcap(
	name: string,
	linktype: number,
	littleEndian = true,
	all = frames(linktype),
): string {
	const records = all.map((data, i) =>
		pcapRecord(START, i * 1_000, data, data.length / 2, littleEndian),
	);
	writeFileSync(
		`${dir}/${name}`,
		Buffer.concat([pcapHeader({ linktype, littleEndian }), ...records]),
	);
	return `${dir}/${name}`;
}

function pcapng(name: string, littleEndian: boolean): string {
	const packets = frames(1).map((data, i) =>
		enhanced(
			0,
			BigInt(START * 1e6 + i * 1_000),
			data,
			data.length / 2,
			littleEndian,
		),
	);
	const unknown = block(0xbad, Buffer.alloc(8), littleEndian);
	const head = [section(littleEndian), iface(1, [], 0, littleEndian), unknown];
	writeFileSync(`${dir}/${name}`, Buffer.concat([...head, ...packets]));
	return `${dir}/${name}`;
}

const plain = pcap("plain.pcap", 1);

t.test("one story, whatever tells it", async (t) => {
	const packed = `${dir}/packed.gz`;
	writeFileSync(packed, gzipSync(readFileSync(plain)));
	const first = pcap("1.pcap", 1, true, frames(1).slice(0, 20));
	const second = `${dir}/2.pcap`;
	const rest = frames(1).map((data, i) => pcapRecord(START, i * 1_000, data));
	writeFileSync(second, Buffer.concat([pcapHeader(), ...rest.slice(20)]));
	for (const flags of [[], ["--json"]]) {
		const story = await told(t, [...flags, plain]);
		t.match(story, /scanning \d+ ports of 192\.0\.2\.1 /);
		t.match(story, /scanned 20 ports of 2001:db8::1 /);
		for (const files of [
			[plain],
			[pcap("big.pcap", 1, false)],
			[packed],
			[pcapng("little.pcapng", true)],
			[pcapng("big.pcapng", false)],
			[first, second],
		])
			t.equal(await told(t, [...flags, ...files]), story, files.join(" "));
		const piped = await replay([...flags, "-"], {
			input: readFileSync(packed),
		});
		t.equal(piped.stdout, story, "standard input");
	}
});

t.test("every link that hosts have", async (t) => {
	const LINKS = {
		null: 0,
		raw: 101,
		dlt_raw: 12,
		loop: 108,
		cooked: 113,
		cooked2: 276,
	};
	const story = (text: string) => text.replaceAll(/ mac=\S+/g, "");
	const expected = story(await told(t, [plain]));
	for (const [name, linktype] of Object.entries(LINKS))
		t.equal(
			story(await told(t, [pcap(`${name}.pcap`, linktype)])),
			expected,
			name,
		);
});

t.test("the time zone is the text's alone", async (t) => {
	const [utc, tokyo] = [{ TZ: "UTC" }, { TZ: "Asia/Tokyo" }];
	t.equal(
		await told(t, ["--json", plain], utc),
		await told(t, ["--json", plain], tokyo),
	);
	const [here, there] = [
		await told(t, [plain], utc),
		await told(t, [plain], tokyo),
	];
	t.match(here, /^2023-11-14T22:13:20\.\d{3}\+00:00 ALERT/);
	t.match(there, /^2023-11-15T07:13:20\.\d{3}\+09:00 ALERT/);
	const untimed = (text: string) => text.replaceAll(/^\S+ /gm, "");
	t.equal(untimed(here), untimed(there));
});

t.test("--home judges what goes to us", async (t) => {
	t.equal(await told(t, ["--home", "198.51.100.0/24", plain]), "");
	const target = await told(t, ["--json", "--home", "192.0.2.1/32", plain]);
	const victims = alertsIn(target).map(({ destination }) => destination.ip);
	t.strictSame(new Set(victims), new Set(["192.0.2.1"]));
});

/** Exit 65, and what is wrong in one sentence each. */
function isDamaged(
	t: Test,
	{ code, stderr }: Result,
	sentences: RegExp[],
): void {
	t.equal(code, 65);
	const lines = stderr.split("\n").slice(0, -1);
	t.equal(lines.length, sentences.length, stderr);
	for (const [i, sentence] of sentences.entries()) t.match(lines[i], sentence);
}

t.test("damage is told, and what was before it", async (t) => {
	const cut = `${dir}/cut.pcap`;
	writeFileSync(cut, readFileSync(plain).subarray(0, -7));
	const text = `${dir}/text`;
	writeFileSync(text, "hello\n");
	const empty = `${dir}/empty`;
	writeFileSync(empty, "");
	const gz = `${dir}/cut.gz`;
	const packed = gzipSync(readFileSync(plain));
	writeFileSync(gz, packed.subarray(0, packed.length - 20));
	const result = await replay([`${dir}/none`, text, dir, empty, cut]);
	isDamaged(t, result, [
		/^tocsin: .*\/none doesn't exist$/,
		/^tocsin: .*\/text is no capture: it begins with 68656c6c, /,
		/^tocsin: .* is a directory; name a capture file in it$/,
		/^tocsin: .*\/empty is empty$/,
		/^tocsin: .*\/cut\.pcap is cut off inside the record or block at byte \d+; records before it: 39$/,
	]);
	t.match(result.stdout, /scanned 20 ports of 192\.0\.2\.1 /);
	t.match(result.stdout, /scanned 19 ports of 2001:db8::1 /);
	isDamaged(t, await replay([gz]), [
		/cut\.gz ends in the middle of its packed data/,
	]);
});

t.test("nobody reads on", async (t) => {
	// far more alerts than a pipe holds
	const many = Array.from({ length: 2_500 }, (_, i) => {
		const from = `10.${i >> 8}.${i & 255}.7`;
		const segment = tcp({ sport: 40_000, dport: 23, flags: 0 });
		const mac = `02:00:00:00:${(i >> 8).toString(16).padStart(2, "0")}:${(i & 255).toString(16).padStart(2, "0")}`;
		const data = onLink(1, ip({ from, to: "192.0.2.1" }, TCP, segment), {
			from: mac,
		});
		return pcapRecord(START + i * 10, 0, data.toString("hex"));
	});
	const file = `${dir}/many.pcap`;
	writeFileSync(file, Buffer.concat([pcapHeader(), ...many]));
	t.ok((await told(t, [file])).length > 200_000);
	const script = `{ ${TOCSIN} replay ${file}; echo $? >&2; } | head -n 1`;
	const { stdout, stderr } = await run("/bin/sh", ["-c", script]);
	t.match(stdout, /^\S+ ALERT: host 10\.0\.0\.7 probing port telnet .*\n$/);
	t.equal(stderr, "0\n");
	const full = await run("/bin/sh", [
		"-c",
		`exec ${TOCSIN} replay ${plain} >/dev/full`,
	]);
	t.equal(full.code, 73);
	t.match(full.stderr, /^tocsin: can't write to standard output: ENOSPC/);
	const help = await run("/bin/sh", ["-c", `exec ${TOCSIN} --help >/dev/full`]);
	t.equal(help.code, 73);
});

const traces = `${root}/../shared/traces`;
if (existsSync(traces))
	t.test("the public traces, twice", async (t) => {
		for (const folder of ["attacks", "protocols"]) {
			const files = readdirSync(`${traces}/${folder}`).map(
				(name) => `${traces}/${folder}/${name}`,
			);
			for (const flags of [[], ["--json"]]) {
				const args = [...flags, ...files];
				const [one, two] = [await replay(args), await replay(args)];
				t.equal(one.code, 0, one.stderr);
				t.ok(one.stdout.length > 1_000);
				t.equal(one.stdout, two.stdout, `${folder} ${flags}`);
			}
		}
	});
else t.pass(`no ${traces}: public traces are not replayed`);
