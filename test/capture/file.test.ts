import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip, gzipSync, zstdCompressSync } from "node:zlib";
import t from "tap";
import { readCapture } from "../../src/capture/file.ts";
import {
	block,
	enhanced,
	iface,
	pcapHeader,
	pcapRecord,
	recorder,
	section,
} from "./build.ts";

const dir = t.testdir();
const path = (name: string) => join(dir, name);
const put = (name: string, bytes: Buffer): string => {
	writeFileSync(path(name), bytes);
	return path(name);
};
const count = (from: string) => readCapture(from, () => undefined);

/** 50,000 records of 0 to 255 bytes: some 8 MB, several times the buffer. */
const records = Array.from({ length: 50_000 }, (_, i) =>
	pcapRecord(
		i,
		i,
		(i % 256)
			.toString(16)
			.padStart(2, "0")
			.repeat(i % 256),
	),
);
const large = Buffer.concat([pcapHeader(), ...records]);

/** Reads standard input in a process of its own: what `readCapture` answers. */
function reader() {
	const file = join(import.meta.dirname, "../../src/capture/file.ts");
	const script = `import { readCapture } from ${JSON.stringify(file)};
		const reading = await readCapture("-", () => undefined);
		const peak = process.resourceUsage().maxRSS;
		console.log(JSON.stringify({ ...reading, peak }));`;
	const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
		stdio: ["pipe", "pipe", "inherit"],
	});
	child.stdin.on("error", () => undefined); // it stops reading what is no capture
	const answer = (async () => {
		const text = await child.stdout.toArray();
		return JSON.parse(Buffer.concat(text).toString());
	})();
	return { stdin: child.stdin, answer };
}

t.test("a file larger than the buffer, plain and packed", async (t) => {
	const gz = gzipSync(large);
	const files = [
		put("plain.pcap", large),
		put("packed.pcap.gz", gz),
		put("packed.pcap.zst", zstdCompressSync(large)),
		put(
			"members.gz",
			Buffer.concat([
				gzipSync(pcapHeader()),
				gz.subarray(0, 0),
				gzipSync(large.subarray(24)),
			]),
		),
	];
	for (const file of files) {
		const { told, onRecord } = recorder();
		t.same(await readCapture(file, onRecord), { records: 50_000 });
		t.match(told[49_999], {
			data: "4f".repeat(79),
			length: 79,
			time: 49_999_049.999,
		});
		t.ok(told.every(({ data, length }) => data.length === 2 * length));
	}
});

t.test("what can't be read is told in a sentence", async (t) => {
	mkdirSync(path("folder"));
	const cases: [string, string][] = [
		[path("missing"), "doesn't exist"],
		[path("folder"), "is a directory; name a capture file in it"],
		[put("empty", Buffer.alloc(0)), "is empty"],
		[
			put("short", Buffer.from("d4c3", "hex")),
			"is no capture: it begins with d4c3, neither pcap nor pcapng nor one of them in gzip or zstd",
		],
		[
			put("text.gz", gzipSync("GET / HTTP/1.0")),
			"is no capture: it begins with 47455420, neither pcap nor pcapng nor one of them in gzip or zstd",
		],
		[put("empty.gz", gzipSync("")), "is empty"],
		["/dev/null", "is empty"],
		[
			"/dev/zero",
			"is no capture: it begins with 00000000, neither pcap nor pcapng nor one of them in gzip or zstd",
		],
		[
			join(put("a", large), "b"),
			"doesn't exist: a part of its path is no directory",
		],
	];
	for (const [file, what] of cases)
		t.same(await count(file), { records: 0, error: `${file} ${what}` });
	t.same(await count("a\0b"), {
		records: 0,
		error: `a\0b can't be read: The argument 'path' must be a string, Uint8Array, or URL without null bytes. Received 'a\\x00b'`,
	});
});

