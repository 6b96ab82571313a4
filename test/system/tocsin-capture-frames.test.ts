/** Frames of all sorts, live: tagged, raw, and those that stay in the kernel. */

import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import t from "tap";
import {
	A,
	ip,
	ipv4,
	onLink,
	P,
	S,
	STACK,
	TCP,
	tcp,
	UDP,
	udp,
} from "../wire/frames.ts";
import {
	addHost,
	enterSandbox,
	home,
	must,
	peer,
	privileged,
	runIn,
	start,
} from "./harness.ts";
import { startTocsin, type Told } from "./tocsin.ts";

enterSandbox(import.meta.url);

await must("/bin/mount", ["-t", "sysfs", "sysfs", "/sys"]);
const alice = await addHost("alice");

/** Sends frames, a hex line each, `times` over. */
const SEND = `import socket, sys
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind((sys.argv[1], 0))
frames = [bytes.fromhex(line.strip()) for line in sys.stdin]
for i in range(int(sys.argv[2])):
    for frame in frames:
        s.send(frame)
`;

async function send(frames: readonly Buffer[], times = 1): Promise<void> {
	const input = frames.map((frame) => frame.toString("hex")).join("\n");
	const args = ["-c", SEND, "eth0", String(times)];
	await must(peer("python3"), args, { at: alice, input });
}

/** With the checksum of its header (RFC 791), without which a bridge drops it. */
function summed(packet: Buffer): Buffer {
	let sum = 0;
	for (let i = 0; i < 20; i += 2) sum += packet.readUInt16BE(i);
	packet.writeUInt16BE(~((sum & 0xffff) + (sum >>> 16)) & 0xffff, 10);
	return packet;
}

const ends = { from: alice.ipv4, to: home.ipv4 };
const link = { from: alice.mac, to: "02:00:00:00:00:01" };
const dot1q = (id: number) => [0x8100, id] as const;
const dot1ad = (id: number) => [0x88a8, id] as const;
const syn = (dport: number) =>
	summed(
		ip(ends, TCP, tcp({ sport: 40_000, dport, flags: S, options: STACK })),
	);

const told = (port: number) => (one: Told) => one.destination?.port === port;

/** Packets that reached it, by its last words. */
const received = (all: Told[]): number =>
	Number(/stopped after (\d+) packets/.exec(all.at(-1)?.message)?.[1]);

t.test("the VLAN of a tagged frame", async (t) => {
	const tocsin = await startTocsin();
	await send([
		onLink(1, syn(23), { ...link, tags: [dot1q(10)] }),
		onLink(1, syn(79), { ...link, tags: [dot1ad(30), dot1q(40)] }),
		onLink(1, syn(21), link),
	]);
	for (const [port, vlan] of [
		[23, { id: "10" }],
		[79, { id: "30" }],
		[21, undefined],
	] as const) {
		const { network, observer } = await tocsin.waitFor(
			`port ${port}`,
			told(port),
		);
		t.strictSame(network.vlan, vlan);
		t.equal(observer.ingress.interface.name, "lan0");
	}
	await tocsin.finish();
});

t.test("tagged downloads stay in the kernel", async (t) => {
	const tocsin = await startTocsin(["-i", "lan0"]);
	const data = Buffer.alloc(1_000);
	const segment = tcp({ sport: 5_001, dport: 40_000, flags: A | P }, data);
	const bulk = [
		summed(ipv4({ ...ends, protocol: TCP, df: true }, segment)),
		summed(ip(ends, UDP, udp(5_001, 40_000, data))),
	];
	const tags = [[], [dot1q(10)], [dot1ad(30), dot1q(40)]];
	await send(
		tags.flatMap((tag) =>
			bulk.map((packet) => onLink(1, packet, { ...link, tags: tag })),
		),
		1_000,
	);
	await send([onLink(1, syn(23), link)]);
	await tocsin.waitFor("what follows", told(23));
	const count = received(await tocsin.finish());
	t.ok(count < 200, `${count} of 6,000 packets`);
});

/** Takes a connection's bytes; resolves to their number. */
async function sink(port: number): Promise<{ bytes: Promise<number> }> {
	let bytes = 0;
	const server = createServer().listen(port, home.ipv4);
	await once(server, "listening");
	const done = once(server, "connection").then(async ([socket]) => {
		socket.on("data", (chunk: Buffer) => {
			bytes += chunk.length;
		});
		await once(socket, "end");
		socket.end();
		server.close();
		return bytes;
	});
	return { bytes: done };
}

