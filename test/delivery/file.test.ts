import {
	appendFileSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	symlinkSync,
	truncateSync,
} from "node:fs";
import { join } from "node:path";
import t from "tap";
import { alertLine } from "../../src/alert/render.ts";
import type { FileSink } from "../../src/config/sinktypes.ts";
import { fileSink } from "../../src/delivery/file.ts";
import type { Entry } from "../../src/delivery/sink.ts";
import { PROBE, SCAN } from "../alert/samples.ts";
import { entryOf, TELLER } from "./world.ts";

process.env.TZ = "UTC";

const CONFIG: Omit<FileSink, "path"> = {
	type: "file",
	name: "file",
	format: "text",
	size: 10_000,
	keep: 2,
	batch: { gather: 0, every: 0, max: 1 },
};

const sinkAt = (path: string, more: Partial<FileSink> = {}) => {
	const complaints: string[] = [];
	const sink = fileSink({ ...CONFIG, path, ...more }, TELLER, (sentence) =>
		complaints.push(sentence),
	);
	return { ...sink, complaints };
};

const word = (line: string): Entry => ({ time: 0, level: "notice", line });
const textOf = (line: string) => `1970-01-01T00:00:00.000+00:00 ${line}\n`;
const read = (path: string) => readFileSync(path, "utf8");

t.test("the formats", async (t) => {
	const folder = t.testdir();
	const written = async (more: Partial<FileSink>, entries: Entry[]) => {
		const path = join(folder, "log");
		rmSync(path, { force: true });
		t.equal(await sinkAt(path, more).deliver(entries), undefined);
		return read(path);
	};
	t.equal(
		await written({}, [entryOf(PROBE)]),
		`2026-11-22T02:00:00.000+00:00 ${alertLine(PROBE)}\n`,
	);
	const json = await written({ format: "json" }, [entryOf(PROBE), word("up")]);
	const [first = "", second = "", rest] = json.split("\n");
	t.match(JSON.parse(first), {
		event: { id: "id-1", action: "probe" },
		source: { ip: "192.0.2.7" },
	});
	t.match(JSON.parse(second), { message: "up", event: { kind: "event" } });
	t.equal(rest, "");
	t.match(
		await written({ format: "cef" }, [entryOf(SCAN)]),
		/^CEF:0\|klaxon\|tocsin\|2\.0\.0\|scan\/syn\|Port scan\|5\|.* src=192\.0\.2\.7 .*\n$/,
	);
	t.equal(
		await written({ template: "{source.ip} {event.action}" }, [
			entryOf(PROBE),
			entryOf(SCAN),
		]),
		"192.0.2.7 probe\n192.0.2.7 scan\n",
	);
});

t.test("rotated at its size, and so many old ones stay", async (t) => {
	const folder = t.testdir();
	const sink = sinkAt(join(folder, "log"), { size: 100, keep: 2 });
	const lines = ["a", "b", "c", "d", "e", "f", "g"].map((c) => c.repeat(18));
	for (const line of lines) await sink.deliver([word(line)]);
	const [a, b, c, d, e, f, g] = lines.map((line) => textOf(line));
	t.equal(a?.length, 49, "two of them fit");
	t.strictSame(readdirSync(folder).sort(), ["log", "log.1", "log.2"]);
	t.equal(read(join(folder, "log")), `${g}`);
	t.equal(read(join(folder, "log.1")), `${e}${f}`);
	t.equal(read(join(folder, "log.2")), `${c}${d}`);
	t.ok(b);
	t.equal(statSync(join(folder, "log")).mode & 0o137, 0);
});

t.test("a line longer than the size stands alone", async (t) => {
	const folder = t.testdir();
	const sink = sinkAt(join(folder, "log"), { size: 50, keep: 9 });
	for (const c of "ab") await sink.deliver([word(c.repeat(100))]);
	t.strictSame(readdirSync(folder).sort(), ["log", "log.1"]);
});

