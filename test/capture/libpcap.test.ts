/** The real libpcap, on the loopback of a sandbox. */
import { createSocket } from "node:dgram";
import { writeSync } from "node:fs";
import t, { type Test } from "tap";
import type { Handle, Libpcap } from "../../src/capture/handle.ts";
import { loadLibpcap } from "../../src/capture/libpcap.ts";
import { loadCapture } from "../../src/capture/load.ts";
import { walkRecords } from "../../src/capture/pcap.ts";
import { enterSandbox, must, peer, run, waitFor } from "../system/harness.ts";
import { environment } from "../system/tocsin.ts";

enterSandbox(import.meta.url);
Object.assign(process.env, environment);

const LIVE = { promiscuous: false, ring: 8 << 20, isOnlyIncoming: true };
const FORMAT = {
	littleEndian: true,
	nanoseconds: false,
	linktype: 1,
	iface: 0,
};

const lib = loadLibpcap() as Libpcap;

function open(t: Test, name = "lo"): Handle {
	const handle = lib.open(name, LIVE);
	if ("kind" in handle) throw new Error(handle.message);
	t.teardown(() => handle.close());
	return handle;
}

/** Sends datagrams to a port of loopback that nobody listens on. */
async function send(count: number, size: number): Promise<void> {
	const socket = createSocket("udp4");
	const message = Buffer.alloc(size, "x");
	const done = Array.from(
		{ length: count },
		() => new Promise((sent) => socket.send(message, 7_009, "127.0.0.1", sent)),
	);
	await Promise.all(done);
	socket.close();
}

/** Destination ports and sizes of the UDP datagrams that a handle reads, once some are there. */
async function readAll(handle: Handle, count = 1): Promise<string[]> {
	const found: string[] = [];
	for (;;) {
		const bytes = handle.read();
		if (typeof bytes === "string") throw new Error(bytes);
		if (bytes === 0 && found.length >= count) return found;
		if (bytes === 0) await lib.poll([handle.fd]);
		walkRecords(handle.buffer, 0, bytes, FORMAT, (b, o, captured, length) => {
			const port = ((b[o + 36] ?? 0) << 8) | (b[o + 37] ?? 0);
			found.push(`${port}: ${captured} of ${length}`);
		});
	}
}

t.test("its version, and the interfaces there are", async (t) => {
	t.match(lib.version, /^libpcap version \d/);
	await must(peer("ip"), [
		"link",
		"add",
		"veth1",
		"type",
		"veth",
		"peer",
		"name",
		"veth2",
	]);
	const found = lib.interfaces();
	if (typeof found === "string") throw new Error(found);
	const flagsOf = (name: string) => found.find((one) => one.name === name);
	t.match(flagsOf("lo"), { isLoopback: true, isUp: true });
	t.match(flagsOf("veth1"), { isLoopback: false, isUp: false });
	await must(peer("ip"), ["link", "set", "veth1", "up"]);
	const later = lib.interfaces();
	if (typeof later === "string") throw new Error(later);
	t.match(
		later.find(({ name }) => name === "veth1"),
		{ isUp: true },
	);
});

t.test("each packet once, by the filter", async (t) => {
	const handle = open(t);
	t.equal(handle.linktype, 1);
	t.equal(handle.setFilter("udp dst port 7009"), undefined);
	t.equal(handle.read(), 0, "nothing waits");
	await send(3, 100);
	t.strictSame(await readAll(handle, 3), new Array(3).fill("7009: 142 of 142"));
	t.match(handle.counters(), { received: 3, dropped: 0 });
});

t.test("a long packet's beginning", async (t) => {
	const handle = open(t);
	handle.setFilter("udp dst port 7009");
	await send(1, 5_000);
	t.strictSame(await readAll(handle), ["7009: 1600 of 5042"]);
});

t.test("more than a batch", async (t) => {
	const handle = open(t);
	handle.setFilter("udp dst port 7009");
	await send(1_500, 10);
	t.equal((await readAll(handle, 1_500)).length, 1_500);
});

t.test("a filter that is none", async (t) => {
	t.equal(
		open(t).setFilter("nonsense ("),
		"can't parse filter expression: syntax error",
	);
});

t.test("what can't be opened", async (t) => {
	t.match(lib.open("nosuch0", LIVE), {
		kind: "missing",
		message: "No such device exists",
	});
	t.match(lib.open("veth2", LIVE), { kind: "down", message: /not up/ });
	const script = `import { loadLibpcap } from "${import.meta.dirname}/../../src/capture/libpcap.ts";
		console.log(loadLibpcap().open("lo", ${JSON.stringify(LIVE)}).kind);`;
	const rights = ["--bounding-set=-all", "--inh-caps=-all"];
	const node = [process.execPath, "--input-type=module", "-e", script];
	const { stdout } = await run("/usr/bin/setpriv", [...rights, ...node], {
		env: environment,
	});
	t.equal(stdout, "permission\n");
});

t.test(
	"an interface that goes down keeps nobody busy, and one that goes fails",
	async (t) => {
		const handle = open(t, "veth1");
		await must(peer("ip"), ["link", "set", "veth1", "down"]);
		let polls = 0;
		const bell = lib.eventfd();
		setTimeout(() => writeSync(bell, new BigUint64Array([1n])), 300);
		for (;;) {
			const ready = await lib.poll([bell, handle.fd]);
			if (ready.includes(0)) break;
			t.equal(handle.read(), 0);
			polls++;
		}
		t.ok(polls < 10, `${polls} polls`);
		await must(peer("ip"), ["link", "delete", "veth1"]);
		await waitFor("an error", () => handle.read() !== 0);
		t.equal(handle.read(), "The interface disappeared");
	},
);

t.test("a poll ends by a bell", async (t) => {
	const handle = open(t);
	handle.setFilter("udp dst port 9");
	const bell = lib.eventfd();
	const ready = lib.poll([bell, handle.fd]);
	writeSync(bell, new BigUint64Array([1n]));
	t.strictSame(await ready, [0]);
});

t.test("where there is no libpcap", async (t) => {
	const file = process.env.TOCSIN_LIBPCAP;
	t.teardown(() => {
		if (file === undefined) delete process.env.TOCSIN_LIBPCAP;
		else process.env.TOCSIN_LIBPCAP = file;
	});
	process.env.TOCSIN_LIBPCAP = "/nonexistent/libpcap.so";
	t.match(
		await loadCapture(),
		/^libpcap is missing: install the package libpcap0\.8 \(Debian, Ubuntu\) or libpcap \(.*No such file or directory\)$/,
	);
});
