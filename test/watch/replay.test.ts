import { readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import t from "tap";
import { loadOptions } from "../../src/watch/load.ts";
import { parseOptions } from "../../src/watch/options.ts";
import { runReplay } from "../../src/watch/replay.ts";
import { pcapHeader, pcapRecord } from "../capture/build.ts";
import { ip, onLink, S, TCP, tcp } from "../wire/frames.ts";

const dir = t.testdir();

/** A SYN scan of `count` ports, a millisecond apart, that begins at `second`. */
const scan = (count: number, second = 1_700_000_000) =>
	Array.from({ length: count }, (_, i) => {
		const segment = tcp({
			sport: 40_000,
			dport: 1 + i,
			flags: S,
			window: 1_024,
		});
		const packet = ip({ from: "192.0.2.7", to: "192.0.2.1" }, TCP, segment);
		return {
			second,
			fraction: i * 1_000,
			data: onLink(1, packet).toString("hex"),
		};
	});

function write(
	name: string,
	records: ReturnType<typeof scan>,
	littleEndian = true,
): string {
	const path = `${dir}/${name}`;
	const bytes = records.map(({ second, fraction, data }) =>
		pcapRecord(second, fraction, data, data.length / 2, littleEndian),
	);
	writeFileSync(path, Buffer.concat([pcapHeader({ littleEndian }), ...bytes]));
	return path;
}

async function replay(...argv: string[]) {
	const { action, options, errors } = parseOptions(["replay", ...argv]);
	if (action !== "replay") throw new Error(errors.join());
	const loaded = loadOptions(action, options);
	if (Array.isArray(loaded)) throw new Error(loaded.join());
	let text = "";
	const complaints: string[] = [];
	const code = await runReplay(
		loaded,
		"2.0.0",
		(more) => {
			text += more;
		},
		(sentence) => complaints.push(sentence),
	);
	return { code, text, complaints, lines: text.split("\n").slice(0, -1) };
}

const file = write("scan.pcap", scan(30));
const FIRST =
	/^2023-11-14T\S+ ALERT: host 192\.0\.2\.7 scanning \d+ ports of 192\.0\.2\.1 kind=scan technique=syn /;

t.test("packet time is the clock", async (t) => {
	const { code, lines } = await replay(file);
	t.equal(code, 0);
	t.match(lines[0], FIRST);
	t.match(
		lines.at(-1),
		/scanned 30 ports of 192\.0\.2\.1 |scanning 30 ports of 192\.0\.2\.1 /,
	);
});

t.test(
	"the same each time, whatever the byte order or the packing",
	async (t) => {
		const { text } = await replay(file);
		const json = await replay("--json", file);
		for (const line of json.lines) t.ok(JSON.parse(line).event.id);
		const packed = `${dir}/scan.pcap.gz`;
		writeFileSync(packed, gzipSync(readFileSync(file)));
		for (const other of [file, packed, write("big.pcap", scan(30), false)]) {
			t.equal((await replay(other)).text, text, other);
			t.equal((await replay("--json", other)).text, json.text, other);
		}
	},
);

t.test("the time zone changes nothing but the text's times", async (t) => {
	const before = process.env.TZ;
	t.teardown(() => {
		process.env.TZ = before ?? "";
	});
	const inZone = async (zone: string) => {
		process.env.TZ = zone;
		return {
			json: (await replay("--json", file)).text,
			text: (await replay(file)).lines,
		};
	};
	const [here, there] = [await inZone("UTC"), await inZone("Asia/Tokyo")];
	t.equal(here.json, there.json);
	t.match(here.text[0], /^2023-11-14T22:13:20\.\d{3}\+00:00 /);
	t.match(there.text[0], /^2023-11-15T07:13:20\.\d{3}\+09:00 /);
	const untimed = (lines: string[]) =>
		lines.map((line) => line.replace(/^\S+ /, ""));
	t.strictSame(untimed(here.text), untimed(there.text));
});

t.test("several files are one story", async (t) => {
	const all = scan(30);
	const [one, two] = [
		write("1.pcap", all.slice(0, 15)),
		write("2.pcap", all.slice(15)),
	];
	t.equal((await replay(one, two)).text, (await replay(file)).text);
});

t.test("what can't be read is told, and the rest is judged", async (t) => {
	const cut = `${dir}/cut.pcap`;
	writeFileSync(cut, readFileSync(file).subarray(0, -10));
	const { code, lines, complaints } = await replay(`${dir}/none`, cut);
	t.equal(code, 65);
	t.match(lines[0], FIRST);
	t.match(lines.at(-1), / 29 ports of 192\.0\.2\.1 /);
	t.equal(complaints.length, 2);
	t.equal(complaints[0], `${dir}/none doesn't exist`);
	t.match(
		complaints[1],
		/cut\.pcap is cut off inside the record or block at byte \d+; records before it: 29$/,
	);
});

t.test("--home says who we are", async (t) => {
	const ours = await replay("--home", "192.0.2.1/32", file);
	t.ok(ours.lines.some((line) => FIRST.test(line)));
	const attacker = await replay("--home", "192.0.2.7/32", file);
	t.equal(attacker.text, "", "our own scan");
	t.equal((await replay("--home", "198.51.100.0/24", file)).text, "");
});