t.test("size 0 is never rotated", async (t) => {
	const folder = t.testdir();
	const sink = sinkAt(join(folder, "log"), { size: 0 });
	for (let i = 0; i < 100; i++) await sink.deliver([word("x".repeat(1000))]);
	t.strictSame(readdirSync(folder), ["log"]);
});

t.test(
	"where it can't be rotated it grows on, which is told once",
	async (t) => {
		const folder = t.testdir();
		mkdirSync(join(folder, "log.1"));
		const path = join(folder, "log");
		const sink = sinkAt(path, { size: 100, keep: 1 });
		for (let i = 0; i < 5; i++)
			t.equal(await sink.deliver([word("x".repeat(18))]), undefined);
		t.equal(statSync(path).size, 5 * 49);
		t.equal(sink.complaints.length, 1);
		t.match(sink.complaints[0], /^can't rotate .*log: EISDIR.*: give tocsin's/);
		rmSync(join(folder, "log.1"), { recursive: true });
		t.equal(await sink.deliver([word("y")]), undefined);
		t.equal(statSync(`${path}.1`).size, 5 * 49);
	},
);

t.test("logrotate moves it and says so", async (t) => {
	const folder = t.testdir();
	const path = join(folder, "log");
	const sink = sinkAt(path);
	await sink.deliver([word("a")]);
	renameSync(path, `${path}-20261123`);
	sink.reopen();
	t.equal(statSync(path).size, 0, "it is there at once");
	await sink.deliver([word("b")]);
	t.equal(read(path), textOf("b"));
	t.equal(read(`${path}-20261123`), textOf("a"));
});

t.test("logrotate copies and truncates, or says nothing", async (t) => {
	const folder = t.testdir();
	const path = join(folder, "log");
	const sink = sinkAt(path);
	await sink.deliver([word("a")]);
	truncateSync(path);
	await sink.deliver([word("b")]);
	t.equal(read(path), textOf("b"), "no zeros in front");
	renameSync(path, `${path}.old`);
	await sink.deliver([word("c")]);
	t.equal(read(path), textOf("c"));
	rmSync(path);
	await sink.deliver([word("d")]);
	t.equal(read(path), textOf("d"));
});

t.test("two writers rotate one file without losing a line", async (t) => {
	const folder = t.testdir();
	const path = join(folder, "log");
	const sinks = [0, 1].map(() => sinkAt(path, { size: 500, keep: 50 }));
	for (let i = 0; i < 100; i++)
		await sinks[i % 2]?.deliver([word(`line ${i}`)]);
	const all = readdirSync(folder)
		.map((name) => read(join(folder, name)))
		.join("");
	t.equal(all.split("\n").length - 1, 100);
	for (let i = 0; i < 100; i++) t.ok(all.includes(` line ${i}\n`));
});

t.test("after a torn line the next begins a new one", async (t) => {
	const path = join(t.testdir(), "log");
	await sinkAt(path).deliver([word("a")]);
	appendFileSync(path, "half a li");
	const sink = sinkAt(path);
	await sink.deliver([word("b")]);
	await sink.deliver([word("c")]);
	t.equal(read(path), `${textOf("a")}half a li\n${textOf("b")}${textOf("c")}`);
});

t.test("what can't be written is said", async (t) => {
	const folder = t.testdir({ log: "" });
	symlinkSync(join(folder, "log"), join(folder, "link"));
	const why = (path: string, more = {}) =>
		sinkAt(path, more).deliver([word("x")]);
	t.match(await why(join(folder, "link")), /ELOOP/);
	t.match(await why(folder), /EISDIR/);
	t.match(await why(join(folder, "missing", "log")), /ENOENT/);
	t.match(await why("/dev/full"), /ENOSPC/);
	t.match(
		await why(join(folder, "log"), { template: "{nonsense}" }),
		/log: unknown placeholder '\{nonsense\}'/,
	);
	truncateSync(join(folder, "log"), 1 << 30);
	t.match(
		await why(join(folder, "log"), { size: 0 }),
		/has reached its 1024 MiB/,
	);
});