t.test(
	"100 MB by TCP and a UDP stream reach us as a few packets",
	async (t) => {
		const tocsin = await startTocsin(["-i", "lan0"]);
		const { bytes } = await sink(5_001);
		const upload = `const s = require("node:net").connect(5001, "${home.ipv4}");
		const chunk = Buffer.alloc(1e6);
		let left = 100;
		const more = () => { if (left-- > 0) s.write(chunk, more); else s.end(); };
		s.on("connect", more).resume()`;
		await runIn(alice, process.execPath, ["-e", upload], { timeout: 30_000 });
		t.equal(await bytes, 100e6);
		const receiver = await start(
			process.execPath,
			[
				"-e",
				'require("node:dgram").createSocket("udp4").bind(5002, () => console.log("ready"))',
			],
			(_, output) => output.includes("ready"),
		);
		const frame = onLink(
			1,
			summed(ip(ends, UDP, udp(5_003, 5_002, Buffer.alloc(1_200)))),
			link,
		);
		await send([frame], 20_000);
		await receiver.stop();
		await send([onLink(1, syn(23), link)]);
		await tocsin.waitFor("what follows", told(23));
		const all = await tocsin.finish();
		t.ok(received(all) < 200, all.at(-1)?.message);
	},
);

t.test(
	"a bound UDP port that stays silent is no probe, an unbound one is",
	async (t) => {
		const tocsin = await startTocsin(["-i", "lan0", "udp:514", "udp:515"]);
		const receiver = await start(
			process.execPath,
			[
				"-e",
				'const d = require("node:dgram"); d.createSocket("udp4").bind(514, () => d.createSocket("udp4").bind(515, "127.0.0.1", () => console.log("ready")))',
			],
			(_, output) => output.includes("ready"),
		);
		const datagram = (port: number) =>
			onLink(
				1,
				summed(ip(ends, UDP, udp(4_000, port, Buffer.from("<13>hello")))),
				link,
			);
		await send([datagram(514), datagram(515)]);
		await tocsin.waitFor(
			"a probe of what is bound to loopback only",
			told(515),
		);
		await receiver.stop();
		const all = await tocsin.finish();
		t.strictSame(all.filter(told(514)), []);
		const later = await startTocsin(["-i", "lan0", "udp:514"]);
		await send([datagram(514)]);
		await later.waitFor("a probe", told(514));
		await later.finish();
	},
);

/** Plugs in a tun device, and puts a packet into it once a file is there. */
const TUN = `import fcntl, os, struct, sys, time
f = open("/dev/net/tun", "r+b", buffering=0)
fcntl.ioctl(f, 0x400454ca, struct.pack("16sH", b"tun9", 0x1001))
print("ready", flush=True)
while not os.path.exists("/tmp/go"):
    time.sleep(0.01)
f.write(bytes.fromhex(sys.argv[1]))
time.sleep(9)
`;

if (privileged)
	t.test("raw IP, of a tunnel", async (t) => {
		await must("/bin/mkdir", ["-p", "/dev/net"]);
		await must("/bin/mknod", ["/dev/net/tun", "c", "10", "200"]);
		const probing = tcp({ sport: 40_000, dport: 23, flags: S, options: STACK });
		const tunnel = { from: "10.66.0.9", to: "10.66.0.1" };
		const packet = summed(ip(tunnel, TCP, probing));
		const sender = await start(
			peer("python3"),
			["-c", TUN, packet.toString("hex")],
			(_, output) => output.includes("ready"),
		);
		await must(peer("ip"), ["-batch", "-"], {
			input: "address add 10.66.0.1/24 dev tun9\nlink set tun9 up",
		});
		const tocsin = await startTocsin(["-i", "tun9"]);
		writeFileSync("/tmp/go", "");
		const probe = await tocsin.waitFor("a probe", told(23));
		t.match(probe, {
			source: { ip: "10.66.0.9" },
			destination: { ip: "10.66.0.1" },
		});
		t.notOk(probe.source.mac);
		await sender.stop();
		await tocsin.finish();
	});
else t.pass("raw IP: only root may make a tunnel's device node");