t.test("what is cut off or corrupt counts up to there", async (t) => {
	const cut = large.subarray(0, large.length - 10);
	const at = large.length - 16 - 79;
	const ends = `is cut off inside the record or block at byte ${at}; records before it: 49999`;
	for (const file of [put("cut", cut), put("cut.gz", gzipSync(cut))])
		t.same(await count(file), { records: 49_999, error: `${file} ${ends}` });

	const gz = gzipSync(large);
	const early = await count(put("early.gz", gz.subarray(0, gz.length >> 1)));
	t.match(
		early.error,
		/early\.gz ends in the middle of its packed data; records up to byte \d+: \d+$/,
	);
	t.ok(early.records > 20_000, `${early.records} records`);
	const late = await count(put("late.gz", gz.subarray(0, -1)));
	t.match(late, { records: 50_000, error: /middle of its packed data/ });

	const broken = Buffer.from(gz);
	broken.writeUInt32LE(0, gz.length - 8); // RFC 1952 section 2.3.1: the CRC
	t.match(
		(await count(put("broken.gz", broken))).error,
		/broken\.gz has corrupt packed data: /,
	);

	const frame = zstdCompressSync(pcapHeader());
	t.match(await count(put("two.zst", Buffer.concat([frame, frame]))), {
		records: 0,
		error:
			/two\.zst has (several zstd frames; unpack it with zstd -d first|corrupt packed data)/,
	});
	const zeros = Buffer.concat([gz, Buffer.alloc(512)]);
	t.same(await count(put("padded.gz", zeros)), { records: 50_000 });
});

t.test("a corrupt capture that goes on and on is left at once", async (t) => {
	const bad = Buffer.concat([
		pcapHeader(),
		pcapRecord(0, 0, ""),
		Buffer.alloc(16, 0xff),
		Buffer.alloc(64 << 20),
	]);
	const error =
		"can't be read beyond byte 40: a record claims 4294967295 bytes, more than 262144; records before it: 1";
	for (const file of [put("bad", bad), put("bad.gz", gzipSync(bad))])
		t.same(await count(file), { records: 1, error: `${file} ${error}` });
});

t.test("an error of the caller's own goes through", async (t) => {
	for (const file of [put("own", large), put("own.gz", gzipSync(large))])
		await t.rejects(
			readCapture(file, () => {
				throw new Error("mine");
			}),
			{ message: "mine" },
		);
});

t.test("a FIFO, plain and packed", async (t) => {
	for (const bytes of [large, gzipSync(large)]) {
		const fifo = path(`fifo${bytes.length}`);
		execFileSync("mkfifo", [fifo]);
		const cat = spawn("sh", ["-c", 'cat "$0" > "$1"', put("in", bytes), fifo]);
		const closed = once(cat, "close");
		t.same(await count(fifo), { records: 50_000 });
		await closed;
	}
});

t.test("standard input, plain and packed, in small pieces too", async (t) => {
	for (const bytes of [large, gzipSync(large)]) {
		const { stdin, answer } = reader();
		stdin.end(bytes);
		t.match(await answer, { records: 50_000, error: undefined });
	}
	const { stdin, answer } = reader();
	for (const byte of Buffer.concat([pcapHeader(), pcapRecord(1, 1, "00")]))
		await new Promise((done) => stdin.write(Buffer.of(byte), done));
	stdin.end();
	t.match(await answer, { records: 1, error: undefined });
});

t.test("endless standard input that is no capture is left", async (t) => {
	const { stdin, answer } = reader();
	const endless = Readable.from(
		(function* () {
			for (;;) yield Buffer.alloc(65_536, 121);
		})(),
	);
	await pipeline(endless, stdin).catch(() => undefined);
	t.match(await answer, {
		records: 0,
		error: /^standard input is no capture: it begins with 79797979/,
	});
});

t.test("a gzip bomb takes time but no memory", async (t) => {
	const { stdin, answer } = reader();
	const zeros = Buffer.alloc(1 << 20);
	const total = 512 << 20;
	const head = block(0xbad, Buffer.alloc(0));
	head.writeUInt32LE(total + 12, 4);
	const end = Buffer.from(head.subarray(4, 8));
	const bomb = Readable.from(
		(function* () {
			yield Buffer.concat([section(), iface(1), head.subarray(0, 8)]);
			for (let sent = 0; sent < total; sent += zeros.length) yield zeros;
			yield Buffer.concat([end, enhanced(0, 1n, "00")]);
		})(),
	);
	await pipeline(bomb, createGzip({ level: 1 }), stdin);
	const { peak, ...reading } = await answer;
	t.same(reading, { records: 1 });
	t.ok(peak < 250_000, `${peak} kB at most for 512 MiB`);
});
