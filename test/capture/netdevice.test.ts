/** The real kernel's interfaces, and frames sent from them, in a sandbox. */
import t from "tap";
import type { Interface, Libpcap } from "../../src/capture/handle.ts";
import { loadLibpcap } from "../../src/capture/libpcap.ts";
import { walkRecords } from "../../src/capture/pcap.ts";
import { enterSandbox, must, peer, run, waitFor } from "../system/harness.ts";
import { environment } from "../system/tocsin.ts";

enterSandbox(import.meta.url);
Object.assign(process.env, environment);

const lib = loadLibpcap() as Libpcap;

const ip = (...lines: string[]) =>
	must(peer("ip"), ["-batch", "-"], { input: lines.join("\n") });

await ip(
	"link add veth1 address 02:00:00:00:00:01 type veth peer name veth2 address 02:00:00:00:00:02",
	"link add tap-of-15-chars address 0a:ff:00:80:7f:fe type veth peer name veth3",
);

function find(name: string): Interface | undefined {
	const found = lib.interfaces();
	if (typeof found === "string") throw new Error(found);
	return found.find((one) => one.name === name);
}

/** An experimental EtherType (IEEE 802), so that no stack answers. */
const FRAME = Uint8Array.from(
	Buffer.from(`02000000000202000000000188b5${"5a".repeat(50)}`, "hex"),
);

t.test("MAC addresses, and what is up", async (t) => {
	t.strictSame(find("lo"), {
		name: "lo",
		mac: undefined,
		isLoopback: true,
		isUp: true,
	});
	t.strictSame(find("veth1"), {
		name: "veth1",
		mac: "02:00:00:00:00:01",
		isLoopback: false,
		isUp: false,
	});
	t.match(find("veth2"), { mac: "02:00:00:00:00:02" });
	t.match(find("tap-of-15-chars"), { mac: "0a:ff:00:80:7f:fe" });
});

t.test("what can't be sent", async (t) => {
	t.equal(lib.send("nosuch0", FRAME), "nosuch0 is gone");
	t.equal(lib.send("veth1", FRAME), "veth1 takes no frame", "it is down");
	t.equal(lib.send("lo", new Uint8Array(0)), "lo takes no frame");
});

t.test("a frame leaves as it is", async (t) => {
	await ip("link set veth1 up", "link set veth2 up");
	const options = { promiscuous: false, ring: 8 << 20, isOnlyIncoming: true };
	const handle = lib.open("veth2", options);
	if ("kind" in handle) throw new Error(handle.message);
	t.teardown(() => handle.close());
	handle.setFilter("ether proto 0x88b5");
	t.equal(lib.send("veth1", FRAME), undefined);
	await lib.poll([handle.fd]);
	const bytes = handle.read();
	if (typeof bytes === "string") throw new Error(bytes);
	const got: string[] = [];
	const format = {
		littleEndian: true,
		nanoseconds: false,
		linktype: 1,
		iface: 0,
	};
	walkRecords(handle.buffer, 0, bytes, format, (b, offset, captured) =>
		got.push(
			Buffer.from(b.subarray(offset, offset + captured)).toString("hex"),
		),
	);
	t.strictSame(got, [Buffer.from(FRAME).toString("hex")]);
	t.equal(
		lib.send("veth1", new Uint8Array(9000)),
		"veth1 takes no frame",
		"longer than its MTU",
	);
	await ip("link delete veth1");
	await waitFor("the interface's end", () => find("veth1") === undefined);
	t.equal(lib.send("veth1", FRAME), "veth1 is gone");
});

t.test("without the right to", async (t) => {
	const script = `import { loadLibpcap } from "${import.meta.dirname}/../../src/capture/libpcap.ts";
		const lib = loadLibpcap();
		console.log(lib.send("lo", new Uint8Array(60)));
		console.log(lib.interfaces().some(({ name }) => name === "lo"));`;
	const rights = ["--bounding-set=-all", "--inh-caps=-all"];
	const node = [process.execPath, "--input-type=module", "-e", script];
	const { stdout } = await run("/usr/bin/setpriv", [...rights, ...node], {
		env: environment,
	});
	t.equal(stdout, "no right to send frames (CAP_NET_RAW)\ntrue\n");
});
